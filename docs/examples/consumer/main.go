// Command consumer keeps a copy of a view of livret: an example of how to follow its feed. The copy and the place up to
// which it was read are written together, so that it is exact whenever the program is killed; a database would do both in
// one transaction.
//
//	LIVRET_FEED=https://…/feed/family LIVRET_TOKEN=livret_… go run ./docs/examples/consumer copy.json
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

// copied is what is kept: the place, and the last document of each subject.
type copied struct {
	After    string                     `json:"after"`
	Subjects map[string]json.RawMessage `json:"subjects"`
}

// event is what this program reads of a CloudEvent.
type event struct {
	Type, Subject, After string
	Data                 json.RawMessage
}

func main() {
	kept := copied{Subjects: map[string]json.RawMessage{}}
	if content, err := os.ReadFile(os.Args[1]); err == nil {
		if err := json.Unmarshal(content, &kept); err != nil {
			log.Fatal(err)
		}
	}
	for { // the connection ends now and then: go on from the place
		err := follow(&kept)
		if log.Print(err); errors.Is(err, errStartOver) {
			kept = copied{Subjects: map[string]json.RawMessage{}}
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// errStartOver says that the place is none any more: the view has another version.
var errStartOver = errors.New("the feed begins anew")

func follow(kept *copied) error {
	request, err := http.NewRequest(http.MethodGet, os.Getenv("LIVRET_FEED"), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("LIVRET_TOKEN"))
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Last-Event-ID", kept.After)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusGone:
		return errStartOver
	default:
		return errors.New(response.Status)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 16<<20) // a livret has 20 kB
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return err
		}
		kept.After, kept.Subjects[e.Subject] = e.After, e.Data
		if !strings.HasSuffix(e.Type, ".present") { // archived, shredded or withdrawn: it is not ours to keep
			delete(kept.Subjects, e.Subject)
		}
		if err := save(kept); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), errors.New("the stream ended"))
}

// save replaces the copy in one step.
func save(kept *copied) error {
	content, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(os.Args[1]+".new", content, 0o600), os.Rename(os.Args[1]+".new", os.Args[1]))
}

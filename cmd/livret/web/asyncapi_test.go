package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"livret/eventstore/ledger"
)

var update = flag.Bool("update", false, "write docs/asyncapi.json anew")

// The description that the repository publishes is the one that this code makes. go test ./cmd/livret/web -run AsyncAPI -update
func TestTheAsyncAPIDocumentIsUpToDate(t *testing.T) {
	const published = "../../../docs/asyncapi.json"
	made, err := asyncAPI()
	if err != nil {
		t.Fatal(err)
	}
	made = append(made, '\n')
	if *update {
		if err := os.WriteFile(published, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(published)
	if err != nil || !bytes.Equal(kept, made) {
		t.Errorf("docs/asyncapi.json is not what the code makes (%v): run this test with -update, and look at the difference", err)
	}
}

// Every event as it is kept today is what its schema says.
func TestTheSchemasOfEventsHoldForTheGoldenOnes(t *testing.T) {
	vocabulary, err := ledger.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	registry, checked := schemas(), 0
	for _, kind := range vocabulary.Kinds() {
		files, err := filepath.Glob(fmt.Sprintf("../../../domain/*/testdata/events/%s.v%d*.json", kind.Type, kind.Schema))
		if err != nil {
			t.Fatal(err)
		}
		schema := registry.Schema(reflect.TypeOf(kind.Sample), true, "")
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var value any
			if err := json.Unmarshal(content, &value); err != nil {
				t.Fatal(err)
			}
			var result huma.ValidateResult
			huma.Validate(registry, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, &result)
			for _, fault := range result.Errors {
				t.Errorf("%s: %v", kind.Type, fault)
			}
			checked++
		}
	}
	if checked < 90 {
		t.Errorf("only %d golden events were found", checked)
	}
}

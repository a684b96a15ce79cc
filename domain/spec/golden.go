package spec

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"livret/domain"
)

var update = flag.Bool("update", false, "write the golden files of events anew")

// goldenDir is where the golden files of a package's events are, from that package's folder.
const goldenDir = "testdata/events"

// Golden holds a catalogue to the bytes that ledgers keep of it. Each kind has one sample, and one file per
// schema version it ever had, testdata/events/<type>.v<version>.json: the sample is written as the current
// file to the byte, and every file, old ones included, reads as an event. Run the test with -update after a
// new type or version; a file that changes otherwise is a ledger that can no longer be read.
func Golden(t *testing.T, kinds []domain.Kind, samples ...domain.Event) {
	t.Helper()
	codec, err := domain.NewCodec(kinds)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]domain.Event{}
	for _, sample := range samples {
		if _, twice := of[sample.EventType()]; twice {
			t.Errorf("%s has two samples", sample.EventType())
		}
		of[sample.EventType()] = sample
	}
	current := map[string]bool{}
	for _, kind := range kinds {
		sample, ok := of[kind.Type]
		if !ok {
			t.Errorf("%s has no sample", kind.Type)
			continue
		}
		name := fmt.Sprintf("%s.v%d.json", kind.Type, kind.Schema)
		current[name] = true
		goldenSample(t, codec, filepath.Join(goldenDir, name), sample)
	}
	files, err := filepath.Glob(filepath.Join(goldenDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !current[filepath.Base(file)] {
			goldenOld(t, codec, file)
		}
	}
}

// goldenSample holds a sample to its file, both ways.
func goldenSample(t *testing.T, codec *domain.Codec, file string, sample domain.Event) {
	t.Helper()
	eventType, schema, data, err := codec.Encode(sample)
	if err != nil {
		t.Error(err)
		return
	}
	data = append(data, '\n')
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%s has no golden file, run with -update: %v", eventType, err)
		return
	}
	if string(data) != string(want) {
		t.Errorf("%s is written\n%sand the golden file says\n%s", eventType, data, want)
	}
	if got, err := codec.Decode(eventType, schema, want); err != nil || !reflect.DeepEqual(got, sample) {
		t.Errorf("%s reads as %+v (error %v), want %+v", file, got, err, sample)
	}
}

// goldenOld reads a file of a schema version that is no longer written.
func goldenOld(t *testing.T, codec *domain.Codec, file string) {
	t.Helper()
	name, isJSON := strings.CutSuffix(filepath.Base(file), ".json")
	eventType, version, versioned := cutLast(name, ".v")
	schema, err := strconv.ParseUint(version, 10, 16)
	if !isJSON || !versioned || err != nil {
		t.Errorf("%s is not named <type>.v<version>.json", file)
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := codec.Decode(eventType, uint16(schema), data); err != nil {
		t.Errorf("%s can no longer be read: %v", file, err)
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

package eventjson_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/eventjson"
	"livret/domain/mark"
	"livret/domain/spec"
)

// sample has a field of every kind that a scanner reads.
type sample struct {
	Small uint8     `json:"small"`
	Mid   uint16    `json:"mid,omitempty"`
	Big   uint64    `json:"big"`
	Yes   bool      `json:"yes"`
	Text  string    `json:"text"`
	ID    uuid.UUID `json:"id"`
	Mark  mark.Mark `json:"mark"`
}

func (sample) EventType() string { return "test.Sample" }

func (e *sample) ReadEvent(data []byte) error {
	s := e.scan(data)
	return eventjson.Finish(&s, data, e)
}

func (e *sample) scan(data []byte) eventjson.Scanner {
	s := eventjson.Scan(data)
	s.Skip(`{"small":`)
	e.Small = s.Uint8()
	if s.May(`,"mid":`) {
		e.Mid = s.Uint16()
	}
	s.Skip(`,"big":`)
	e.Big = s.Uint(1<<64 - 1)
	s.Skip(`,"yes":`)
	e.Yes = s.Bool()
	s.Skip(`,"text":`)
	e.Text = s.Text()
	s.Skip(`,"id":`)
	e.ID = s.UUID()
	s.Skip(`,"mark":`)
	e.Mark = s.Mark()
	s.Skip(`}`)
	return s
}

const id = `"6f0d2c1e-6d4e-4b57-9d3e-0b9c2b8a1f11"`

// What json.Marshal writes is read by the scanner itself, not by the strict reader behind it.
func TestFastForm(t *testing.T) {
	for _, want := range []sample{
		{},
		{Small: 255, Mid: 65535, Big: 1<<53 + 1, Yes: true, Text: "Élève « sérieuse » 😀", ID: uuid.Max, Mark: mark.Must(mark.Hundredths(2000))},
		{Small: 10, Text: "S", Mark: mark.Dispensed()},
	} {
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got sample
		s := got.scan(data)
		s.May("the end")
		if got != want {
			t.Errorf("%s reads as %+v", data, got)
		}
		type slow struct{ sample } // no strict reader can read into it: only the fast form passes
		if err := eventjson.Finish(&s, []byte("not JSON"), &slow{}); err != nil {
			t.Errorf("%s is not read fast", data)
		}
	}
}

func TestOtherForms(t *testing.T) {
	kind := domain.Define[sample](1)
	tail := `,"big":1,"yes":false,"text":"a","id":` + id + `,"mark":1250}`
	for data, accepted := range map[string]bool{
		`{"small":7` + tail:               true,
		` {"small": 7` + tail + "\n":      true,
		`{"small":7,"mid":0` + tail:       true,
		`{"big":1,"small":7}`:             true,
		`{"SMALL":7}`:                     true,
		`{"small":7,"small":8}`:           true,
		`{"small":null}`:                  true,
		`null`:                            true,
		`{}`:                              true,
		`{"text":"\u00e9\n\ud83d\ude00"}`: true,
		`{"text":"` + "\xff" + `"}`:       true, // as U+FFFD
		`{"id":"urn:uuid:` + id[1:] + `}`: true,
		`{"big":18446744073709551615}`:    true,
		`{"big":18446744073709551616}`:    false,
		`{"small":256` + tail:             false,
		`{"small":007` + tail:             false,
		`{"small":7.0` + tail:             false,
		`{"small":-7` + tail:              false,
		`{"small":7` + tail + `,`:         false,
		`{"small":7` + tail + `{}`:        false,
		`{"small":7,"other":1` + tail:     false,
		`{"text":"` + "\n" + `"}`:         false,
		`{"text":"`:                       false,
		`{"id":"6f0d2c1e"}`:               false,
		`{"mark":2001}`:                   false,
		`{"yes":1}`:                       false,
		``:                                false,
		`{`:                               false,
	} {
		if got := spec.SameReading(t, kind, []byte(data)); got != accepted {
			t.Errorf("%s: accepted is %v", data, got)
		}
	}
}

func FuzzScanner(f *testing.F) {
	f.Add([]byte(`{"small":7,"mid":1,"big":1,"yes":true,"text":"é","id":` + id + `,"mark":1250}`))
	f.Add([]byte(`{"small":7,"big":1,"yes":false,"text":"\u00e9","id":` + id + `,"mark":"absent"}`))
	kind := domain.Define[sample](1)
	f.Fuzz(func(t *testing.T, data []byte) { spec.SameReading(t, kind, data) })
}

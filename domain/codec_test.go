package domain_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"livret/domain"
)

// weighed is an event that changed its shape once: version 1 kept kilograms, {"kg": 61}, and version 2 keeps
// grams. The type is the present one; the past lives in its upcaster, which works on JSON only and so needs
// no old type.
type weighed struct {
	Grams uint64 `json:"grams"`
}

func (weighed) EventType() string { return "test.Weighed" }

func gramsFromKilograms(old json.RawMessage) (json.RawMessage, error) {
	var v1 struct {
		Kg uint64 `json:"kg"`
	}
	if err := domain.ReadStrict(old, &v1); err != nil {
		return nil, err
	}
	return json.Marshal(weighed{Grams: 1000 * v1.Kg})
}

// felt stands for any other event.
type felt struct{}

func (felt) EventType() string { return "test.Felt" }

// impostor bears the name of another type.
type impostor struct{}

func (impostor) EventType() string { return "test.Weighed" }

func codec(t *testing.T) *domain.Codec {
	t.Helper()
	c, err := domain.NewCodec([]domain.Kind{domain.Define[weighed](2, gramsFromKilograms)}, []domain.Kind{domain.Define[felt](1)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestUpcaster(t *testing.T) {
	c := codec(t)
	for schema, data := range map[uint16]string{1: `{"kg":61}`, 2: `{"grams":61000}`} {
		got, err := c.Decode("test.Weighed", schema, []byte(data))
		if want := (weighed{Grams: 61000}); err != nil || got != want {
			t.Errorf("version %d reads as %v (error %v), want %v", schema, got, err, want)
		}
	}
	name, schema, data, err := c.Encode(weighed{Grams: 61000})
	if name != "test.Weighed" || schema != 2 || string(data) != `{"grams":61000}` || err != nil {
		t.Errorf("written as %s version %d %s (error %v)", name, schema, data, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	c := codec(t)
	for _, tc := range []struct {
		name      string
		eventType string
		schema    uint16
		data      string
		is        error
	}{
		{"a name it does not know", "test.Heard", 1, `{}`, domain.ErrUnknownType},
		{"the same name in other letters", "test.weighed", 2, `{"grams":1}`, domain.ErrUnknownType},
		{"a schema of the future", "test.Weighed", 3, `{"grams":1}`, domain.ErrUnknownSchema},
		{"schema zero", "test.Weighed", 0, `{"grams":1}`, domain.ErrUnknownSchema},
		{"a field it does not know", "test.Weighed", 2, `{"grams":1,"secret":"Rose"}`, nil},
		{"a field of the present in the past", "test.Weighed", 1, `{"grams":1}`, nil},
		{"a field of the past in the present", "test.Weighed", 2, `{"kg":1}`, nil},
		{"bytes after the event", "test.Weighed", 2, `{"grams":1}{}`, nil},
		{"half an event", "test.Weighed", 2, `{"grams":1`, nil},
		{"nothing", "test.Weighed", 2, ``, nil},
		{"a number that does not fit", "test.Weighed", 2, `{"grams":-1}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			event, err := c.Decode(tc.eventType, tc.schema, []byte(tc.data))
			if err == nil || event != nil {
				t.Fatalf("reads as %v (error %v)", event, err)
			}
			if tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("error is %v, want %v", err, tc.is)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "Rose") {
				t.Errorf("error quotes the content: %v", err)
			}
		})
	}
}

func TestEncodeRefusesWhatIsNotOfTheCatalogue(t *testing.T) {
	if _, _, _, err := codec(t).Encode(impostor{}); !errors.Is(err, domain.ErrUnknownType) {
		t.Errorf("another type under a known name: error is %v", err)
	}
	if _, _, _, err := codec(t).Encode(&weighed{}); !errors.Is(err, domain.ErrUnknownType) {
		t.Errorf("a pointer, which no fold would recognise: error is %v", err)
	}
}

func TestCatalogueMistakes(t *testing.T) {
	for name, kinds := range map[string][]domain.Kind{
		"a name twice":         {domain.Define[felt](1), domain.Define[felt](1)},
		"a missing upcaster":   {domain.Define[weighed](2)},
		"an upcaster too many": {domain.Define[felt](1, gramsFromKilograms)},
		"schema zero":          {domain.Define[felt](0)},
	} {
		if c, err := domain.NewCodec(kinds); err == nil {
			t.Errorf("%s is accepted: %v", name, c.Kinds())
		}
	}
}

func TestKinds(t *testing.T) {
	var names []string
	for _, kind := range codec(t).Kinds() {
		names = append(names, kind.Type)
		if reflect.TypeOf(kind.Sample).Kind() == reflect.Pointer || kind.Sample.EventType() != kind.Type {
			t.Errorf("sample of %s is %#v", kind.Type, kind.Sample)
		}
	}
	if len(names) != 2 {
		t.Errorf("kinds are %v", names)
	}
}

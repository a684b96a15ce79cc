package spec

import (
	"reflect"
	"testing"

	"livret/domain"
)

// SameReading holds the fast reader of a kind to domain.ReadStrict: whatever the bytes, both accept them or
// both refuse them, and what they accept is the same event. It answers whether they accepted. A kind without
// fast reader is an error: use it for catalogues where every event has one.
func SameReading(t *testing.T, kind domain.Kind, data []byte) bool {
	t.Helper()
	fast, strict := reflect.New(reflect.TypeOf(kind.Sample)), reflect.New(reflect.TypeOf(kind.Sample))
	reader, ok := fast.Interface().(domain.FastReader)
	if !ok {
		t.Errorf("%s has no fast reader", kind.Type)
		return false
	}
	errFast, errStrict := reader.ReadEvent(data), domain.ReadStrict(data, strict.Interface())
	switch {
	case (errFast == nil) != (errStrict == nil):
		t.Errorf("%s %q: the fast reader answers %v, the strict one %v", kind.Type, data, errFast, errStrict)
	case errFast == nil && !reflect.DeepEqual(fast.Interface(), strict.Interface()):
		t.Errorf("%s %q: the fast reader makes %+v, the strict one %+v", kind.Type, data, fast.Elem(), strict.Elem())
	}
	return errFast == nil
}

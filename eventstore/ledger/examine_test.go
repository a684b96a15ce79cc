package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/uuid"

	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/ledger"
)

// long is a ledger of some 1,500 events in many streams.
func long(t *testing.T) *fixture {
	t.Helper()
	f := open(t)
	for range 30 {
		id := f.livret(t)
		for n := range 48 {
			e := maths
			e.Rank = uint8(1 + n/3)
			m := average(t, uint8(1+n%3), 100*(n%20))
			m.Enseignement = e
			f.do(t, f.order(), id, m)
		}
	}
	return f
}

// dying is a store whose reader is killed after some events.
type dying struct {
	eventstore.Store
	after int
}

var errKilled = errors.New("killed")

func (s dying) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		left := s.after
		for e, err := range s.Store.Read(ctx, after) {
			if left--; left < 0 {
				yield(eventstore.Envelope{}, errKilled)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// TestACheckGoesOnFromWhereItWasKilled kills a check anywhere, and goes on with what it had saved: the outcome is that
// of one that was not, and what was opened is not opened again.
func TestACheckGoesOnFromWhereItWasKilled(t *testing.T) {
	f := long(t)
	all := f.envelopes(t)
	all[40].Sealed = slices.Clone(all[40].Sealed)
	all[40].Sealed[50] ^= 1 // a fault in what will be known already
	store := rewritten{f.store, all, nil}
	want, err := f.over(t, store, f.vault).Check(t.Context())
	if err != nil || len(want.Faults) != 1 || want.Opened != len(all) || want.Events != len(all) || want.Faults[0].Event != 41 {
		t.Fatalf("%+v, %v", want, err)
	}
	spared := 0
	for _, after := range []int{0, 1, 255, 256, 257, 700, 1100, len(all) - 1} {
		var saved []byte
		x := ledger.Examination{Every: 1, Save: func(r ledger.Reached) (err error) { saved, err = json.Marshal(r); return err }}
		if _, err := f.over(t, dying{store, after}, f.vault).Examine(t.Context(), x); !errors.Is(err, errKilled) {
			t.Fatalf("killed after %d: %v", after, err)
		}
		x = ledger.Examination{}
		if saved != nil {
			if err := json.Unmarshal(saved, &x.Before); err != nil {
				t.Fatal(err)
			}
		}
		got, err := f.over(t, store, f.vault).Examine(t.Context(), x)
		spared += got.Resumed
		if got.Resumed = 0; err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("killed after %d: %+v, %v, want %+v", after, got, err, want)
		}
		if !x.Before.Has(0) {
			continue
		}
		changed := slices.Clone(all)
		changed[7].Commit[0] ^= 1
		got, err = f.over(t, rewritten{f.store, changed, nil}, f.vault).Examine(t.Context(), x)
		if err != nil || !slices.ContainsFunc(got.Faults, func(x ledger.Fault) bool { return x.Nature == ledger.FaultChanged && x.Event == 1 && x.Through == 256 }) ||
			!slices.ContainsFunc(got.Faults, func(x ledger.Fault) bool { return x.Nature == ledger.FaultContent && x.Event == 8 }) || len(got.Faults) != 3 {
			t.Errorf("changed since: %+v, %v", got.Faults, err)
		}
	}
	if spared == 0 {
		t.Error("everything was opened again")
	}
}

// TestASubsetSaysWhatItDidNotSee samples streams: those outside of it are read and not opened, and counted.
func TestASubsetSaysWhatItDidNotSee(t *testing.T) {
	f := long(t)
	all := f.envelopes(t)
	for i := range all {
		if all[i].Stream.Category() == record.Category {
			all[i].Sealed = slices.Clone(all[i].Sealed)
			all[i].Sealed[50] ^= 1
		}
	}
	l := f.over(t, rewritten{f.store, all, nil}, f.vault)
	seeds := make(map[string]bool)
	for n := range 20 {
		subset := &ledger.Subset{Percent: 20, Seed: ledger.Seed(uuid.UUID{byte(n)})}
		got, err := l.Examine(t.Context(), ledger.Examination{Subset: subset})
		if err != nil || got.Events != len(all) || got.Opened+got.Unopened != got.Events || got.Unopened == 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		records := 0
		for _, fault := range got.Faults {
			if !subset.Has(fault.Stream) {
				t.Errorf("%v is outside of the subset", fault)
			}
			records++
		}
		again, err := l.Examine(t.Context(), ledger.Examination{Subset: subset})
		if err != nil || fmt.Sprint(again) != fmt.Sprint(got) {
			t.Errorf("the same seed draws another subset: %v", err)
		}
		seeds[fmt.Sprint(records, got.Faults)] = true
	}
	if len(seeds) < 10 {
		t.Errorf("twenty seeds draw %d subsets", len(seeds))
	}
	for text, want := range map[string]float64{"10%": 10, "0.5%": 0.5, "10": 0, "0%": 0, "100%": 0, "-1%": 0, "x%": 0, "NaN%": 0, "": 0} {
		if got, err := ledger.ParseShare(text); got != want || (want == 0) != errors.Is(err, ledger.ErrSubset) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// breaking is a store of which some events can not be read, as a damaged file is.
type breaking struct {
	eventstore.Store
	envelopes []eventstore.Envelope
	broken    map[uint64]uint64 // from, through: by number, from 1
}

func (s breaking) Read(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for i := range s.envelopes {
			n := uint64(i + 1)
			if s.envelopes[i].Position.Compare(after) <= 0 {
				continue
			}
			if through, ok := s.broken[n]; ok {
				yield(eventstore.Envelope{}, &eventstore.DamagedError{N: n, Through: through, Position: s.envelopes[through-1].Position, Missing: through > n, How: "its checksum is wrong"})
				return
			}
			if !yield(s.envelopes[i], nil) {
				return
			}
		}
	}
}

// TestEveryDamageIsListed reads on behind each damage.
func TestEveryDamageIsListed(t *testing.T) {
	f := long(t)
	all := f.envelopes(t)
	got, err := f.over(t, breaking{f.store, all, map[uint64]uint64{3: 3, 320: 330, uint64(len(all)): uint64(len(all))}}, f.vault).Check(t.Context())
	if err != nil || got.Events != len(all)-13 {
		t.Fatalf("%+v, %v", got, err)
	}
	found := make(map[ledger.Nature][]ledger.Fault)
	for _, fault := range got.Faults {
		found[fault.Nature] = append(found[fault.Nature], fault)
	}
	damaged, missing := found[ledger.FaultDamaged], found[ledger.FaultMissing]
	if len(damaged) != 2 || damaged[0].Event != 3 || damaged[1].Event != int64(len(all)) || len(missing) != 1 || missing[0].Event != 320 || missing[0].Through != 330 {
		t.Errorf("found %+v", got.Faults)
	}
	if len(found[ledger.FaultSequence]) == 0 || len(found) != 3 {
		t.Errorf("found %+v", got.Faults)
	}
}

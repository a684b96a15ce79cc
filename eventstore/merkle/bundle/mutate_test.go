package bundle_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"livret/eventstore"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/bundle"
)

// mutation turns bytes into changes of an archive, field by field, by one who then makes all sums again.
type mutation struct {
	b    *bundle.Bundle
	left []byte
}

func (m *mutation) next(below int) int {
	if below <= 0 || len(m.left) == 0 {
		return 0
	}
	n := int(m.left[0])
	m.left = m.left[1:]
	return n % below
}

func (m *mutation) stream() eventstore.StreamID {
	streams := slices.Sorted(maps.Keys(m.b.Events))
	if len(streams) == 0 {
		return ""
	}
	return streams[m.next(len(streams))]
}

func (m *mutation) flip(b []byte) {
	if len(b) > 0 {
		at := m.next(256)<<8 | m.next(256)
		b[at%len(b)] ^= 1 << m.next(8)
	}
}

// apply does one change after another, as long as there are bytes.
func (m *mutation) apply() {
	for len(m.left) > 0 {
		op, stream := m.next(18), m.stream()
		events := m.b.Events[stream]
		var e, o *bundle.Proven
		if len(events) > 0 {
			e, o = &events[m.next(len(events))], &events[m.next(len(events))]
		}
		switch {
		case op == 0 && e != nil:
			m.flip(e.Leaf)
		case op == 1 && e != nil:
			m.flip(e.Opening)
		case op == 2 && e != nil && len(e.Proof) > 0:
			m.flip(e.Proof[m.next(len(e.Proof))][:])
		case op == 3 && e != nil:
			*e, *o = *o, *e
		case op == 4 && e != nil:
			e.Leaf, o.Leaf = o.Leaf, e.Leaf
		case op == 5 && e != nil:
			e.Opening, o.Opening = o.Opening, e.Opening
		case op == 6 && e != nil:
			e.Index += int64(m.next(5)) - 2
		case op == 7 && e != nil:
			e.Proof = e.Proof[:m.next(len(e.Proof)+1)]
		case op == 8 && e != nil:
			at := m.next(len(events))
			m.b.Events[stream] = slices.Delete(events, at, at+1)
		case op == 9 && e != nil:
			m.b.Events[stream] = slices.Insert(events, m.next(len(events)), *e)
		case op == 10:
			for _, size := range slices.Sorted(maps.Keys(m.b.Checkpoints)) {
				if m.next(2) == 1 {
					m.flip(m.b.Checkpoints[size])
				}
			}
		case op == 11 && len(m.b.Dossier.Streams) > 0:
			s := &m.b.Dossier.Streams[m.next(len(m.b.Dossier.Streams))]
			s.Last = uint64(int64(s.Last) + int64(m.next(5)) - 2)
		case op == 12 && len(m.b.Dossier.Streams) > 0:
			at := m.next(len(m.b.Dossier.Streams))
			delete(m.b.Events, m.b.Dossier.Streams[at].Stream)
			m.b.Dossier.Streams = slices.Delete(m.b.Dossier.Streams, at, at+1)
		case op == 13:
			m.b.Dossier.Size += int64(m.next(5)) - 2
		case op == 14 && len(m.b.Dossier.Views) > 0:
			m.flip(m.b.Others[m.b.Dossier.Views[0].File])
		case op == 15 && len(m.b.Dossier.Views) > 0:
			m.b.Dossier.Views[0].Event.Sequence += uint64(m.next(3))
		case op == 16 && stream != "":
			m.b.Dossier.Destroyed = append(m.b.Dossier.Destroyed, string(stream))
		case op == 17 && len(m.b.Dossier.Consistency) > 0:
			link := &m.b.Dossier.Consistency[0]
			if link.From += int64(m.next(3)) - 1; len(link.Proof) > 0 {
				m.flip(link.Proof[m.next(len(link.Proof))][:])
			}
		}
	}
}

// mutated is an archive after some changes, its sums made again; nil if it can not be written.
func mutated(t *testing.T, file, changes []byte) []byte {
	t.Helper()
	b, _, err := bundle.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	m := mutation{b, changes}
	m.apply()
	var out bytes.Buffer
	if b.Write(&out) != nil {
		return nil
	}
	return out.Bytes()
}

// truthful fails unless all that an archive shows is what another shows: it may show less, and nothing else.
func truthful(t *testing.T, file, original []byte) {
	t.Helper()
	shown, _, err := bundle.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	known, _, err := bundle.Read(bytes.NewReader(original), int64(len(original)))
	if err != nil {
		t.Fatal(err)
	}
	for stream, events := range shown.Events {
		for i, e := range events {
			if i >= len(known.Events[stream]) {
				t.Fatalf("%s has event %d more", stream, i+1)
			}
			o := known.Events[stream][i]
			if !bytes.Equal(e.Leaf, o.Leaf) || e.Opening != nil && !bytes.Equal(e.Opening, o.Opening) || e.Index != o.Index {
				t.Fatalf("%s: event %d is another", stream, i+1)
			}
		}
	}
	for size, note := range shown.Checkpoints {
		if !bytes.Equal(merkle.Bare(note), merkle.Bare(known.Checkpoints[size])) {
			t.Fatalf("the checkpoint of %d leaves is another", size)
		}
	}
	for _, view := range shown.Dossier.Views {
		if !bytes.Equal(shown.Others[view.File], known.Others[view.File]) {
			t.Fatal("another view was shown")
		}
	}
}

// FuzzMutatedArchive changes fields and makes all sums again: what is found valid shows nothing that is not so.
func FuzzMutatedArchive(f *testing.F) {
	c := newCourt(f)
	file := write(f, c.archive())
	for op := range 18 {
		f.Add([]byte{byte(op), 1, 2, 3, 4, 5, 6})
	}
	f.Fuzz(func(t *testing.T, changes []byte) {
		changed := mutated(t, file, changes[:min(len(changes), 64)])
		if changed == nil {
			return
		}
		if verify(changed, &c.policy).Outcome == bundle.Valid {
			truthful(t, changed, file)
		}
	})
}

// TestBothVerifiersAgreeOnMutations has the second verifier judge some of these too: they agree on what is valid, and
// neither crashes, on files that are no archive at all either.
func TestBothVerifiersAgreeOnMutations(t *testing.T) {
	c := newCourt(t)
	file := write(t, c.archive())
	random := rand.New(rand.NewPCG(4, 7))
	files := map[string][]byte{"nothing": nil, "no zip": []byte(strings.Repeat("Madame, Monsieur, ", 50)), "cut": file[:len(file)/2], "twice": append(slices.Clone(file), file...)}
	for op := range 18 {
		for n := range 2 {
			changes := []byte{byte(op), byte(random.IntN(256)), byte(random.IntN(256)), byte(random.IntN(256)), byte(random.IntN(256)), byte(random.IntN(256)), byte(n)}[:7-2*n]
			if changed := mutated(t, file, changes); changed != nil {
				files[fmt.Sprint(changes)] = changed
			}
		}
	}
	valid := 0
	for name, changed := range files {
		first, second := verify(changed, &c.policy).Outcome, second(t, c, changed, true)
		if (first == bundle.Valid) != (second == bundle.Valid) {
			t.Errorf("%s: %s, and the second verifier says %s", name, first, second)
		}
		if first == bundle.Valid {
			valid++
			truthful(t, changed, file)
		}
	}
	t.Logf("%d of %d valid", valid, len(files))
	if valid > len(files)/2 {
		t.Errorf("%d of %d are valid: nothing was tried", valid, len(files))
	}
}

package merkle_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"livret/eventstore"
	"livret/eventstore/merkle"
)

// ledger is a log of events that a test may change behind the tree's back.
type ledger struct{ events []eventstore.Envelope }

func (l *ledger) grow(n int) {
	for range n {
		i := uint64(len(l.events) + 1)
		e := eventstore.Envelope{Sealed: binary.BigEndian.AppendUint64([]byte("sealed"), i)}
		e.Header = eventstore.Header{
			Ledger: uuid.UUID{1}, Stream: eventstore.Stream("record", uuid.UUID{2}), Sequence: eventstore.Version(i), Type: "record.Made",
			Schema: 1, Event: uuid.UUID{3, byte(i >> 8), byte(i)}, RecordedAt: time.Unix(int64(i), 0),
		}
		binary.BigEndian.PutUint64(e.Position[8:], i*10) // positions may have gaps
		l.events = append(l.events, e)
	}
}

func (l *ledger) Read(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for _, e := range l.events {
			if e.Position.Compare(after) > 0 && !yield(e, nil) {
				return
			}
		}
	}
}

func (l *ledger) leaves(t interface{ Fatal(...any) }) []merkle.Hash {
	var all []merkle.Hash
	for i := range l.events {
		leaf, err := l.events[i].Leaf()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, merkle.LeafHash(leaf))
	}
	return all
}

// root is RFC 6962, 2.1, word for word.
func root(leaves []merkle.Hash) merkle.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	left, right := root(leaves[:k]), root(leaves[k:])
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

func keys(t interface{ Fatal(...any) }) (note.Signer, note.Verifier) {
	skey, vkey, err := note.GenerateKey(rand.Reader, merkle.Origin(uuid.UUID{1}))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

func config(t interface{ Fatal(...any) }, dir string, l *ledger) merkle.Config {
	signer, verifier := keys(t)
	return merkle.Config{
		Dir: filepath.Join(dir, "tree"), Ledger: uuid.UUID{1}, Events: l, Anchor: &merkle.FileAnchor{Path: filepath.Join(dir, "anchor")},
		Signer: signer, Known: []note.Verifier{verifier},
	}
}

var noon = time.Date(2018, time.July, 5, 10, 0, 0, 0, time.UTC)

// However the tree grows, is closed and opened, its roots are those of the RFC, and its proofs hold for every leaf.
func TestTheTreeIsThatOfTheRFC(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "merkle")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		events := new(ledger)
		c := config(rt, dir, events)
		var signed []merkle.Checkpoint
		var log *merkle.Log
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			events.grow(rapid.SampledFrom([]int{0, 1, 2, 3, 100, 255, 256, 257, 600}).Draw(rt, "events"))
			if log, err = merkle.Open(rt.Context(), c); err != nil {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, "only extended") {
				if _, err := log.Extend(rt.Context()); err != nil {
					rt.Fatal(err)
				}
				continue
			}
			checkpoint, text, err := log.Checkpoint(rt.Context(), noon.Add(time.Duration(len(signed))*time.Hour))
			if err != nil {
				rt.Fatal(err)
			}
			if want := root(events.leaves(rt)); checkpoint.Root != want || checkpoint.Size != int64(len(events.events)) {
				rt.Fatalf("%d leaves: root %s, want %s", checkpoint.Size, checkpoint.Root, want)
			}
			if read, err := merkle.OpenCheckpoint(text, merkle.Origin(uuid.UUID{1}), c.Known...); err != nil || read != checkpoint {
				rt.Fatalf("the note reads %+v, %v", read, err)
			}
			signed = append(signed, checkpoint)
		}
		leaves := events.leaves(rt)
		for _, checkpoint := range signed {
			for range 5 {
				if checkpoint.Size == 0 {
					break
				}
				n := rapid.Int64Range(0, checkpoint.Size-1).Draw(rt, "leaf")
				proof, err := log.Inclusion(n, checkpoint.Size)
				if err != nil || !merkle.CheckInclusion(checkpoint, n, leaves[n], proof) {
					rt.Fatalf("leaf %d of %d is not proved: %v", n, checkpoint.Size, err)
				}
				if merkle.CheckInclusion(checkpoint, n, merkle.LeafHash([]byte("other")), proof) {
					rt.Fatal("another leaf is proved")
				}
			}
			if older := signed[0]; older.Size > 0 {
				proof, err := log.Consistency(older.Size, checkpoint.Size)
				if err != nil || !merkle.CheckConsistency(older, checkpoint, proof) {
					rt.Fatalf("%d does not continue %d: %v", checkpoint.Size, older.Size, err)
				}
			}
		}
	})
}

func TestWhatIsNotInTheTreeHasNoProof(t *testing.T) {
	events := new(ledger)
	events.grow(3)
	log, err := merkle.Open(t.Context(), config(t, t.TempDir(), events))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := log.Extend(t.Context()); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	for _, c := range [][2]int64{{3, 3}, {0, 4}, {-1, 3}, {2, 1}} {
		if _, err := log.Inclusion(c[0], c[1]); !errors.Is(err, merkle.ErrFuture) {
			t.Errorf("leaf %d of %d: %v", c[0], c[1], err)
		}
	}
	for _, c := range [][2]int64{{0, 3}, {3, 4}, {3, 2}} {
		if _, err := log.Consistency(c[0], c[1]); !errors.Is(err, merkle.ErrFuture) {
			t.Errorf("from %d to %d: %v", c[0], c[1], err)
		}
	}
}

// What was signed can not be signed otherwise: an older store, another one, an event changed in place, a tile.
func TestAForkIsNotSigned(t *testing.T) {
	open := func(t *testing.T, c merkle.Config) error {
		log, err := merkle.Open(t.Context(), c)
		if err != nil {
			return err
		}
		if _, _, err = log.Checkpoint(t.Context(), noon.Add(time.Hour)); err != nil {
			return err
		}
		if found := audit(t, c, c.Events.(*ledger)).Findings; len(found) > 0 {
			if found[0].Nature == merkle.NatureTile {
				return merkle.ErrDamaged
			}
			return fmt.Errorf("%w: %v", merkle.ErrForked, found)
		}
		return nil
	}
	for name, c := range map[string]struct {
		damage func(t *testing.T, c merkle.Config, l *ledger)
		want   error
	}{
		"an older store":            {func(_ *testing.T, _ merkle.Config, l *ledger) { l.events = l.events[:500] }, merkle.ErrForked},
		"an older store that grew":  {func(_ *testing.T, _ merkle.Config, l *ledger) { l.events = l.events[:500]; l.grow(400) }, nil},
		"an older store, otherwise": {func(_ *testing.T, _ merkle.Config, l *ledger) { l.events = l.events[:700]; l.events[699].Commit[0]++ }, merkle.ErrForked},
		"store and tree, older": {func(t *testing.T, c merkle.Config, l *ledger) {
			if err := os.RemoveAll(c.Dir); err != nil {
				t.Fatal(err)
			}
			l.events = l.events[:500]
		}, merkle.ErrForked},
		"another tree": {func(t *testing.T, c merkle.Config, l *ledger) {
			l.events[3].Commit[0]++
			if err := os.RemoveAll(c.Dir); err != nil {
				t.Fatal(err)
			}
			fresh := c
			fresh.Anchor = &merkle.FileAnchor{Path: filepath.Join(t.TempDir(), "anchor")}
			if err := open(t, fresh); err != nil {
				t.Fatal(err)
			}
		}, merkle.ErrForked},
		"a tile changed": {func(t *testing.T, c merkle.Config, l *ledger) {
			path := filepath.Join(c.Dir, "tile", "0", "000")
			tile, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			tile[7] ^= 1
			if err := os.WriteFile(path, tile, 0o600); err != nil {
				t.Fatal(err)
			}
		}, merkle.ErrDamaged},
		"a tile cut": {func(t *testing.T, c merkle.Config, l *ledger) {
			if err := os.Truncate(filepath.Join(c.Dir, "tile", "0", "001"), 100); err != nil {
				t.Fatal(err)
			}
		}, merkle.ErrDamaged},
		"an event changed after it was read": {func(t *testing.T, c merkle.Config, l *ledger) {
			l.grow(3)
			log, err := merkle.Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := log.Extend(t.Context()); err != nil {
				t.Fatal(err)
			}
			l.events[701].Sealed[0] ^= 1
		}, merkle.ErrForked},
		"another key": {func(t *testing.T, c merkle.Config, l *ledger) { _, c.Known[0] = keys(t) }, merkle.ErrCheckpoint},
	} {
		t.Run(name, func(t *testing.T) {
			events := new(ledger)
			events.grow(700)
			config := config(t, t.TempDir(), events)
			if err := open(t, config); err != nil {
				t.Fatal(err)
			}
			c.damage(t, config, events)
			if c.want == nil {
				return
			}
			if err := open(t, config); !errors.Is(err, c.want) {
				t.Errorf("signed: %v, want %v", err, c.want)
			}
		})
	}
}

func TestAsOfIsTheLastCheckpointBefore(t *testing.T) {
	events := new(ledger)
	log, err := merkle.Open(t.Context(), config(t, t.TempDir(), events))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := log.AsOf(noon); ok || err != nil {
		t.Error("a log without checkpoint has one", err)
	}
	var sizes []int64
	for day := range 3 {
		events.grow(day + 1)
		c, _, err := log.Checkpoint(t.Context(), noon.AddDate(0, 0, day))
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, c.Size)
		if _, again, err := log.Checkpoint(t.Context(), noon.AddDate(0, 1, day)); err != nil || !bytes.Contains(again, []byte(noon.AddDate(0, 0, day).Format("2006-01-02"))) {
			t.Errorf("nothing was added, and it is signed anew: %s %v", again, err)
		}
	}
	for instant, want := range map[time.Time]int64{
		noon: sizes[0], noon.Add(time.Hour): sizes[0], noon.AddDate(0, 0, 1): sizes[1], noon.AddDate(0, 0, 2).Add(-time.Microsecond): sizes[1], noon.AddDate(1, 0, 0): sizes[2],
	} {
		c, ok, err := log.AsOf(instant)
		if err != nil || !ok || c.Size != want || c.At != events.events[want-1].Position {
			t.Errorf("as of %s: %d leaves, want %d (%v)", instant, c.Size, want, err)
		}
	}
	if _, ok, err := log.AsOf(noon.Add(-1)); ok || err != nil {
		t.Error("before the first checkpoint there is one", err)
	}
}

// Killed between any two stages of a checkpoint, the tree goes on to the same root. What is written is written in
// this order: tiles, then how far they go, then the checkpoint, then the anchor.
func TestKilledAnywhere(t *testing.T) {
	stages := []func(name string) bool{
		func(name string) bool { return name == "anchor" },
		func(name string) bool { return strings.HasPrefix(name, "tree/checkpoints/") },
		func(name string) bool { return name == "tree/state.json" },
		func(name string) bool { return strings.HasPrefix(name, "tree/tile/0/") },
		func(name string) bool { return strings.HasPrefix(name, "tree/tile/") },
	}
	events := new(ledger)
	dir := t.TempDir()
	c := config(t, dir, events)
	for _, more := range []int{300, 0, 1, 211, 1, 300} {
		before := snapshot(t, dir)
		events.grow(more)
		want := checkpoint(t, c)
		after := snapshot(t, dir)
		for lost := range stages {
			if err := os.RemoveAll(c.Dir); err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(dir, "anchor"))
			reached := map[string][]byte{}
			for _, files := range []map[string][]byte{before, after} {
				for name, data := range files {
					undone := slices.ContainsFunc(stages[:lost+1], func(is func(string) bool) bool { return is(name) })
					if _, old := before[name]; !undone || old {
						if undone {
							data = before[name]
						}
						reached[name] = data
					}
				}
			}
			restore(t, dir, reached)
			if got := checkpoint(t, c); got != want {
				t.Errorf("%d more, killed before stage %d: %+v, want %+v", more, lost, got, want)
			}
		}
		restore(t, dir, after)
	}
}

func checkpoint(t *testing.T, c merkle.Config) merkle.Checkpoint {
	t.Helper()
	log, err := merkle.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	signed, _, err := log.Checkpoint(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if audited := audit(t, c, c.Events.(*ledger)); len(audited.Findings) > 0 || audited.Leaves != signed.Size {
		t.Fatalf("%+v", audited)
	}
	return signed
}

func snapshot(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func restore(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	signer, verifier := keys(f)
	good, err := merkle.Checkpoint{Origin: "livret/x", Size: 42, Root: merkle.Hash{1}, Time: noon}.Sign(signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(bytes.Replace(good, []byte("\n42\n"), []byte("\n042\n"), 1))
	f.Fuzz(func(t *testing.T, signed []byte) {
		c, err := merkle.OpenCheckpoint(signed, "livret/x", verifier)
		if err == nil && (c.Size != 42 || c.Root != merkle.Hash{1} || !c.Time.Equal(noon)) {
			t.Fatalf("forged: %+v", c)
		}
	})
}

func BenchmarkExtend(b *testing.B) {
	events := new(ledger)
	events.grow(b.N)
	log, err := merkle.Open(b.Context(), config(b, b.TempDir(), events))
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	if _, err := log.Extend(b.Context()); err != nil {
		b.Fatal(err)
	}
}

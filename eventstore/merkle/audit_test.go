package merkle_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"livret/eventstore/merkle"
)

// audit holds a log against its tree. Events without sealed bytes and digest are lost.
func audit(t testing.TB, c merkle.Config, l *ledger, others ...merkle.Kept) merkle.Audited {
	t.Helper()
	last, err := c.Anchor.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, err := merkle.NewAudit(merkle.AuditConfig{Dir: c.Dir, Ledger: c.Ledger, Known: c.Known, Anchor: merkle.Kept{Name: "anchor", Note: last}, Others: others})
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.events {
		e := &l.events[i]
		leaf, err := e.Leaf()
		if err != nil {
			t.Fatal(err)
		}
		if e.Sealed == nil {
			a.Lost(1)
			continue
		}
		a.Leaf(e.Position, merkle.LeafHash(leaf))
	}
	return a.End()
}

func edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[at] ^= 1; return b }
}

// An audit names what was changed, once, and where: the log, a tile, a checkpoint, the anchor, the state.
func TestAnAuditNamesWhatWasChanged(t *testing.T) {
	type world struct {
		merkle.Config
		*ledger
	}
	file := func(w world, name string) string { return filepath.Join(w.Dir, filepath.FromSlash(name)) }
	first, second := fmt.Sprintf("checkpoints/%020d-%032x", 700, 7000), fmt.Sprintf("checkpoints/%020d-%032x", 66300, 663000)
	dir := t.TempDir()
	original := new(ledger)
	signed := config(t, dir, original)
	log, err := merkle.Open(t.Context(), signed)
	if err != nil {
		t.Fatal(err)
	}
	for day, more := range []int{700, 66300 - 700} {
		original.grow(more)
		if _, _, err := log.Checkpoint(t.Context(), noon.AddDate(0, 0, day)); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		damage func(*testing.T, world)
		want   []merkle.Finding
	}{
		"nothing":  {func(*testing.T, world) {}, nil},
		"an event": {func(_ *testing.T, w world) { w.events[299].Commit[0] ^= 1 }, []merkle.Finding{{Nature: merkle.NatureLeaf, From: 300, Through: 300}}},
		"two events swapped": {func(_ *testing.T, w world) { w.events[10], w.events[11] = w.events[11], w.events[10] },
			[]merkle.Finding{{Nature: merkle.NatureLeaf, From: 11, Through: 12}}},
		"an event dropped": {func(_ *testing.T, w world) { w.ledger.events = slices.Delete(w.events, 500, 501) },
			[]merkle.Finding{{Nature: merkle.NatureLeaf, From: 501, Through: 66299}, {Nature: merkle.NatureShort, From: 66300, Through: 66300}}},
		"an event inserted": {func(_ *testing.T, w world) { w.ledger.events = slices.Insert(w.events, 66299, w.events[3]) },
			[]merkle.Finding{{Nature: merkle.NatureLeaf, From: 66300, Through: 66300}}},
		"an event of the edge": {func(_ *testing.T, w world) { w.events[66299].Commit[0] ^= 1 }, []merkle.Finding{{Nature: merkle.NatureLeaf, From: 66300, Through: 66300}}},
		"events lost":          {func(_ *testing.T, w world) { w.events[7].Sealed, w.events[66299].Sealed = nil, nil }, nil},
		"an event lost, another changed beside it": {func(_ *testing.T, w world) { w.events[7].Sealed, w.events[8].Commit = nil, [32]byte{1} },
			[]merkle.Finding{{Nature: merkle.NatureLeaf, From: 9, Through: 9}}},
		"an older log":  {func(_ *testing.T, w world) { w.ledger.events = w.events[:700] }, []merkle.Finding{{Nature: merkle.NatureShort, From: 701, Through: 66300}}},
		"a tile":        {func(t *testing.T, w world) { edit(t, file(w, "tile/0/001"), flip(70)) }, []merkle.Finding{{Nature: merkle.NatureTile, From: 257, Through: 512, File: "tile/0/001"}}},
		"a tile gone":   {func(t *testing.T, w world) { os.Remove(file(w, "tile/0/001")) }, []merkle.Finding{{Nature: merkle.NatureTile, From: 257, Through: 512, File: "tile/0/001"}}},
		"a tile above":  {func(t *testing.T, w world) { edit(t, file(w, "tile/1/000"), flip(0)) }, []merkle.Finding{{Nature: merkle.NatureTile, From: 1, Through: 65536, File: "tile/1/000"}}},
		"the edge":      {func(t *testing.T, w world) { edit(t, file(w, "tile/0/258.p/252"), flip(0)) }, []merkle.Finding{{Nature: merkle.NatureTile, From: 66049, Through: 66300, File: "tile/0/258.p/252"}}},
		"an edge above": {func(t *testing.T, w world) { edit(t, file(w, "tile/1/001.p/2"), flip(0)) }, []merkle.Finding{{Nature: merkle.NatureTile, From: 65537, Through: 66048, File: "tile/1/001.p/2"}}},
		"a checkpoint":  {func(t *testing.T, w world) { edit(t, file(w, first), flip(45)) }, []merkle.Finding{{Nature: merkle.NatureCheckpoint, File: first}}},
		"the place of a checkpoint": {func(t *testing.T, w world) {
			if err := os.Rename(file(w, first), file(w, first)[:len(file(w, first))-1]+"9"); err != nil {
				t.Fatal(err)
			}
		}, []merkle.Finding{{Nature: merkle.NaturePlace, From: 700, Through: 700, File: first[:len(first)-1] + "9"}}},
		"the anchor":      {func(t *testing.T, w world) { edit(t, w.Anchor.(*merkle.FileAnchor).Path, flip(45)) }, []merkle.Finding{{Nature: merkle.NatureCheckpoint, File: "anchor"}}},
		"the anchor gone": {func(t *testing.T, w world) { os.Remove(w.Anchor.(*merkle.FileAnchor).Path) }, []merkle.Finding{{Nature: merkle.NatureAnchor, File: "anchor"}}},
		"the state":       {func(t *testing.T, w world) { os.WriteFile(file(w, "state.json"), []byte("{"), 0o600) }, []merkle.Finding{{Nature: merkle.NatureState, File: "state.json"}}},
		"the state back":  {func(t *testing.T, w world) { os.WriteFile(file(w, "state.json"), []byte("{}"), 0o600) }, []merkle.Finding{{Nature: merkle.NatureState, File: "state.json"}}},
		"another key":     {func(t *testing.T, w world) { _, w.Known[0] = keys(t) }, []merkle.Finding{{Nature: merkle.NatureCheckpoint, File: first}, {Nature: merkle.NatureCheckpoint, File: second}, {Nature: merkle.NatureCheckpoint, File: "anchor"}}},
		"all of it made anew": {func(t *testing.T, w world) { // by who has the signing key, but not the anchor
			w.events[299].Commit[0] ^= 1
			os.RemoveAll(w.Dir)
			fresh := w.Config
			fresh.Anchor = &merkle.FileAnchor{Path: filepath.Join(t.TempDir(), "anchor")}
			log, err := merkle.Open(t.Context(), fresh)
			if err == nil {
				_, _, err = log.Checkpoint(t.Context(), noon)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, []merkle.Finding{{Nature: merkle.NatureFork, From: 1, Through: 66300, File: "anchor"}}},
	} {
		t.Run(name, func(t *testing.T) {
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			w := world{config(t, copied, nil), &ledger{slices.Clone(original.events)}}
			w.Signer, w.Known, w.Events = signed.Signer, slices.Clone(signed.Known), w.ledger
			c.damage(t, w)
			if found := audit(t, w.Config, w.ledger).Findings; fmt.Sprint(found) != fmt.Sprint(c.want) {
				t.Errorf("found %+v\nwant  %+v", found, c.want)
			}
		})
	}
}

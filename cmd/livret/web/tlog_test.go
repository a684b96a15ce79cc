package web

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/merkle"
)

// stranger reads a published log and knows nothing else of it than its address and its key.
type stranger struct {
	get func(path string) ([]byte, error)
	key note.Verifier
	all bytes.Buffer // that he was ever given
}

func (s *stranger) read(path string) ([]byte, error) {
	data, err := s.get(path)
	s.all.Write(data)
	return data, err
}

// Height, ReadTiles and SaveTiles make a tlog.TileReader of him.
func (*stranger) Height() int { return 8 }

func (s *stranger) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for n, t := range tiles {
		var err error
		if data[n], err = s.read("tile/" + strings.TrimPrefix(t.Path(), "tile/8/")); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (*stranger) SaveTiles([]tlog.Tile, [][]byte) {}

// checkpoint is the last one published.
func (s *stranger) checkpoint() (tlog.Tree, error) {
	signed, err := s.read("checkpoint")
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(s.key))
	if err != nil {
		return tlog.Tree{}, err
	}
	var origin, root string
	var tree tlog.Tree
	if _, err := fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &tree.N, &root); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(root)
	return tree, err
}

// What is published is enough for a stranger's client to prove that facts are in the tree and that it goes on; none of
// their bytes is in it.
func TestAStrangerProvesFromWhatIsPublished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	i, err := instance.Open(t.Context(), dir, instance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	site, err := New(i, Closed{}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := site.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	get := func(path string) ([]byte, error) {
		r, err := http.Get(server.URL + "/tlog/" + path)
		if err != nil {
			return nil, err
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", path, r.Status)
		}
		if cached := r.Header.Get("Cache-Control"); strings.Contains(cached, "immutable") == (path == "checkpoint") || !strings.Contains(cached, "public") {
			t.Errorf("%s is to be cached %q", path, cached)
		}
		return io.ReadAll(r.Body)
	}
	if _, err := get("checkpoint"); err == nil {
		t.Error("nothing is signed, and something published")
	}
	public, err := i.CheckpointKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	operator := access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
	out := filepath.Join(t.TempDir(), "published")
	folder := func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(out, filepath.FromSlash(path))) }
	online, offline := &stranger{get: get, key: key}, &stranger{get: folder, key: key}
	before := make(map[*stranger]tlog.Tree)
	for _, more := range []int{3, 200, 60, 0, 257} { // over the edge of a tile
		for n := range more {
			fresh := retention.AuthoriseElimination{Reference: fmt.Sprintf("AP-%d-%d", more, n), Categories: []retention.Rule{retention.Sanction}}
			if _, err := i.Authorise(t.Context(), operator, fresh); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := i.PublishTree(t.Context(), operator, out); err != nil {
			t.Fatal(err)
		}
		var leaves []tlog.Hash
		for e, err := range i.Ledger.Store().Read(t.Context(), eventstore.Position{}) {
			if err != nil {
				t.Fatal(err)
			}
			leaf, err := e.Leaf()
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, merkle.LeafHash(leaf))
		}
		for _, s := range []*stranger{online, offline} {
			tree, err := s.checkpoint()
			if err != nil || tree.N != int64(len(leaves)) {
				t.Fatalf("%d leaves, %v", tree.N, err)
			}
			reader := tlog.TileHashReader(tree, s)
			for _, n := range []int64{0, 1, tree.N / 2, tree.N - 1} {
				proof, err := tlog.ProveRecord(tree.N, n, reader)
				if err != nil || tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaves[n]) != nil {
					t.Errorf("leaf %d of %d is not proved: %v", n, tree.N, err)
				}
			}
			if old := before[s]; old.N > 0 {
				proof, err := tlog.ProveTree(tree.N, old.N, reader)
				if err != nil || tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash) != nil {
					t.Errorf("%d leaves do not continue %d: %v", tree.N, old.N, err)
				}
			}
			before[s] = tree
		}
	}
	if err := fs.WalkDir(os.DirFS(out), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			_, err = offline.read(path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for e, err := range i.Ledger.Store().Read(t.Context(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256(e.Sealed)
		for _, part := range [][]byte{e.Ledger[:], []byte(e.Stream), []byte(e.Type), e.Event[:], e.Commit[:], digest[:], e.Sealed} {
			if bytes.Contains(online.all.Bytes(), part) || bytes.Contains(offline.all.Bytes(), part) {
				t.Fatalf("%x of event %d is published", part, e.Sequence)
			}
		}
	}
	for _, path := range []string{"", "tile", "tile/0/003", "tile/0/002.p/255", "tile/entries/000", "tile/data/000", "tile/-1/000", "tile/9/000", "tile/0/x1152/921/504/606/846/976", "state.json", "../livret.json", "stamps", "tile/0/000/"} {
		if data, err := get(path); err == nil {
			t.Errorf("%q is published: %d bytes", path, len(data))
		}
	}
}

// A folder of another ledger's is not written over.
func TestATreeIsNotPublishedOverAnother(t *testing.T) {
	out := filepath.Join(t.TempDir(), "published")
	operator := access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
	for n := range 2 {
		dir := filepath.Join(t.TempDir(), "ledger")
		if _, err := instance.Init(dir, "08"); err != nil {
			t.Fatal(err)
		}
		i, err := instance.Open(t.Context(), dir, instance.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = i.PublishTree(t.Context(), operator, out)
		i.Close()
		if n == 0 && err != nil || n == 1 && !instance.Unproven(err) {
			t.Errorf("ledger %d: %v", n, err)
		}
	}
}

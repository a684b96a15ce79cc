package commandline

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"livret/eventstore"
	"livret/eventstore/merkle/bundle"
)

// verdict is what both verifiers conclude of an archive under the key that the académie published, each as the program
// that a stranger runs. They are to agree on whether it is valid, and never to crash.
func (w *wronged) verdict(t *testing.T, file []byte) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "archive.zip")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	first := exec.Command(filepath.Join(filepath.Dir(w.binary), "livret-verify"), "--policy", w.policy, path)
	second := exec.Command("python3", filepath.Join("..", "..", "eventstore", "merkle", "bundle", "verifier.py"), path, w.policy)
	var valid [2]bool
	for i, cmd := range []*exec.Cmd{first, second} {
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() < 1 || exit.ExitCode() > 2) || bytes.Contains(out, []byte("panic")) || bytes.Contains(out, []byte("Traceback")) {
			t.Errorf("%s: %v\n%s", cmd.Path, err, out)
		}
		valid[i] = err == nil
	}
	if valid[0] != valid[1] {
		t.Errorf("livret-verify says valid %t, the second verifier %t", valid[0], valid[1])
	}
	return valid[0] || valid[1]
}

// archives edits an archive, file after file, and then as one who makes all its sums again: none is found valid. What is
// in it beside the evidence, to be read, is held to the digest that the ledger recorded.
func (w *wronged) archives(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("SKIPPED: no python3 here to run the second verifier")
	}
	file, err := os.ReadFile(w.archive)
	if err != nil {
		t.Fatal(err)
	}
	if !w.verdict(t, file) {
		t.Fatal("the archive as it was made is not valid")
	}
	read := func() *bundle.Bundle {
		b, _, err := bundle.Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	record := func(b *bundle.Bundle) eventstore.StreamID {
		for stream := range b.Events {
			if stream.Category() == "record" {
				return stream
			}
		}
		t.Fatal("no livret in the archive")
		return ""
	}
	scope := func(b *bundle.Bundle, stream eventstore.StreamID) *bundle.Scope {
		return &b.Dossier.Streams[slices.IndexFunc(b.Dossier.Streams, func(s bundle.Scope) bool { return s.Stream == stream })]
	}
	for name := range entries(t, file) {
		t.Run("edited: "+name, func(t *testing.T) {
			if w.verdict(t, rezip(t, file, func(n string, content []byte) []byte {
				if n == name {
					content = flip(len(content)/2 + 1)(slices.Clone(content))
				}
				return content
			})) {
				t.Error("it is found valid")
			}
		})
	}
	for name, tamper := range map[string]func(*testing.T, *bundle.Bundle){
		"a mark":            func(_ *testing.T, b *bundle.Bundle) { b.Events[record(b)][8].Opening[60] ^= 1 },
		"a date":            func(_ *testing.T, b *bundle.Bundle) { l := b.Events[record(b)][8].Leaf; l[len(l)-65] ^= 1 },
		"a commitment":      func(_ *testing.T, b *bundle.Bundle) { l := b.Events[record(b)][8].Leaf; l[len(l)-33] ^= 1 },
		"a proof":           func(_ *testing.T, b *bundle.Bundle) { b.Events[record(b)][8].Proof[0][3] ^= 1 },
		"a fact dropped":    func(_ *testing.T, b *bundle.Bundle) { s := record(b); b.Events[s] = slices.Delete(b.Events[s], 8, 9) },
		"two facts swapped": func(_ *testing.T, b *bundle.Bundle) { e := b.Events[record(b)]; e[8], e[9] = e[9], e[8] },
		"a fact doubled": func(_ *testing.T, b *bundle.Bundle) {
			s := record(b)
			b.Events[s] = append(b.Events[s], b.Events[s][0])
		},
		"the last fact hidden": func(_ *testing.T, b *bundle.Bundle) {
			s := record(b)
			last := len(b.Events[s]) - 1
			b.Events[s] = b.Events[s][:last]
			scope(b, s).Last--
		},
		"a livret hidden": func(_ *testing.T, b *bundle.Bundle) {
			s := record(b)
			delete(b.Events, s)
			b.Dossier.Streams = slices.DeleteFunc(b.Dossier.Streams, func(c bundle.Scope) bool { return c.Stream == s })
		},
		"signed by another key": func(t *testing.T, b *bundle.Bundle) {
			b.Checkpoints[b.Dossier.Size] = signedByAnother(t)(b.Checkpoints[b.Dossier.Size])
		},
		"a smaller checkpoint": func(_ *testing.T, b *bundle.Bundle) {
			b.Checkpoints[b.Dossier.Size] = bytes.Replace(b.Checkpoints[b.Dossier.Size], []byte("\n"), []byte("\n1"), 1)
		},
		"no checkpoint": func(_ *testing.T, b *bundle.Bundle) { b.Checkpoints = nil },
		"what the jury was shown": func(_ *testing.T, b *bundle.Bundle) {
			f := b.Dossier.Views[0].File
			b.Others[f] = bytes.Replace(b.Others[f], []byte(":"), []byte(": "), 1)
		},
		"nothing of the jury": func(_ *testing.T, b *bundle.Bundle) { delete(b.Others, b.Dossier.Views[0].File) },
	} {
		t.Run("sums made again: "+name, func(t *testing.T) {
			b := read()
			tamper(t, b)
			var out bytes.Buffer
			if err := b.Write(&out); err != nil {
				t.Fatal(err)
			}
			if w.verdict(t, out.Bytes()) {
				t.Error("it is found valid")
			}
		})
	}
	t.Run("what is there to be read", func(t *testing.T) {
		if !strings.Contains(w.livret("archive", "requests", "--json"), sum(file)) {
			t.Error("the ledger does not know the digest of the archive that it made")
		}
	})
}

// entries are the files of an archive.
func entries(t *testing.T, file []byte) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	rezip(t, file, func(name string, content []byte) []byte { all[name] = content; return content })
	return all
}

// rezip makes an archive of the same files, changed.
func rezip(t *testing.T, file []byte, change func(name string, content []byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store, Modified: f.Modified})
		if err == nil {
			_, err = w.Write(change(f.Name, content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sum(file []byte) string {
	digest := sha256.Sum256(file)
	return hex.EncodeToString(digest[:])
}

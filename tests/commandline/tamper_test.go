package commandline

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/eventstore"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
)

// wronged is a ledger of a school, made by the real binary from files to the visa of a president, and all that somebody
// outside of it may have kept.
type wronged struct {
	folder
	older              folder // as it was before the last facts
	kept, key, archive string // paths of a checkpoint and of an archive; the public key
	policy             string
	events             []eventstore.Envelope
	mark, other, last  int // numbers of two facts of a livret, and of the last fact
}

func newWronged(t *testing.T) *wronged {
	t.Helper()
	binary, outside := buildLivret(t), t.TempDir()
	files := filepath.Join(outside, "files")
	if err := lycee.Generate(files, 8, 1); err != nil {
		t.Fatal(err)
	}
	w := &wronged{folder: folder{t, binary, filepath.Join(outside, "data")}, kept: filepath.Join(outside, "kept.note"), archive: filepath.Join(outside, "archive.zip"), policy: filepath.Join(outside, "policy.txt")}
	shell := func(line string) string {
		t.Helper()
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir = outside
		cmd.Env = append(os.Environ(), "LIVRET_DATA="+w.dir, "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	for _, line := range []string{
		"livret init --academie 08",
		"livret import siecle files/siecle/2016/*.xml --quiet || test $? = 5",
		"livret import siecle files/siecle/2017/*.xml --quiet || test $? = 5",
		"livret import lsl files/lsl/LSL_0000123J.xml --quiet",
		"livret school validate 0000123J --session 2018 || test $? = 5",
	} {
		shell(line)
	}
	w.older = w.folder.copy(t)
	for _, line := range []string{
		"livret school transmit 0000123J --session 2018 || test $? = 5",
		"livret session open --session 2018",
		"livret jury form --session 2018 --jury 0108",
		"livret jury name --session 2018 --jury 0108 57aff000-0000-4000-8000-000000000001 --as president",
		"livret jury sit --session 2018 --jury 0108 --on 2018-07-03 57aff000-0000-4000-8000-000000000001",
		"livret jury assign --session 2018 --jury 0108",
		`livret show jury --session 2018 | grep "livret produit," | head -1 | cut -d" " -f1 >number`,
		`livret show jury --session 2018 $(cat number) | grep empreinte | grep -oE "[0-9a-f]{64}" >imprint`,
		`livret jury examine --session 2018 $(cat number) --seen $(cat imprint)`,
		`livret jury visa --session 2018 $(cat number) --seen $(cat imprint)`,
		`{ printf "log "; livret checkpoint --key; echo quorum none; } >policy.txt`,
		`livret archive export --candidate $(cat number) --session 2018 --case 1907538 --motive recours --out archive.zip`,
		`livret checkpoint >kept.note`,
	} {
		shell(line)
	}
	w.key = shell("livret checkpoint --key")
	w.events = w.folder.events()
	w.mark, w.other, w.last = of(w.events, "record", 9), of(w.events, "record", 12), len(w.events)
	return w
}

// found is a fault that a check is to list.
type found struct {
	nature ledger.Nature
	event  int // from 1; 0: it is in none
	file   string
}

// TestTampering does to the files of a ledger, and to an archive made of it, whatever somebody can do who knows their
// format.
func TestTampering(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the binary some forty times")
	}
	w := newWronged(t)
	t.Run("folder", w.folders)
	t.Run("archive", w.archives)
}

// folders does it with the keys where it says so, and expects each to be found, and named where it is.
func (w *wronged) folders(t *testing.T) {
	leaf, short, fork, tile, checkpoint, anchor := ledger.Nature(merkle.NatureLeaf), ledger.Nature(merkle.NatureShort), ledger.Nature(merkle.NatureFork),
		ledger.Nature(merkle.NatureTile), ledger.Nature(merkle.NatureCheckpoint), ledger.Nature(merkle.NatureAnchor)
	reached := "tree/checkpoints/" + lastOf(t, w.file("tree/checkpoints"))
	later := func(h *eventstore.Header, c *eventstore.Content) { c.OccurredAt = c.OccurredAt.Add(time.Hour) }
	for _, c := range []struct {
		name   string
		tamper func(folder)
		want   []found
		flags  []string
	}{
		{"nothing", func(folder) {}, nil, []string{"--checkpoint", w.kept, "--key", w.key}},

		{"a bit of sealed bytes", func(f folder) {
			f.sql("events.db", `UPDATE events SET sealed = CAST(substr(sealed, 1, 40) || X'00FF' || substr(sealed, 43) AS BLOB) WHERE number = `+strconv.Itoa(w.mark))
		}, []found{{ledger.FaultDamaged, w.mark, ""}}, nil},
		{"three damages at once", func(f folder) {
			for _, n := range []int{w.mark, w.other, w.last} {
				f.sql("events.db", `UPDATE events SET sealed = zeroblob(60) WHERE number = `+strconv.Itoa(n))
			}
		}, []found{{ledger.FaultDamaged, w.mark, ""}, {ledger.FaultDamaged, w.other, ""}, {ledger.FaultDamaged, w.last, ""}}, nil},
		{"a bit of sealed bytes, checksum repaired", func(f folder) {
			f.change(w.mark, func(e *eventstore.Envelope) { e.Sealed[50] ^= 1 })
		}, []found{{ledger.FaultContent, w.mark, ""}, {leaf, w.mark, ""}}, nil},
		{"the hour in a header", func(f folder) {
			f.change(w.mark, func(e *eventstore.Envelope) { e.RecordedAt = e.RecordedAt.AddDate(0, 0, -1) })
		}, []found{{ledger.FaultContent, w.mark, ""}, {leaf, w.mark, ""}}, nil},
		{"a commitment", func(f folder) {
			f.change(w.mark, func(e *eventstore.Envelope) { e.Commit[5] ^= 1 })
		}, []found{{ledger.FaultContent, w.mark, ""}, {leaf, w.mark, ""}}, nil},
		{"a fact dropped", func(f folder) { f.sql("events.db", `DELETE FROM events WHERE number = `+strconv.Itoa(w.mark)) },
			[]found{{ledger.FaultMissing, w.mark, ""}}, nil},
		{"a fact dropped, ranks closed", func(f folder) { f.rewrite(slices.Delete(f.events(), w.mark-1, w.mark)) },
			[]found{{ledger.FaultSequence, w.mark, ""}, {leaf, w.mark, ""}, {short, w.last, ""}}, nil},
		{"two facts of a livret swapped", func(f folder) {
			all := f.events()
			all[w.mark-1], all[w.other-1] = all[w.other-1], all[w.mark-1]
			f.rewrite(all)
		}, []found{{ledger.FaultSequence, w.mark, ""}, {leaf, w.mark, ""}, {leaf, w.other, ""}}, nil},
		{"a fact inserted", func(f folder) { f.rewrite(slices.Insert(f.events(), w.mark, w.events[w.other-1])) },
			[]found{{ledger.FaultSequence, w.mark + 1, ""}, {leaf, w.mark + 1, ""}}, nil},
		{"the same facts, sealed anew with the keys", func(f folder) {
			all := f.events()
			all[w.mark-1] = f.reseal(all[w.mark-1], later)
			f.rewrite(all)
		}, []found{{leaf, w.mark, ""}}, nil},
		{"a fact inserted with the keys, those behind it sealed anew", func(f folder) {
			all := f.events()
			stream := all[w.mark-1].Stream
			all = slices.Insert(all, w.mark, all[w.mark-1])
			for n := w.mark; n < len(all); n++ {
				if all[n].Stream == stream {
					all[n] = f.reseal(all[n], func(h *eventstore.Header, c *eventstore.Content) { h.Sequence++; later(h, c) })
				}
			}
			f.rewrite(all)
		}, []found{{leaf, w.mark + 1, ""}}, nil},
		{"the end cut", func(f folder) { f.sql("events.db", `DELETE FROM events WHERE number > `+strconv.Itoa(w.last-5)) },
			[]found{{ledger.FaultMissing, w.last - 4, ""}}, nil},
		{"the end cut, and what knew of it", func(f folder) { f.rewrite(f.events()[:w.last-5]) },
			[]found{{short, w.last - 4, ""}}, nil},
		{"an older log", func(f folder) {
			f.remove("events.db", "events.db-wal", "events.db-shm", "events.db-last")
			f.take(w.older, "events.db")
		}, []found{{short, len(w.older.events()) + 1, ""}}, nil},
		{"an older folder as a whole", func(f folder) {
			f.remove(".")
			if err := os.CopyFS(f.dir, os.DirFS(w.older.dir)); err != nil {
				t.Fatal(err)
			}
		}, []found{{short, len(w.older.events()) + 1, ""}}, []string{"--checkpoint", w.kept}},

		{"a tile", func(f folder) { f.edit("tree/tile/0/000", flip(7)) }, []found{{tile, 1, "tile/0/000"}}, nil},
		{"a tile gone", func(f folder) { f.remove("tree/tile/0/000") }, []found{{tile, 1, "tile/0/000"}}, nil},
		{"how far the tree goes", func(f folder) { f.edit("tree/state.json", func([]byte) []byte { return []byte("{}") }) }, []found{{ledger.Nature(merkle.NatureState), 0, "state.json"}}, nil},
		{"a checkpoint", func(f folder) { f.edit(reached, flip(100)) }, []found{{checkpoint, 0, strings.TrimPrefix(reached, "tree/")}}, nil},
		{"the last checkpoint gone", func(f folder) { f.remove("checkpoint") }, []found{{anchor, 0, "checkpoint"}}, nil},
		{"a checkpoint signed by another key", func(f folder) {
			f.edit(reached, signedByAnother(t))
			f.edit("checkpoint", signedByAnother(t))
		}, []found{{checkpoint, 0, strings.TrimPrefix(reached, "tree/")}, {checkpoint, 0, "checkpoint"}}, nil},
		{"everything written and signed anew", func(f folder) { // with all keys, on this machine
			all := f.events()
			all[w.mark-1] = f.reseal(all[w.mark-1], later)
			f.rewrite(all)
			f.remove("tree", "checkpoint")
			f.livret("checkpoint")
		}, []found{{fork, 1, w.kept}}, []string{"--checkpoint", w.kept}},
		{"everything signed anew by another key", func(f folder) {
			f.remove("tree", "checkpoint", "signing.key", "verifiers")
			f.livret("checkpoint")
		}, []found{{checkpoint, 0, "checkpoint"}}, []string{"--key", w.key}},

		{"a key's bytes", func(f folder) {
			f.sql("keys/keys.db", `UPDATE keys SET wrapped = zeroblob(60) WHERE id = (SELECT id FROM keys WHERE class = 'record' LIMIT 1)`)
		}, []found{{ledger.FaultKey, 0, ""}}, nil},
		{"a key's state", func(f folder) {
			f.sql("keys/keys.db", `UPDATE keys SET state = 'shredded', wrapped = NULL WHERE id = (SELECT id FROM keys WHERE class = 'record' LIMIT 1)`)
		}, []found{{ledger.FaultKey, 0, ""}}, nil},
		{"a key gone", func(f folder) {
			f.sql("keys/keys.db", `DELETE FROM keys WHERE id = (SELECT id FROM keys WHERE class = 'record' LIMIT 1)`)
		}, []found{{ledger.FaultFingerprint, 0, ""}}, nil},

		{"a row of a view", func(f folder) {
			f.sql("views/views.db", `UPDATE rows SET sealed = CAST(substr(sealed, 1, 40) || X'00FF' || substr(sealed, 43) AS BLOB) WHERE id = (SELECT id FROM rows WHERE stream LIKE 'record-%' LIMIT 1)`)
		}, []found{{instance.FaultRow, 0, ""}}, nil},
		{"a row of a view gone", func(f folder) {
			f.sql("views/views.db", `DELETE FROM rows WHERE id = (SELECT id FROM rows WHERE stream LIKE 'record-%' LIMIT 1)`)
		}, []found{{instance.FaultLacking, 0, ""}}, nil},
		{"a row of a view more", func(f folder) {
			f.sql("views/views.db", `INSERT INTO rows SELECT 1, view, 'record-11111111-1111-4111-8111-111111111111', version, parked, key, X'', sealed FROM rows WHERE stream LIKE 'record-%' LIMIT 1`)
		}, []found{{instance.FaultExtra, 0, ""}}, nil},
		{"views of other facts, validly sealed", func(f folder) {
			other := f.copy(t)
			all := other.events()
			last := len(all) - 1
			for all[last].Stream.Category() != "record" {
				last--
			}
			all = slices.Delete(all, last, last+1)
			other.rewrite(all)
			other.remove("tree", "checkpoint", "views")
			other.livret("replay")
			f.remove("views/views.db")
			f.take(other, "views/views.db")
			f.sql("views/views.db", fmt.Sprintf(`UPDATE views SET cursor = X'%016x%016x'`, w.last, 0))
		}, []found{{instance.FaultRow, 0, ""}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := w.folder.copy(t)
			c.tamper(f)
			got := f.check(c.flags...)
			if c.want == nil {
				if !got.Sound || !got.Complete {
					t.Errorf("found %+v", got.Faults)
				}
				return
			}
			for _, want := range c.want {
				if !slices.ContainsFunc(got.Faults, func(f ledger.Fault) bool {
					return f.Nature == want.nature && f.File == want.file && (f.Event == int64(want.event) || f.Event <= int64(want.event) && int64(want.event) <= f.Through)
				}) {
					t.Errorf("nothing says %+v\nfound %+v", want, got.Faults)
				}
			}
		})
	}
}

func lastOf(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
	return entries[len(entries)-1].Name()
}

// signedByAnother signs the text of a checkpoint with a key of the same name.
func signedByAnother(t *testing.T) func([]byte) []byte {
	return func(signed []byte) []byte {
		text, _, _ := bytes.Cut(signed, []byte("\n\n"))
		origin, _, _ := strings.Cut(string(text), "\n")
		private, _, err := note.GenerateKey(rand.Reader, origin)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := note.NewSigner(private)
		if err != nil {
			t.Fatal(err)
		}
		again, err := note.Sign(&note.Note{Text: string(text) + "\n"}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
}

package journey

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/ledger"
)

// Erased stays erased, as who holds the disk sees it: what was sealed under the keys destroyed is in no file of the
// folder, and neither is anything that was said of the pupil; what was kept is there to the byte.
func TestErasedStaysErased(t *testing.T) {
	s := tell(t).prepared()
	s.at("2018-06-04").convened()
	anna, hugo := s.ordinary(0), s.ordinary(1)
	s.at("2018-06-06")
	for _, livret := range []uuid.UUID{anna, hugo} {
		s.must(s.Ledger.Consulted(s.Context(), livret, pupilHimself(livret).Actor)) // as a page does before it shows
	}
	s.at("2018-07-05").deliberated().proclaimed(june)
	s.at("2018-08-20").hold(retention.OpenHold{Origin: retention.DemandeEleve, Livrets: []uuid.UUID{hugo}})

	said := s.saidOf(anna)
	lost, kept := s.sealed(anna), s.sealed(hugo)
	if len(lost) < 100 || len(kept) < 100 {
		t.Fatalf("%d and %d sealed events are too few to look for", len(lost), len(kept))
	}
	s.inFiles("before the term", lost, true)
	s.at("2019-03-05").visa("AD38-2019-4", june)
	s.runs().forgotten(anna)
	for _, moment := range []string{"once it was destroyed", "after a restart", "after another run, a month later"} {
		switch moment {
		case "after a restart":
			s.restarts()
		case "after another run, a month later":
			s.at("2019-04-05").runs()
		}
		s.inFiles(moment, lost, false)
		s.inFiles(moment, said, false)
		s.inFiles(moment, kept, true)
		s.forgotten(anna).kept(hugo)
	}
	s.refused("session-close", s.importedAgain())
	s.inFiles("after the same files were handed in again", said, false)
	s.sound().certified()
}

// saidOf is what the livret says of a pupil in words: names, number, texts.
func (s *story) saidOf(livret uuid.UUID) [][]byte {
	s.Helper()
	pupil, _, err := ledger.Load(s.Context(), s.Ledger, identity.PupilDecider, livret)
	s.must(err)
	said := [][]byte{[]byte(pupil.Civil.FamilyName + `"`), []byte(pupil.INE)}
	for text := range s.record(livret).Texts() {
		said = append(said, []byte(text.Value))
	}
	if len(said) < 10 || pupil.INE == "" {
		s.Fatal("this pupil has little to say")
	}
	return said
}

// sealed is the sealed bytes of every event under the keys of a livret.
func (s *story) sealed(livret uuid.UUID) [][]byte {
	s.Helper()
	keys, err := s.Ledger.Vault().Keys(s.Context())
	s.must(err)
	owned := make(map[uuid.UUID]bool)
	for _, key := range keys {
		owned[key.ID] = key.Owner == livret
	}
	seen := make(map[string]bool)
	var all [][]byte
	for e, err := range s.Ledger.Store().Read(s.Context(), eventstore.Position{}) {
		s.must(err)
		if owned[e.Key] {
			seen[e.Stream.Category()] = true
			all = append(all, bytes.Clone(e.Sealed))
		}
	}
	for _, category := range []string{identity.Category, record.Category, deliberation.Category, consultation.Category} {
		if !seen[category] {
			s.Errorf("this livret has no event in a %s stream", category)
		}
	}
	return all
}

// inFiles checks that each of some bytes is in a file of the folder, or in none.
func (s *story) inFiles(moment string, wanted [][]byte, there bool) {
	s.Helper()
	var files [][]byte
	err := filepath.WalkDir(s.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, data)
		return err
	})
	s.must(err)
	wrong := 0
	for _, some := range wanted {
		found := false
		for _, file := range files {
			found = found || bytes.Contains(file, part(some))
		}
		if found != there {
			wrong++
		}
	}
	if wrong > 0 {
		s.Errorf("%s, %d of %d are wrongly in a file or in none", moment, wrong, len(wanted))
	}
}

// part is a part of some bytes that a page of a database holds in one piece.
func part(b []byte) []byte { return b[:min(len(b), 48)] }

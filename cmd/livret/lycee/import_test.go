package lycee_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/eventstore/keyvault"
	keys "livret/eventstore/keyvault/memory"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/intake"
	"livret/eventstore/memory"
)

// The importer takes the whole school: it refuses the pupil who left and nothing else, asks to look at the one
// without INE and the one with another INE, and opens a livret for each of the others.
func TestTheImporterTakesTheSchool(t *testing.T) {
	const pupils, seed = 60, 2018
	files, cases := generate(t, pupils, seed), lycee.CasesOf(pupils, seed)
	vault := keys.New()
	desk := newDesk(t, vault)
	ctx := context.Background()
	take := func(where string, run func([]intake.File) (intake.Report, error)) (refused, warned []string) {
		t.Helper()
		var some []intake.File
		for name, content := range files {
			if strings.HasPrefix(name, where) {
				some = append(some, intake.File{Name: name, Content: bytes.NewReader(content)})
			}
		}
		slices.SortFunc(some, func(a, b intake.File) int { return strings.Compare(a.Name, b.Name) })
		report, err := run(some)
		if err != nil {
			t.Fatal(where, err)
		}
		t.Logf("%s: %d pupils, %d new, %d events, notices %v", where, report.Pupils, report.New, report.EventsWritten, report.Notices)
		say := func(lines []intake.Refused) (all []string) {
			for _, x := range lines {
				who, _, _ := strings.Cut(x.Pupil, " (")
				all = append(all, strings.Join(strings.Fields(who+" "+x.Where+" "+x.Rule), " "))
			}
			slices.Sort(all)
			return all
		}
		return say(report.Refused), say(report.Warnings)
	}
	siecle := func(f []intake.File) (intake.Report, error) { return desk.Siecle(ctx, f, intake.Options{}) }
	for _, want := range []struct {
		where           string
		run             func([]intake.File) (intake.Report, error)
		refused, warned []string
	}{
		{"siecle/2016", siecle, nil, []string{fmt.Sprintf("élève %d ine-absent", cases.NoINE)}},
		{"siecle/2017", siecle, []string{fmt.Sprintf("élève %d eleve-sorti", cases.Left)}, []string{fmt.Sprintf("élève %d ine-modifie", cases.NewINE), fmt.Sprintf("élève %d ine-absent", cases.NoINE)}},
		{"lsl", func(f []intake.File) (intake.Report, error) {
			return desk.LSL(ctx, f[0].Name, f[0].Content, intake.Options{})
		}, nil, nil},
	} {
		refused, warned := take(want.where, want.run)
		if !slices.Equal(refused, want.refused) || !slices.Equal(warned, want.warned) {
			t.Errorf("%s: refused %q, want %q; warnings %q, want %q", want.where, refused, want.refused, warned, want.warned)
		}
	}
	for id := uint64(100001); id <= 100001+pupils+1; id++ {
		_, err := vault.Lookup(ctx, intake.ClaimLivret, intake.LivretClaim(lycee.UAI, id, 2018)...)
		if known := err == nil; known != (id < 100001+pupils) || err != nil && !errors.Is(err, keyvault.ErrUnknown) {
			t.Errorf("pupil %d: a livret %v, %v", id, known, err)
		}
	}
}

func newDesk(t *testing.T, vault keyvault.Vault) *intake.Desk {
	t.Helper()
	codec, err := ledger.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.New(ledger.Config{ID: uuid.New(), Store: memory.New(), Vault: vault, Codec: codec, Now: func() time.Time {
		return time.Date(2018, time.June, 11, 8, 0, 0, 0, time.UTC)
	}})
	if err != nil {
		t.Fatal(err)
	}
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := nomenclature.LoadCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return &intake.Desk{Ledger: l, Nomenclature: lists, Calendar: calendar, Academie: "08", Actor: access.Actor{Actor: domain.Actor{Role: access.Exploitant}}}
}

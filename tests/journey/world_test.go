// Package journey tells the whole legal life of a livret, from the première to the certificate of its destruction: the people of a
// fictional lycée act on a clock that the test moves, through what pages and verbs act through.
package journey

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/intake"
)

// story is a fictional lycée whose clock the test moves, and whose people act through what pages and verbs act through.
type story struct {
	*testing.T
	*instance.Instance
	data string // folder
	day  time.Time
}

// storyPupils and storySeed make the lycée of all stories; see lycee.CasesOf.
const (
	storyPupils = 24
	storySeed   = 7
)

var june = deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
var september = deliberation.ExamSession{Year: 2018, Round: deliberation.Septembre}

// exchangeFiles are written once for all stories.
var exchangeFiles = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "livret-story-")
	if err != nil {
		return "", err
	}
	return dir, lycee.Generate(dir, storyPupils, storySeed)
})

// tell begins a story: an empty ledger in the académie of Grenoble, in the autumn of a première.
func tell(t *testing.T) *story {
	t.Helper()
	s := &story{T: t, data: filepath.Join(t.TempDir(), "data")}
	if _, err := instance.Init(s.data, "08"); err != nil {
		t.Fatal(err)
	}
	s.at("2016-10-03")
	s.open()
	t.Cleanup(func() { s.Instance.Close() })
	return s
}

func (s *story) open() {
	s.Helper()
	i, err := instance.Open(s.Context(), s.data, instance.Options{Now: func() time.Time { return s.day }})
	s.must(err)
	s.Instance = i
}

// restarts closes the folder and opens it again.
func (s *story) restarts() *story {
	s.Helper()
	s.must(s.Instance.Close())
	s.open()
	return s
}

// at moves the clock to the morning of a day in Paris, which is later than the last one.
func (s *story) at(day string) *story {
	s.Helper()
	d, err := time.Parse("2006-01-02 15:04", day+" 08:00")
	s.must(err)
	if d.Before(s.day) {
		s.Fatalf("a story goes forward: %s", day)
	}
	s.day = d
	if s.Instance != nil {
		s.must(s.CatchUp(s.Context()))
	}
	return s
}

func (s *story) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// imports hands in the files that match a pattern of the exchange folder.
func (s *story) imports(pattern string) *story {
	s.Helper()
	report := s.handsIn(pattern)
	for _, refused := range report.Refused {
		if refused.Rule == "livret-clos" || refused.Rule == "session-close" {
			s.Errorf("%s: %s", refused.Rule, refused.Reason)
		}
	}
	return s
}

func (s *story) handsIn(pattern string) intake.Report {
	s.Helper()
	dir, err := exchangeFiles()
	s.must(err)
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	s.must(err)
	var files []intake.File
	for _, name := range names {
		f, err := os.Open(name)
		s.must(err)
		defer f.Close()
		files = append(files, intake.File{Name: filepath.Base(name), Content: f})
	}
	desk := s.Desk(head())
	var report intake.Report
	if strings.HasPrefix(pattern, "lsl") {
		report, err = desk.LSL(s.Context(), files[0].Name, files[0].Content, intake.Options{})
	} else {
		report, err = desk.Siecle(s.Context(), files, intake.Options{})
	}
	s.must(err)
	s.must(s.CatchUp(s.Context()))
	return report
}

// prepared goes on to the day on which the livrets are complete, validated and before their juries.
func (s *story) prepared() *story {
	s.Helper()
	s.at("2016-10-03").imports("siecle/2016/*.xml")
	s.at("2017-10-02").imports("siecle/2017/*.xml")
	s.at("2018-05-28").imports("lsl/*.xml")
	return s
}

// convened sends the livrets before a jury that sits.
func (s *story) convened(except ...uuid.UUID) *story {
	s.Helper()
	s.validated()
	ctx := s.Context()
	_, err := s.OpenSession(ctx, dec(), june)
	s.must(err)
	for office, id := range bench {
		_, err = s.FormJury(ctx, dec(), jury())
		s.must(err)
		_, err = s.NameJuror(ctx, dec(), jury(), id, office)
		s.must(err)
	}
	pupils, err := s.Pupils(ctx, head(), 2017, "")
	s.must(err)
	for _, p := range pupils {
		if !slices.Contains(except, p.Livret) {
			if _, err := s.Transmit(ctx, head(), p.Livret, deliberation.Juin); err != nil {
				s.Fatalf("%s is not transmitted: %v", p.Livret, err)
			}
		}
	}
	_, err = s.Assign(ctx, dec(), jury())
	s.must(err)
	return s
}

// validated has the head validate all livrets.
func (s *story) validated() {
	s.Helper()
	_, err := s.ValidateClass(s.Context(), head(), instance.Class{School: lycee.UAI, Session: june})
	s.must(err)
}

// deliberated has the jury examine, sign and admit all candidates but some, then closes its deliberations and
// proclaims the results.
func (s *story) deliberated(except ...uuid.UUID) *story {
	s.Helper()
	entries, err := s.ListJury(s.Context(), president(), june)
	s.must(err)
	for _, e := range entries {
		livret, err := s.CandidateLivret(s.Context(), dec(), june, e.Number)
		s.must(err)
		if !slices.Contains(except, livret) {
			s.judged(livret, deliberation.Premier, deliberation.Admis)
		}
	}
	return s
}

// judged has the jury examine a livret if there is one, the president sign, and the result recorded.
func (s *story) judged(livret uuid.UUID, group deliberation.Group, result deliberation.Result) *story {
	s.Helper()
	s.examined(livret, group)
	s.signed(livret, group)
	_, err := s.RecordResult(s.Context(), president(), june, s.number(livret), group, result, "")
	s.must(err)
	return s
}

func (s *story) examined(livret uuid.UUID, group deliberation.Group) {
	s.Helper()
	if seen := s.seen(livret); seen != "" {
		_, err := s.Examine(s.Context(), president(), june, s.number(livret), group, seen)
		s.must(err)
	}
}

func (s *story) signed(livret uuid.UUID, group deliberation.Group) {
	s.Helper()
	if seen := s.seen(livret); seen != "" {
		_, err := s.GivePresidentVisa(s.Context(), president(), june, s.number(livret), group, seen)
		s.must(err)
	}
}

// proclaimed closes the deliberations and proclaims the results of a session.
func (s *story) proclaimed(of deliberation.ExamSession) *story {
	s.Helper()
	_, err := s.CloseDeliberations(s.Context(), dec(), of, s.Today())
	s.must(err)
	_, err = s.Proclaim(s.Context(), dec(), of, s.Today())
	s.must(err)
	return s
}

// number is that of a pupil before the jury of June.
func (s *story) number(livret uuid.UUID) string {
	s.Helper()
	n, err := s.Jury.Number(s.Context(), june, livret)
	s.must(err)
	return n
}

// pupil finds a livret by the identifier of its pupil in the base of the school.
func (s *story) pupil(id uint64) uuid.UUID {
	s.Helper()
	livret, err := s.FindPupil(s.Context(), lycee.UAI, id, 2016)
	s.must(err)
	return livret
}

// ordinary is a pupil who is no special case.
func (s *story) ordinary(n int) uuid.UUID {
	s.Helper()
	pupils, err := s.Family.Pupils(s.Context(), lycee.UAI, 2016, "")
	s.must(err)
	c := lycee.CasesOf(storyPupils, storySeed)
	special := []uint64{c.Minor, c.Adult, c.ContactOnly, c.Repeater, c.Newcomer, c.Switched, c.NewINE, c.NoINE, c.Away, c.Left, c.Screened[0], c.Screened[1], c.Screened[2]}
	for _, p := range pupils {
		is := slices.ContainsFunc(special, func(id uint64) bool {
			livret, err := s.FindPupil(s.Context(), lycee.UAI, id, 2016)
			return err == nil && livret == p.Livret
		})
		if !is {
			if n == 0 {
				return p.Livret
			}
			n--
		}
	}
	s.Fatal("the lycée has no such pupil")
	return uuid.Nil
}

// refused checks that a rule says no.
func (s *story) refused(rule string, err error) *story {
	s.Helper()
	refusal, is := errors.AsType[*domain.Refusal](err)
	if !is || refusal.Rule != rule || refusal.Reason == "" {
		s.Errorf("answered %v, want a refusal by %s", describeRefusal(err), rule)
	}
	return s
}

func describeRefusal(err error) string {
	if refusal, is := errors.AsType[*domain.Refusal](err); is {
		return fmt.Sprintf("the refusal by %s: %s", refusal.Rule, refusal.Reason)
	}
	return fmt.Sprint(err)
}

// runs destroys what is due today, in the name of who runs the program.
func (s *story) runs() *story {
	s.Helper()
	_, err := s.Erase(s.Context(), operator(), s.Today())
	s.must(err)
	return s
}

// reads checks that somebody may read a livret.
func (s *story) reads(who access.Actor, livret uuid.UUID) *story {
	s.Helper()
	if _, err := s.ShowFamily(s.Context(), who, livret); err != nil {
		s.Errorf("on %s, %s can not read: %v", s.Today(), who.Role, describeRefusal(err))
	}
	return s
}

// forgotten checks that nothing opens a livret any more, and that its proof stands.
func (s *story) forgotten(livret uuid.UUID) *story {
	s.Helper()
	if _, err := s.Family.Show(context.Background(), livret); !errors.Is(err, keyvault.ErrShredded) {
		s.Errorf("on %s the livret answers %v", s.Today(), err)
	}
	proofs, err := s.ProofOf(s.Context(), livret)
	s.must(err)
	if len(proofs) == 0 {
		s.Error("it is destroyed, and nothing proves it")
	}
	return s
}

// kept checks that the keys of a livret exist: that it is readable, or in custody.
func (s *story) kept(livret uuid.UUID) *story {
	s.Helper()
	if _, err := s.Family.Show(s.Context(), livret); err != nil && !errors.Is(err, keyvault.ErrArchived) {
		s.Errorf("on %s the livret answers %v", s.Today(), err)
	}
	return s
}

// sound checks that the ledger still verifies, and that each view is what it says.
func (s *story) sound() *story {
	s.Helper()
	report, err := s.Ledger.Check(s.Context())
	s.must(err)
	if len(report.Faults) > 0 {
		s.Errorf("on %s the ledger is not sound: %+v", s.Today(), report)
	}
	replayed, err := s.Replay(s.Context(), true)
	s.must(err)
	for _, view := range replayed {
		if !view.Report.Exact() {
			s.Errorf("on %s the view %s is not what the ledger says: %+v", s.Today(), view.View, view.Report)
		}
	}
	return s
}

// The people of the stories.

func head() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: person("head")}, UAI: lycee.UAI}
}

func dec() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.DEC, Person: person("dec")}, Academie: "08"}
}

func operator() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.Exploitant, Person: person("operator")}, Academie: "08"}
}

func archives() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.Archives, Person: person("archives")}, Academie: "08"}
}

func auditor() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.Auditeur, Person: person("auditor")}, Academie: "08"}
}

func president() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.PresidentJury, Person: bench[deliberation.President]}, Staff: bench[deliberation.President], Session: june.Year, Round: june.Round}
}

var bench = map[deliberation.Office]uuid.UUID{deliberation.President: person("president"), deliberation.Member: person("member")}

func jury() instance.JuryName { return instance.JuryName{Session: june, Number: "0108"} }

func person(name string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(name)) }

// pupilHimself is the pupil of a livret.
func pupilHimself(livret uuid.UUID) access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.Eleve, Person: person(livret.String())}, UAI: lycee.UAI, Livrets: []uuid.UUID{livret}}
}

// parent is a guardian with authority, of a livret that has one.
func (s *story) parent(livret uuid.UUID) access.Actor {
	s.Helper()
	on, err := s.Target(s.Context(), livret)
	s.must(err)
	for _, g := range on.Guardians {
		if g.Legal == 1 || g.Legal == 2 {
			return access.Actor{Actor: domain.Actor{Role: access.ResponsableLegal, Person: person(fmt.Sprint(g.PersonID))}, UAI: lycee.UAI, PersonID: g.PersonID, Livrets: []uuid.UUID{livret}}
		}
	}
	s.Fatal("nobody holds authority over this pupil")
	return access.Actor{}
}

// seen is the imprint of what the jury is shown of a pupil, empty if it is shown no livret.
func (s *story) seen(livret uuid.UUID) string {
	s.Helper()
	dossier, err := s.ShowJury(s.Context(), president(), june, s.number(livret))
	s.must(err)
	return dossier.Imprint
}

type actor = access.Actor

func (s *story) record(livret uuid.UUID) *record.State {
	s.Helper()
	state, _, err := ledger.Load(s.Context(), s.Ledger, record.Decider, livret)
	s.must(err)
	return state
}

func redress(m mark.Mark) instance.Redress { return instance.Redress{Mark: m} }

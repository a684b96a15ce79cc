package asof_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/sanction"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	vaults "livret/eventstore/keyvault/memory"
	"livret/eventstore/keyvault/vaulttest"
	"livret/eventstore/memory"
	"livret/projections"
	"livret/projections/asof"
	"livret/projections/family"
	"livret/projections/jury"
	viewmemory "livret/projections/memory"
	"livret/projections/viewtest"
)

var june = deliberation.ExamSession{Year: 2016, Round: deliberation.Juin}

// life is one livret with all that is written about it: its streams, and what may happen in each.
type life struct {
	*viewtest.Log
	lists     nomenclature.Nomenclature
	views     *viewmemory.Store // live
	vault     *vaults.Vault
	livret    uuid.UUID
	candidate uuid.UUID
	teacher   uuid.UUID
	blame     uuid.UUID
}

func newLife(t interface{ Fatal(...any) }) *life {
	l := &life{vault: vaults.New(), views: viewmemory.New(), livret: uuid.New(), candidate: uuid.New(), teacher: uuid.New(), blame: uuid.New()}
	var err error
	if l.lists, err = nomenclature.Load(); err == nil {
		l.Log, err = viewtest.NewLog(memory.New(), l.vault)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// write appends one event to the stream it belongs to.
func (l *life) write(t interface{ Fatal(...any) }, event domain.Event) {
	owner, id := l.livret, l.livret
	switch e := event.(type) {
	case identity.StaffIdentified:
		owner, id = l.teacher, l.teacher
	case sanction.SanctionPronounced, sanction.LivretLinked, sanction.SanctionAnnulled:
		owner, id = l.blame, l.blame
	case deliberation.CandidateRegistered, deliberation.LivretTransmitted, deliberation.RectificationNotified:
		_, id = e, l.candidate
	}
	if _, err := l.Append(owner, id, event); err != nil {
		t.Fatal(err)
	}
}

// moves are what a random life is made of.
func (l *life) moves(t *rapid.T) domain.Event {
	year := nomenclature.SchoolYear(2015)
	maths := record.Enseignement{Year: year, Matiere: "061300", Modalite: "S", Rank: 1}
	points := mark.Must(mark.Hundredths(rapid.IntRange(0, 2000).Draw(t, "points")))
	text := uint64(rapid.IntRange(1, 20).Draw(t, "text"))
	all := []domain.Event{
		record.SchoolingRecorded{Year: year, UAI: "0750655E", MEF: "20211010112", Division: fmt.Sprintf("TS%d", text)},
		record.SchoolingRecorded{Year: year, UAI: "0381234A", MEF: "20211010112", Division: "T1"}, // transferred
		record.PeriodsSet{Year: year, Count: 3},
		record.AverageRecorded{Enseignement: maths, Period: 1, Mark: points},
		record.AverageCorrected{Enseignement: maths, Period: 1, Mark: points, Reason: "erreur"},
		record.AppreciationWritten{Enseignement: maths, Text: fmt.Sprintf("Rose a de bons résultats (%d).", text)},
		record.PassagesMasked{Text: text, Spans: [][2]uint16{{0, 4}}, Rule: "masking.v1"},
		record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{l.teacher}},
		record.AvisIssued{Avis: record.TresFavorable}, record.AvisIssued{Avis: record.Favorable},
		record.PeriodLocked{Year: year, Period: 1}, record.PeriodUnlocked{Year: year, Period: 1, Reason: "erreur"},
		record.HeadVisaGiven{Year: year}, record.B2iAttested{}, record.EngagementDeclared{Code: "V"},
		record.ProcessingRestricted{Reason: "contestation"}, record.RestrictionLifted{},
		identity.CivilIdentityRecorded{FamilyName: "MARTIN", FirstNames: []string{"Rose"}, BirthDate: fmt.Sprintf("1998-01-%02d", text)},
		identity.StaffIdentified{UAI: "0750655E", Civility: "MME", Name: fmt.Sprintf("FAURE%d", text)},
		deliberation.CandidateRegistered{Livret: l.livret, Session: june.Year, Round: june.Round, Number: "48151623"},
		deliberation.LivretTransmitted{RecordVersion: text}, deliberation.RectificationNotified{Rectification: l.blame},
		sanction.SanctionPronounced{Measure: sanction.Measure{Kind: sanction.Blame}, Pronounced: domain.NewDate(2015, time.September, 4), Entry: true},
		sanction.LivretLinked{Livret: l.livret}, sanction.SanctionAnnulled{},
	}
	return rapid.SampledFrom(all).Draw(t, "event")
}

// seen is all that the two views show of the life, read from some stores.
func (l *life) seen(t interface{ Fatal(...any) }, familyViews, juryViews projections.Store) string {
	ctx := context.Background()
	livret, errFamily := family.NewReader(familyViews, l.vault, l.lists).Show(ctx, l.livret)
	reader := jury.NewReader(juryViews, l.vault, l.lists)
	dossier, errJury := reader.Show(ctx, june, "48151623")
	sanctions, errSanctions := reader.Sanctions(ctx, june, "48151623", domain.NewDate(2015, time.December, 1))
	evidence, _ := reader.Evidence(ctx, june, "48151623")
	said, err := json.Marshal([]any{livret, fmt.Sprint(errFamily), dossier, fmt.Sprint(errJury), sanctions, fmt.Sprint(errSanctions), evidence.ViewHash})
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// past reads the two views as of a position.
func (l *life) past(t interface{ Fatal(...any) }, at eventstore.Position) string {
	ctx := context.Background()
	f, err := asof.New(ctx, l.Source(), l.views, family.Projection(), at)
	if err != nil {
		t.Fatal(err)
	}
	j, err := asof.New(ctx, l.Source(), l.views, jury.Projection(), at)
	if err != nil {
		t.Fatal(err)
	}
	return l.seen(t, f, j)
}

// fold brings the live views up to date, and answers where they stand.
func (l *life) fold(t interface{ Fatal(...any) }) (at eventstore.Position) {
	for _, p := range []projections.Projection{family.Projection(), jury.Projection()} {
		var err error
		if at, err = projections.Run(context.Background(), l.Source(), l.views, p); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

// Whatever was written and in whatever order, what is shown as of a position is what the live views showed then.
func TestThePastIsWhatWasLive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLife(t)
		for _, event := range []domain.Event{
			deliberation.CandidateRegistered{Livret: l.livret, Session: june.Year, Round: june.Round, Number: "48151623"},
			record.LivretOpened{Session: 2016}, deliberation.LivretTransmitted{RecordVersion: 1},
		} {
			l.write(t, event)
		}
		showed := make(map[eventstore.Position]string)
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			l.write(t, l.moves(t))
			at := l.fold(t)
			showed[at] = l.seen(t, l.views, l.views)
		}
		for at, want := range showed {
			if got := l.past(t, at); got != want {
				t.Fatalf("as of %x is shown\n%s\nand was\n%s", at[:8], got, want)
			}
		}
	})
}

// Who is forgotten, or in custody, has no past either; before he was there, he is not there.
func TestNoPastWithoutAKey(t *testing.T) {
	for want, states := range map[error][]keyvault.State{
		keyvault.ErrArchived: {keyvault.Active, keyvault.Archived}, keyvault.ErrShredded: {keyvault.Active, keyvault.Fenced, keyvault.Shredded},
	} {
		l := newLife(t)
		l.write(t, identity.StaffIdentified{Name: "FAURE"})
		before := l.fold(t)
		l.write(t, record.LivretOpened{Session: 2016})
		at := l.fold(t)
		key, err := l.vault.Find(t.Context(), l.livret, keyvault.Record)
		if err != nil {
			t.Fatal(err)
		}
		vaulttest.Move(t, l.vault, key.ID, states...)
		for position, want := range map[eventstore.Position]error{before: projections.ErrNotFound, at: want} {
			views, err := asof.New(t.Context(), l.Source(), l.views, family.Projection(), position)
			if err != nil {
				t.Fatal(err)
			}
			if shown, err := family.NewReader(views, l.vault, l.lists).Show(t.Context(), l.livret); !errors.Is(err, want) || shown.Session != 0 {
				t.Errorf("as of %x, session %d is shown, %v; want %v", position[:8], shown.Session, err, want)
			}
		}
	}
}

// counting tells how many events were read, and refuses to have the log scanned.
type counting struct {
	eventstore.Store
	t    *testing.T
	read int
}

func (c *counting) Read(context.Context, eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	c.t.Error("the log was scanned")
	return func(func(eventstore.Envelope, error) bool) {}
}

func (c *counting) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range c.Store.Stream(ctx, stream, after) {
			if c.read++; !yield(e, err) {
				return
			}
		}
	}
}

func TestNothingElseIsRead(t *testing.T) {
	l := newLife(t)
	for range 20 {
		l.write(t, record.B2iAttested{})
	}
	at := l.fold(t)
	for range 5 {
		l.livret = uuid.New()
		l.write(t, record.B2iAttested{})
	}
	source := l.Source()
	counted := &counting{Store: source.Store, t: t}
	source.Store = counted
	views, err := asof.New(t.Context(), source, l.views, family.Projection(), at)
	if err != nil {
		t.Fatal(err)
	}
	stream := eventstore.Stream(record.Category, l.livret)
	for range 2 {
		if _, err := views.Rows(t.Context(), family.Projection().Name, stream, eventstore.Stream("unknown", l.livret)); err != nil {
			t.Fatal(err)
		}
	}
	if counted.read != 1 || len(views.Streams()) != 1 {
		t.Errorf("%d events of %v were read", counted.read, views.Streams())
	}
	for _, err := range views.Scan(t.Context(), family.Projection().Name, record.Category) {
		if !errors.Is(err, asof.ErrWhole) {
			t.Error("a part of the past is shown as if it were all of it")
		}
	}
}

package web

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/eventstore"
	"livret/projections/family"
)

// replayPage is the stream of a livret, one fact at a time: what it changed, and what proves it.
type replayPage struct {
	Livret  uuid.UUID
	Trail   []chronicle.Line
	Step    int // of the fact shown, from 1; 0: nothing was ever written
	Fact    chronicle.Line
	Proof   instance.FactProof
	First   time.Time // of the earliest checkpoint; zero: none
	Instant string    // as the form proposes it
}

// Previous and Next are the steps beside, 0 at the ends.
func (p replayPage) Previous() int { return p.Step - 1 }

// Next is the step after.
func (p replayPage) Next() int {
	if p.Step == len(p.Trail) {
		return 0
	}
	return p.Step + 1
}

func replayHref(livret uuid.UUID) string { return "/livrets/" + livret.String() + "/rejeu" }

func (s *Site) replay(r *http.Request) (view, error) {
	v := view{Template: "rejeu", Title: "Rejouer l’histoire d’un livret"}
	actor, id, err := s.replaying(r)
	if err != nil {
		return v, err
	}
	page := replayPage{Livret: id}
	if page.Trail, err = s.Trail(r.Context(), actor, id); err != nil {
		return v, err
	}
	if page.Step, err = stepOf(r, len(page.Trail)); err != nil {
		return v, err
	}
	if page.First, err = s.FirstCheckpoint(r.Context()); err != nil {
		return v, err
	}
	page.Fact = page.Trail[page.Step-1]
	if page.Proof, err = s.ProveFact(r.Context(), page.Trail, positionOf(page.Fact)); err != nil {
		return v, err
	}
	page.Instant = s.Ledger.Now().In(s.paris).Format("2006-01-02T15:04")
	v.Data = page
	v.Crumbs = []link{{"Accueil", "/"}, {"Historique", "/livrets/" + id.String() + "/historique"}, {"Rejeu", ""}}
	return v, nil
}

// replaying is who asks to replay which livret: he may, and it is logged before anything is shown.
func (s *Site) replaying(r *http.Request) (access.Actor, uuid.UUID, error) {
	actor, err := s.actor(r)
	if err != nil {
		return actor, uuid.Nil, err
	}
	id, err := uuid.Parse(r.PathValue("livret"))
	if err != nil {
		return actor, id, errNoPage
	}
	if err := s.may(r.Context(), actor, access.ReplayPast, id); err != nil && !gone(err) {
		return actor, id, err
	}
	if err := s.consulted(r.Context(), actor, id); err != nil && !gone(err) {
		return actor, id, err
	}
	return actor, id, nil
}

// stepOf is the fact of the address, the last one if it names none.
func stepOf(r *http.Request, count int) (int, error) {
	text := r.URL.Query().Get("fait")
	if text == "" {
		return count, nil
	}
	step, err := strconv.Atoi(text)
	if err != nil || step < 1 || step > count {
		return 0, errNoPage
	}
	return step, nil
}

func positionOf(l chronicle.Line) (at eventstore.Position) {
	raw, _ := hex.DecodeString(l.Position)
	copy(at[:], raw)
	return at
}

// pastPage is what a family or a jury was shown of a livret at a moment.
type pastPage struct {
	Livret  uuid.UUID
	View    string // "jury" or "famille"
	Round   string // of the candidate
	Instant string // as typed
	Step    int    // or the fact after which
	Problem *domain.Refusal
	Nothing bool // the view had nothing to show then

	AsOf   instance.Moment
	Name   string // of the view, with its version
	Jury   *instance.JurySeen
	Family *family.Livret
	Visas  []instance.VisaSeen
}

func (s *Site) past(r *http.Request) (view, error) {
	v := view{Template: "vue", Title: "Ce qui était montré à un instant"}
	actor, id, err := s.replaying(r)
	if err != nil {
		return v, err
	}
	page := pastPage{Livret: id, View: "jury", Round: deliberation.Juin, Instant: r.URL.Query().Get("instant")}
	if r.URL.Query().Get("vue") == "famille" {
		page.View = "famille"
	}
	if r.URL.Query().Get("tour") == deliberation.Septembre {
		page.Round = deliberation.Septembre
	}
	when, err := s.when(r, actor, &page)
	if err == nil {
		err = s.fillPast(r, actor, when, &page)
	}
	if refusal, is := asRefusal(err); is && (refusal.Rule == instance.RuleNoCheckpoint || refusal.Rule == ruleInstant) {
		page.Problem, v.Status, err = refusal, http.StatusUnprocessableEntity, nil
	}
	if errors.Is(err, instance.ErrNotFound) {
		page.Nothing, page.Jury, page.Family, err = true, nil, nil, nil
	}
	v.Data = page
	v.Crumbs = []link{{"Accueil", "/"}, {"Rejeu", replayHref(id)}, {"À un instant", ""}}
	return v, err
}

// Asked is the instant that was asked for, nil if it was a fact.
func (p pastPage) Asked() *time.Time {
	if p.AsOf.Asked.IsZero() {
		return nil
	}
	return &p.AsOf.Asked
}

// instantForm is the form that asks for an instant, as it stands.
type instantForm struct {
	Livret               uuid.UUID
	Instant, View, Round string
}

// ruleInstant refuses what was typed for a time.
const ruleInstant = "instant-illisible"

// when is the moment of the address: just after a fact of the trail, or an instant.
func (s *Site) when(r *http.Request, actor access.Actor, page *pastPage) (when instance.When, err error) {
	if r.URL.Query().Get("fait") == "" {
		when.Instant, err = instance.ParseInstant(page.Instant)
		if errors.Is(err, instance.ErrInstant) {
			err = domain.Refuse(ruleInstant, "La date et l’heure n’ont pas pu être lues.", "Donnez un jour et une heure, comme 2018-07-05T10:00.")
		}
		return when, err
	}
	trail, err := s.Trail(r.Context(), actor, page.Livret)
	if err != nil {
		return when, err
	}
	if page.Step, err = stepOf(r, len(trail)); err != nil {
		return when, err
	}
	at := positionOf(trail[page.Step-1])
	page.Instant = trail[page.Step-1].RecordedAt.In(s.paris).Format("2006-01-02T15:04")
	return instance.When{Position: &at}, nil
}

func (s *Site) fillPast(r *http.Request, actor access.Actor, when instance.When, page *pastPage) error {
	if page.View == "famille" {
		seen, err := s.FamilyAsOf(r.Context(), actor, page.Livret, when)
		page.AsOf, page.Name, page.Family = seen.AsOf, seen.View, &seen.Shown
		return err
	}
	candidatures, err := s.Candidatures(r.Context(), actor, page.Livret)
	if err != nil {
		return err
	}
	for _, c := range candidatures {
		if c.Session.Round != page.Round {
			continue
		}
		seen, err := s.JuryAsOf(r.Context(), actor, c.Session, c.Number, when)
		page.AsOf, page.Name, page.Jury = seen.AsOf, seen.View, &seen.Shown
		if err != nil {
			return err
		}
		page.Visas, err = s.AtVisas(r.Context(), actor, c.Session, c.Number)
		if errors.Is(err, instance.ErrNotFound) {
			err = nil
		}
		return err
	}
	return errNoPage
}

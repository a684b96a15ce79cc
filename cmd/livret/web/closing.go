package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"livret/cmd/livret/board"
	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/projections/wording"
)

// closingPage is where a head of school closes the pages of a division: locks, and visas.
type closingPage struct {
	Order    uuid.UUID // drawn anew each time the page is shown
	Year     nomenclature.SchoolYear
	Division string
	Periods  []string // names
	Rows     []*closingRow
	Acts     []closingAct
	Form     closingForm // as it was sent, if it was refused
	Saved    int
	Same     int // livrets that were so already
	Problems []gridProblem
}

// closingRow is one pupil.
type closingRow struct {
	Number  int
	Livret  uuid.UUID
	Name    string
	Version uint64 // of the record, as it is shown
	Missing int    // items that the page lacks, locks and visa apart
	Locked  []bool // by period
	Year    bool   // the whole year is locked
	Visa    bool   // it stands
	Void    bool   // it was given, and the page has changed since
	Chosen  bool
}

// closingAct is one thing that can be done.
type closingAct struct{ Value, Label string }

// acts lists what can be done to a year of so many periods.
func closingActs(periods uint8) []closingAct {
	var acts []closingAct
	for _, of := range []struct{ value, label string }{{"verrouiller", "Verrouiller"}, {"deverrouiller", "Déverrouiller"}} {
		for period := uint8(1); period <= periods; period++ {
			acts = append(acts, closingAct{fmt.Sprint(of.value, period), of.label + " le " + wording.PeriodName(period, periods)})
		}
		acts = append(acts, closingAct{of.value + "0", of.label + " l’année entière"})
	}
	return append(acts, closingAct{"viser", "Viser la page de l’année"})
}

func (s *Site) closing(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	page, err := s.showClosing(r, actor)
	if err != nil {
		return view{}, err
	}
	page.Saved, _ = number(r.URL.Query().Get("enregistre"), 10_000)
	page.Same, _ = number(r.URL.Query().Get("deja"), 10_000)
	return page.view(), nil
}

func (p *closingPage) view() view {
	return view{Template: "cloture", Title: "Clôture, " + p.Division, Data: p,
		Crumbs: []link{{"Accueil", "/"}, {"Classes", "/classes"}, {p.Division, divisionHref(p.Year, p.Division)}, {"Clôture", ""}}}
}

// showClosing makes the page of those pupils whose pages the actor may lock.
func (s *Site) showClosing(r *http.Request, actor access.Actor) (*closingPage, error) {
	year, division, err := divisionOf(r)
	if err != nil {
		return nil, err
	}
	pupils, err := s.roster(r.Context(), actor, year, division)
	if err != nil {
		return nil, err
	}
	p := &closingPage{Order: uuid.New(), Year: year, Division: division}
	periods := uint8(0)
	var measured []board.Pupil
	for _, pupil := range pupils {
		if access.May(actor, access.LockPeriod, s.target(pupil.book, year), s.Today()) != nil {
			continue
		}
		of := pupil.State.Year(year)
		periods = max(periods, of.Periods)
		measured = append(measured, board.Pupil{Livret: pupil.ID, Name: pupil.Name, State: pupil.State})
		p.Rows = append(p.Rows, &closingRow{Number: len(p.Rows) + 1, Livret: pupil.ID, Name: pupil.Name, Version: uint64(pupil.Version),
			Year: of.Locks.Has(0), Visa: of.VisaStands(), Void: of.VisaAt != 0 && !of.VisaStands()})
	}
	if len(p.Rows) == 0 {
		return nil, access.May(actor, access.LockPeriod, access.Target{}, s.Today())
	}
	for n, row := range p.Rows {
		for period := uint8(1); period <= periods; period++ {
			row.Locked = append(row.Locked, measured[n].State.Year(year).Locks.Has(period))
		}
	}
	for period := range periods {
		p.Periods = append(p.Periods, wording.PeriodName(period+1, periods))
	}
	p.Acts = closingActs(periods)
	return p, s.count(r.Context(), p, measured)
}

// count tells how much each page still lacks.
func (s *Site) count(ctx context.Context, p *closingPage, pupils []board.Pupil) error {
	b, err := s.Board(ctx, p.Year, p.Division, pupils)
	if err != nil {
		return err
	}
	for n, row := range b.Pupils {
		for _, part := range row.Parts {
			for _, g := range part.Gaps {
				if g.Item != record.ItemLock && g.Item != record.ItemHeadVisa {
					p.Rows[n].Missing++
				}
			}
		}
	}
	return nil
}

// closeEach does to each chosen pupil what the form says, and answers who was refused.
func (s *Site) closeEach(ctx context.Context, actor access.Actor, p *closingPage, form closingForm) (failed map[uuid.UUID]error, err error) {
	failed = make(map[uuid.UUID]error)
	for _, row := range p.Rows {
		seen, chosen := form.seen[row.Livret]
		if !chosen {
			continue
		}
		order := orderID(form.order, cell{Livret: row.Livret, Enseignement: record.Enseignement{Year: p.Year}}, form.Act, form.Reason)
		changed, err := s.ClosePage(ctx, actor, order, row.Livret, seen, form.closing(p.Year))
		switch {
		case err == nil && changed:
			p.Saved++
		case err == nil:
			p.Same++
		case s.known(err).Status == 0:
			return failed, err
		default:
			failed[row.Livret] = err
		}
	}
	if p.Saved+p.Same+len(failed) == 0 {
		return nil, domain.Refuse("aucun-eleve", "Aucun élève n’est choisi.", "Cochez au moins un élève, ou choisissez toute la classe.")
	}
	return failed, nil
}

// closing is what the form says, as an order.
func (f closingForm) closing(year nomenclature.SchoolYear) instance.Closing {
	return instance.Closing{Act: f.act, Year: year, Period: f.period, Reason: f.Reason}
}

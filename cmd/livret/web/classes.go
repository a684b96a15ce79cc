package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/projections/family"
	"livret/projections/wording"
)

// pupil is one line of a class list.
type pupil struct {
	book
	Name     string // surname first
	Division string
}

// roster is the pupils of a division of the actor's own school, or of all its divisions, whom he may find in a
// list. That there are none is refused in the words in which a stranger is refused.
func (s *Site) roster(ctx context.Context, actor access.Actor, year nomenclature.SchoolYear, division string) ([]pupil, error) {
	stranger := access.May(actor, access.ListPupils, access.Target{}, s.Today())
	if actor.UAI == "" || !everMay(actor.Role, access.ListPupils) {
		return nil, stranger
	}
	entries, err := s.Family.Pupils(ctx, actor.UAI, year, division)
	if err != nil {
		return nil, err
	}
	all, err := s.allowed(ctx, actor, year, entries)
	if err == nil && len(all) == 0 {
		err = stranger
	}
	return all, err
}

// allowed opens the livrets of those pupils whom the actor may find in a list.
func (s *Site) allowed(ctx context.Context, actor access.Actor, year nomenclature.SchoolYear, entries []family.Entry) ([]pupil, error) {
	all := make([]pupil, len(entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, e := range entries {
		group.Go(func() error {
			b, err := s.load(ctx, e.Livret)
			if gone(err) {
				return nil
			}
			all[i] = pupil{b, e.ListName, e.Division}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p pupil) bool {
		return p.State == nil || access.May(actor, access.ListPupils, s.listed(p.book, year), s.Today()) != nil
	}), nil
}

// everMay tells whether a role can do something at all, to spare the work of asking pupil by pupil.
func everMay(role string, act access.Act) bool {
	return slices.ContainsFunc(access.Policy(), func(l access.Line) bool { return l.Act == act && l.Role == role })
}

// yearOfClasses is one school year in the list of classes.
type yearOfClasses struct {
	Year      nomenclature.SchoolYear `json:"year"`
	Label     string                  `json:"label"`
	Divisions []divisionEntry         `json:"divisions"`
}

// divisionEntry is one division of it.
type divisionEntry struct {
	Name   string             `json:"name"`
	Pupils int                `json:"pupils"` // whom the reader may find in the list
	Serie  nomenclature.Serie `json:"serie,omitempty"`
	Href   string             `json:"-"`
}

func (s *Site) classes(r *http.Request) (view, error) {
	v := view{Template: "classes", Title: "Classes", Crumbs: []link{{"Accueil", "/"}, {"Classes", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	v.Data, err = s.listClasses(r.Context(), actor)
	return v, err
}

// listClasses lists the divisions of this school year and of the last two, which a livret may still speak of.
func (s *Site) listClasses(ctx context.Context, actor access.Actor) ([]yearOfClasses, error) {
	if actor.UAI == "" || !everMay(actor.Role, access.ListPupils) {
		return nil, access.May(actor, access.ListPupils, access.Target{}, s.Today())
	}
	years := []yearOfClasses{}
	now := s.schoolYear()
	for year := now; year > now-3; year-- {
		entries, err := s.Family.Pupils(ctx, actor.UAI, year, "")
		if err != nil {
			return nil, err
		}
		y := yearOfClasses{Year: year, Label: year.Label()}
		for _, e := range entries {
			on := access.Target{
				Livret: e.Livret, UAI: actor.UAI, Academie: s.Settings.Academie,
				Division: access.Division{Year: year, Name: e.Division}, Teachers: e.Teachers,
			}
			if access.May(actor, access.ListPupils, on, s.Today()) != nil {
				continue
			}
			if n := len(y.Divisions); n == 0 || y.Divisions[n-1].Name != e.Division {
				d := divisionEntry{Name: e.Division, Href: divisionHref(year, e.Division)}
				if p, err := s.Nomenclature.Programme(year, e.MEF); err == nil {
					d.Serie = p.Serie
				}
				y.Divisions = append(y.Divisions, d)
			}
			y.Divisions[len(y.Divisions)-1].Pupils++
		}
		if len(y.Divisions) > 0 {
			years = append(years, y)
		}
	}
	return years, nil
}

// schoolYear is the one that today belongs to; it turns on 1 August, when nobody writes.
func (s *Site) schoolYear() nomenclature.SchoolYear {
	now := s.Ledger.Now().In(s.paris)
	return nomenclature.SchoolYear(now.AddDate(0, -7, 0).Year())
}

func divisionHref(year nomenclature.SchoolYear, division string) string {
	return fmt.Sprintf("/classes/%d/%s", year, url.PathEscape(division))
}

// divisionPage is one division: what there is to fill, and the pupils.
type divisionPage struct {
	Year      nomenclature.SchoolYear `json:"year"`
	Label     string                  `json:"label"`
	Division  string                  `json:"division"`
	Teachings []*teachingEntry        `json:"teachings"`
	Pupils    []pupilEntry            `json:"pupils"`
	Whole     bool                    `json:"-"` // the reader may read livrets here, and so sees the avis
	Forms     []link                  `json:"-"` // what else the reader fills here

	terminale bool // some of the pupils are in their last year
}

// Href is the address of the division.
func (p divisionPage) Href() string { return divisionHref(p.Year, p.Division) }

// teachingEntry is one enseignement of a division, and how far it is filled.
type teachingEntry struct {
	Matiere  nomenclature.Matiere  `json:"matiere"`
	Modalite nomenclature.Modalite `json:"modalite"`
	Rank     uint8                 `json:"rank"`
	Label    string                `json:"label"`
	Pupils   int                   `json:"pupils"`
	Marks    int                   `json:"marks"`   // averages recorded, of all periods
	Written  int                   `json:"written"` // appreciations
	Href     string                `json:"-"`

	position int
}

// pupilEntry is one pupil of a division, as far as the reader may know.
type pupilEntry struct {
	Livret  string `json:"livret"`
	Name    string `json:"name"`
	Lines   int    `json:"lines"`   // enseignements that the reader may read
	Written int    `json:"written"` // of these, with an appreciation
	Avis    string `json:"avis,omitempty"`
	Href    string `json:"-"` // of the livret; empty if it is not open to the reader
}

func (s *Site) division(r *http.Request) (view, error) {
	v := view{Template: "division"}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	page, err := s.showDivision(r, actor)
	v.Data, v.Title = page, "Classe "+page.Division
	v.Crumbs = []link{{"Accueil", "/"}, {"Classes", "/classes"}, {page.Division, ""}}
	return v, err
}

func (s *Site) showDivision(r *http.Request, actor access.Actor) (divisionPage, error) {
	year, division, err := divisionOf(r)
	if err != nil {
		return divisionPage{}, err
	}
	page := divisionPage{Year: year, Label: year.Label(), Division: division}
	pupils, err := s.roster(r.Context(), actor, page.Year, page.Division)
	if err != nil {
		return page, err
	}
	today := s.Today()
	teachings := make(map[record.Enseignement]*teachingEntry)
	for _, p := range pupils {
		e := pupilEntry{Livret: p.ID.String(), Name: p.Name}
		page.terminale = page.terminale || p.State.Terminale() == page.Year
		if access.May(actor, access.ReadFamilyView, s.latest(p.book), today) == nil {
			e.Href, page.Whole = "/livrets/"+p.ID.String(), true
			if p.State.Avis != "" {
				e.Avis = wording.Avis(p.State.Avis)
			}
		}
		for line := range p.State.LinesOf(page.Year) {
			if access.May(actor, access.ReadTeaching, s.line(p.book, line.Enseignement), today) != nil {
				continue
			}
			t := teachings[line.Enseignement]
			if t == nil {
				t = s.teaching(p.book, line.Enseignement, page.Division)
				teachings[line.Enseignement] = t
				page.Teachings = append(page.Teachings, t)
			}
			t.Pupils++
			e.Lines++
			if line.Appreciation.Sequence != 0 {
				t.Written++
				e.Written++
			}
			for _, a := range line.Averages {
				if a.Recorded() {
					t.Marks++
				}
			}
		}
		page.Pupils = append(page.Pupils, e)
	}
	page.Forms = s.forms(actor, page)
	slices.SortStableFunc(page.Teachings, func(a, b *teachingEntry) int { return cmp.Compare(a.position, b.position) })
	return page, nil
}

// forms lists the pages of a division on which the actor has something to look at or to write.
func (s *Site) forms(actor access.Actor, p divisionPage) []link {
	all := []link{{"Complétude", p.Href() + "/completude"}}
	for _, of := range sheets {
		if p.Whole && of.open(actor.Role) && (!of.cycle || p.terminale) {
			all = append(all, link{of.title, p.Href() + "/" + of.slug})
		}
	}
	if everMay(actor.Role, access.LockPeriod) {
		all = append(all, link{"Clôture : verrous et visas", p.Href() + "/cloture"})
		if p.terminale {
			all = append(all, link{"Transmission au jury", p.Href() + "/transmission"})
		}
	}
	return all
}

// teaching names an enseignement as the formation of a pupil does, in the place it has there.
func (s *Site) teaching(b book, e record.Enseignement, division string) *teachingEntry {
	schooling, _ := b.State.Year(e.Year).Schooling()
	t := &teachingEntry{Matiere: e.Matiere, Modalite: e.Modalite, Rank: e.Rank, Href: teachingHref(e, division)}
	t.Label, t.position = s.Nomenclature.Entitle(e.Year, schooling.MEF, e.Matiere, e.Modalite, e.Rank)
	return t
}

func teachingHref(e record.Enseignement, division string) string {
	return fmt.Sprintf("%s/%s/%s/%d", divisionHref(e.Year, division), e.Matiere, e.Modalite, e.Rank)
}

package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/eventstore/ledger"
	"livret/projections/family"
)

// rightsPage is where a family asks and declares, and where the head of school answers.
type rightsPage struct {
	instance.Rights
	Livret   uuid.UUID
	Order    uuid.UUID
	Version  uint64 // of what the livret says
	Head     bool
	Refusals map[access.Act]string // why the reader may not do something here; absent: he may
	Subjects []subjectGroup
	Demands  []demandRow
	Grounds  []record.RestrictionGround
	Civil    identity.CivilIdentityRecorded // as it stands, for the head to rectify
	Today    string                         // ISO 8601
	Done     string                         // what was just recorded
	Problem  *problem                       // why it was not
	Suspect  []string                       // passages of a text to read again
	Typed    url.Values                     // of the form that comes back
}

// May tells whether the reader may do something here.
func (p rightsPage) May(act access.Act) bool {
	_, refused := p.Refusals[act]
	return !refused
}

// Why is why he may not, in French.
func (p rightsPage) Why(act access.Act) string { return p.Refusals[act] }

// subjectGroup is what a rectification may be about, by year.
type subjectGroup struct {
	Label    string
	Subjects []subjectOption
}

type subjectOption struct{ Value, Label string }

// demandRow is one demand, with what the head needs to answer it.
type demandRow struct {
	record.Rectification
	Label string // what it is about
	Now   string // what stands there, for the head
}

// rightsAction is a form of one button; rightsAnswer is the head's on one demand.
type (
	rightsAction struct {
		Page       rightsPage
		Act, Label string
	}
	rightsAnswer struct {
		Page   rightsPage
		Demand demandRow
	}
)

// rightsActs are those that the page is about.
var rightsActs = []access.Act{
	access.AcknowledgeLivret, access.RequestRectification, access.DecideRectification, access.OpposeTransmission, access.RestrictProcessing,
	access.RefuseOnlineService, access.HandOverPaper, access.ExportPersonal, access.ReadConsultations, access.ReadFamilyView,
}

func rightsHref(livret uuid.UUID) string { return "/livrets/" + livret.String() + "/droits" }

func (s *Site) rights(r *http.Request) (view, error) {
	page, err := s.showRights(r)
	page.Done = rightsDone[r.URL.Query().Get("fait")]
	return page.view(), err
}

func (p rightsPage) view() view {
	v := view{Template: "droits", Title: "Droits sur le livret", Data: p, Crumbs: []link{{"Accueil", "/"}}}
	if p.Head {
		v.Crumbs = append(v.Crumbs, link{"Demandes", "/demandes"})
	}
	if p.May(access.ReadFamilyView) {
		v.Crumbs = append(v.Crumbs, link{"Livret", "/livrets/" + p.Livret.String()})
	}
	v.Crumbs = append(v.Crumbs, link{"Droits", ""})
	return v
}

func (s *Site) showRights(r *http.Request) (rightsPage, error) {
	page := rightsPage{Order: uuid.New(), Refusals: make(map[access.Act]string), Today: s.Today().String(), Typed: url.Values{},
		Grounds: []record.RestrictionGround{record.AccuracyContested, record.UnlawfulProcessing, record.LegalClaims, record.ObjectionExamined}}
	actor, err := s.actor(r)
	if err != nil {
		return page, err
	}
	if page.Livret, err = uuid.Parse(r.PathValue("livret")); err != nil {
		return page, errNoPage
	}
	if err := s.reach(r.Context(), actor, page.Livret); err != nil {
		return page, err
	}
	if page.Rights, err = s.Rights(r.Context(), actor, page.Livret); err != nil {
		return page, err
	}
	page.Head, page.Version = actor.Role == access.ChefEtablissement, page.State.ContentVersion()
	for _, act := range rightsActs {
		on := page.Target
		on.Refused = on.Refused && act != access.RefuseOnlineService
		if refusal, refused := asRefusal(access.May(actor, act, on, s.Today())); refused {
			page.Refusals[act] = refusal.Reason + " " + refusal.Remedy
		}
	}
	if page.Target.Refused && !page.Head {
		return page, nil // nothing else is shown on line to who refused it
	}
	shown, err := s.Family.Show(r.Context(), page.Livret)
	if err != nil {
		return page, err
	}
	if page.Head {
		pupil, _, err := ledger.Load(r.Context(), s.Ledger, identity.PupilDecider, page.Livret)
		if err != nil {
			return page, err
		}
		page.Civil = pupil.Civil
	}
	page.Subjects = subjects(shown)
	for _, d := range slices.Backward(page.State.Rights.Rectifications) {
		row := demandRow{Rectification: d, Label: subjectLabel(page.Subjects, d.About)}
		if page.Head {
			row.Now = standsNow(page.State, d.About)
		}
		page.Demands = append(page.Demands, row)
	}
	return page, nil
}

// reach asks whether the rights on a livret are open to the actor. To whom they are not, a livret that does not
// exist, one that was forgotten and one of another school are refused in the same words.
func (s *Site) reach(ctx context.Context, actor access.Actor, livret uuid.UUID) error {
	err := s.may(ctx, actor, access.RequestRectification, livret)
	if refusal, refused := asRefusal(err); refused && refusal.Rule == "teleservice-refuse" {
		return nil // he may accept it again
	}
	return err
}

// standsNow is what the head is asked to rectify.
func standsNow(s *record.State, about record.Subject) string {
	line := s.Line(about.Enseignement)
	switch {
	case line == nil:
		return ""
	case about.Kind == record.SubjectAverage:
		return writeMark(line.Average(about.Period).Mark)
	}
	return line.Appreciation.Value
}

// subjects lists what a rectification may be about, in the order of the livret.
func subjects(l family.Livret) []subjectGroup {
	groups := []subjectGroup{{"Ensemble du livret", []subjectOption{
		{string(record.SubjectIdentity), "État civil"},
		{string(record.SubjectOther), "Autre mention : engagement, observation, avis, compétence"},
	}}}
	for _, y := range l.Years {
		group := subjectGroup{Label: y.Label}
		for _, g := range y.Groups {
			for _, line := range g.Lines {
				e := record.Enseignement{Year: y.Year, Matiere: line.Matiere, Modalite: line.Modalite, Rank: line.Rank}
				for n, m := range line.Periods {
					if m != nil {
						about := record.Subject{Kind: record.SubjectAverage, Enseignement: e, Period: uint8(n + 1)}
						group.Subjects = append(group.Subjects, subjectOption{about.String(), fmt.Sprintf("%s, moyenne du %s %d", line.Label, cmp.Or(y.PeriodLabel, "période"), n+1)})
					}
				}
				about := record.Subject{Kind: record.SubjectAppreciation, Enseignement: e}
				group.Subjects = append(group.Subjects, subjectOption{about.String(), line.Label + ", appréciation"})
			}
		}
		if len(group.Subjects) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

func subjectLabel(groups []subjectGroup, about record.Subject) string {
	for _, g := range groups {
		for _, o := range g.Subjects {
			if o.Value == about.String() {
				if about.Enseignement.Year != 0 {
					return o.Label + ", " + g.Label
				}
				return o.Label
			}
		}
	}
	return "Autre mention"
}

package record

import (
	"errors"
	"slices"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// Plan is Decide and Refusals at once: for a preview.
//
// Each line becomes the command that a person would have given, decided on the livret as the lines before it
// leave it, so that a file is under the same rules as everybody.
func (c ImportLivret) Plan(s *State) ([]domain.Event, []LineRefusal) {
	p := planner{state: s.clone(), said: map[Place]bool{}}
	if c.Session != 0 || !s.Opened() {
		if !p.try(Place{Act: LivretOpened{}.EventType()}, OpenLivret{Session: c.Session}) {
			return nil, p.refused
		}
	}
	for _, y := range c.Years {
		c.planYear(&p, y)
	}
	for _, code := range c.Engagements {
		p.try(Place{Act: EngagementDeclared{}.EventType(), Code: string(code)}, DeclareEngagement{Code: code})
	}
	if Tidy(c.Other) != "" {
		p.try(Place{Act: OtherEngagementDeclared{}.EventType()}, DeclareOtherEngagement{Text: c.Other})
	}
	if c.Avis != "" {
		p.try(Place{Act: AvisIssued{}.EventType()}, IssueAvis{Avis: c.Avis})
	}
	if c.B2i {
		p.try(Place{Act: B2iAttested{}.EventType()}, AttestB2i{})
	}
	return p.events, p.refused
}

func (c ImportLivret) planYear(p *planner, y ImportedYear) {
	page := Place{Year: y.Year}
	err := checkYear(p.state, y.Year)
	if err == nil && p.said[page] {
		err = domain.Refuse("annee-en-double", "Le fichier donne deux fois la même année scolaire ; la première a été retenue.",
			"Réunissez les deux dans le logiciel d’origine.")
	}
	p.said[page] = true
	if err != nil {
		p.refuse(page, err)
		return
	}
	if y.Schooling != nil {
		schooling := *y.Schooling
		schooling.Year, schooling.Nomenclature = y.Year, c.Nomenclature
		p.try(Place{Act: SchoolingRecorded{}.EventType(), Year: y.Year}, schooling)
	}
	if y.Periods != 0 {
		p.try(Place{Act: PeriodsSet{}.EventType(), Year: y.Year}, SetPeriods{Year: y.Year, Count: y.Periods})
	}
	for i, found := range c.match(p.state, y) {
		v := y.Evaluations[i]
		at := Place{Year: y.Year, Matiere: v.Matiere, Modalite: v.Modalite, Rank: found.Line.Rank}
		if found.Err != nil {
			p.refuse(at, found.Err)
			continue
		}
		c.planEvaluation(p, at, v)
	}
	for _, o := range y.Observations {
		if Tidy(o.Text) != "" {
			p.try(Place{Act: ObservationWritten{}.EventType(), Year: y.Year, Code: string(o.Kind)},
				WriteObservation{Kind: o.Kind, Year: y.Year, Text: o.Text, Author: o.Author, Dated: o.Dated})
		}
	}
}

// match finds the lines of the programme for the evaluations of a year. If nothing can be said of them, the
// lines it answers hold but a rank.
func (c ImportLivret) match(s *State, y ImportedYear) []nomenclature.Found {
	found := make([]nomenclature.Found, len(y.Evaluations))
	schooling, ok := s.Year(y.Year).Schooling()
	if c.Nomenclature == nil || !ok {
		for i, v := range y.Evaluations {
			found[i].Line.Rank = 1
			for _, before := range y.Evaluations[:i] {
				if before.Matiere == v.Matiere && before.Modalite == v.Modalite {
					found[i].Line.Rank++
				}
			}
		}
		return found
	}
	programme, err := c.Nomenclature.Programme(y.Year, schooling.MEF)
	if err != nil {
		for i := range found {
			found[i].Err = err
		}
		return found
	}
	asked := make([]nomenclature.Asked, len(y.Evaluations))
	for i, v := range y.Evaluations {
		asked[i] = nomenclature.Asked{Matiere: v.Matiere, Modalite: v.Modalite}
		for _, competence := range v.Competences {
			asked[i].Competences = append(asked[i].Competences, competence.Code)
		}
	}
	return programme.Match(asked)
}

func (c ImportLivret) planEvaluation(p *planner, at Place, v Evaluation) {
	e := Enseignement{Year: at.Year, Matiere: at.Matiere, Modalite: at.Modalite, Rank: at.Rank}
	if _, _, err := checkLine(p.state, c.Nomenclature, e); err != nil {
		p.refuse(at, err) // once, rather than for each figure
		return
	}
	about := func(act domain.Event) Place {
		at := at
		at.Act = act.EventType()
		return at
	}
	for _, a := range v.Averages {
		at := about(AverageRecorded{})
		at.Period = a.Period
		p.try(at, RecordAverage{Enseignement: e, Period: a.Period, Mark: a.Mark, Nomenclature: c.Nomenclature, imported: true})
	}
	c.planGroup(p, about(GroupFiguresRecorded{}), e, v)
	for _, competence := range v.Competences {
		at := about(CompetenceAssessed{})
		at.Competence = competence.Code
		p.try(at, AssessCompetence{Enseignement: e, Competence: competence.Code, Mastery: competence.Mastery, Nomenclature: c.Nomenclature})
	}
	if Tidy(v.Appreciation) != "" {
		p.try(about(AppreciationWritten{}), WriteAppreciation{Enseignement: e, Text: v.Appreciation, Nomenclature: c.Nomenclature})
	}
	if len(v.Teachers) > 0 {
		p.try(about(TeachersNamed{}), NameTeachers{Enseignement: e, Staff: v.Teachers, Nomenclature: c.Nomenclature})
	}
}

// planGroup completes the figures that the file gives with those it does not; shares that do not add up are
// refused without the other figures.
func (c ImportLivret) planGroup(p *planner, at Place, e Enseignement, v Evaluation) {
	if v.Shares != nil && !v.Shares.AddUp() {
		p.refuse(at, errSharesDoNotAddUp())
		v.Shares = nil
	}
	if v.Headcount == 0 && v.Mean == mark.NotMarked() && v.Shares == nil {
		return
	}
	figures := RecordGroupFigures{Enseignement: e, Headcount: v.Headcount, Mean: v.Mean, Shares: v.Shares, Nomenclature: c.Nomenclature}
	if l := p.state.Line(e); l != nil {
		if figures.Headcount == 0 {
			figures.Headcount = l.Group.Headcount
		}
		if figures.Mean == mark.NotMarked() {
			figures.Mean = l.Group.Mean
		}
		if figures.Shares == nil {
			figures.Shares = l.Group.Shares
		}
	}
	p.try(at, figures)
}

// planner decides the lines of a file one after the other.
type planner struct {
	state   *State
	said    map[Place]bool // what the file has spoken of
	events  []domain.Event
	refused []LineRefusal
}

// try decides one line, and tells whether it is now as the line says. A file that says two things of the same
// place is taken at its first word: at its last, each import would change the livret twice.
func (p *planner) try(at Place, c domain.Command[*State]) bool {
	events, err := c.Decide(p.state)
	if err == nil && len(events) > 0 && p.said[at] {
		err = domain.Refuse("valeurs-contradictoires", "Le fichier donne deux valeurs différentes pour la même chose ; la première a été retenue.",
			"Supprimez le doublon dans le logiciel d’origine.")
	}
	p.said[at] = true
	if err != nil {
		p.refuse(at, err)
		return false
	}
	for _, event := range events {
		p.events = append(p.events, event)
		Evolve(p.state, domain.Fact{Sequence: planned + uint64(len(p.events)), Event: event})
	}
	return true
}

// planned is beyond the sequences of all facts, for those that are not facts yet.
const planned = 1 << 62

func (p *planner) refuse(at Place, err error) {
	refusal, ok := errors.AsType[*domain.Refusal](err)
	if !ok {
		panic(err) // Decide answers refusals only, by contract of domain.Command
	}
	p.refused = append(p.refused, LineRefusal{Place: at, Refusal: refusal})
}

// clone is a livret that can be changed without changing s.
func (s *State) clone() *State {
	c := *s
	c.Engagements = slices.Clone(s.Engagements)
	c.Years = slices.Clone(s.Years)
	for i := range c.Years {
		c.Years[i].Schoolings = slices.Clip(c.Years[i].Schoolings)
	}
	c.Lines = slices.Clone(s.Lines)
	for i, l := range s.Lines {
		line := *l
		line.Competences = slices.Clone(l.Competences)
		c.Lines[i] = &line
	}
	return &c
}

package family

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/projections/wording"
)

// assembly makes a page of opened rows and of the State's lists.
type assembly struct {
	lists    nomenclature.Nomenclature
	record   *recordRow
	identity *identityRow
	staff    map[uuid.UUID]Person
	acts     acts // of the row being read
}

func (a *assembly) livret(id uuid.UUID) Livret {
	a.acts = a.identity.Acts
	l := Livret{ID: id, Session: a.record.Session, Pupil: a.pupil()}
	guardians := slices.SortedFunc(slices.Values(a.identity.Guardians), func(g, h identity.GuardianRecorded) int {
		rank := func(g identity.GuardianRecorded) int { return int(g.Legal+2) % 3 } // 1, 2, then contacts
		return cmp.Or(rank(g)-rank(h), cmp.Compare(g.PersonID, h.PersonID))
	})
	for _, g := range guardians {
		l.Guardians = append(l.Guardians, Guardian{
			DisplayName: g.DisplayName(), Civility: g.Civility, Name: g.Name, First: g.First, Legal: g.Legal, Parente: g.Parente,
		})
	}
	for _, s := range a.identity.Schools {
		l.Schools = append(l.Schools, School{Year: s.Year, Level: s.Level, Division: s.Division, UAI: s.UAI, Name: s.Name, Town: s.Town})
	}
	slices.SortStableFunc(l.Schools, func(s, t School) int { return cmp.Compare(s.Year, t.Year) })

	a.acts = a.record.Acts
	for _, y := range a.record.Years {
		l.Years = append(l.Years, a.year(y))
	}
	for _, y := range l.Years {
		if n := len(y.Schooling); n > 0 {
			l.Serie, l.SerieLabel = y.Schooling[n-1].Serie, y.Schooling[n-1].SerieLabel
		}
	}
	for _, e := range a.record.Engagements {
		l.Engagements = append(l.Engagements, Engagement{Code: e.Value, Label: wording.Engagement(e.Value), By: a.stamp(e.By)})
	}
	slices.SortFunc(l.Engagements, func(e, f Engagement) int { return cmp.Compare(e.Code, f.Code) })
	l.OtherEngagement = a.text(a.record.Other)
	l.Avis = a.avis()
	if b := a.record.B2i; len(b) > 0 {
		by := a.stamp(b[0].By)
		l.B2i = &by
	}
	return l
}

func (a *assembly) pupil() Pupil {
	var p Pupil
	if n := len(a.identity.Civil); n > 0 {
		c := a.identity.Civil[n-1].Value
		p = Pupil{
			DisplayName: c.DisplayName(), ListName: c.ListName(),
			FamilyName: c.FamilyName, UsageName: c.UsageName, FirstNames: c.FirstNames,
			BirthDate: c.BirthDate, BirthPlace: c.BirthPlace, Sex: c.Sex,
		}
	}
	if n := len(a.identity.INE); n > 0 {
		p.INE = a.identity.INE[n-1].Value
	}
	for _, part := range []struct {
		what  string
		value func(identity.CivilIdentityRecorded) string
	}{
		{"Nom de famille", func(c identity.CivilIdentityRecorded) string { return c.FamilyName }},
		{"Nom d’usage", func(c identity.CivilIdentityRecorded) string { return c.UsageName }},
		{"Prénoms", func(c identity.CivilIdentityRecorded) string { return strings.Join(c.FirstNames, ", ") }},
		{"Date de naissance", func(c identity.CivilIdentityRecorded) string { return c.BirthDate }},
		{"Lieu de naissance", func(c identity.CivilIdentityRecorded) string { return c.BirthPlace }},
	} {
		p.History = append(p.History, history(a, a.identity.Civil, part.what, part.value)...)
	}
	p.History = append(p.History, history(a, a.identity.INE, "INE", itself)...)
	slices.SortStableFunc(p.History, func(c, d Change) int { return cmp.Compare(c.By.Sequence, d.By.Sequence) })
	return p
}

func (a *assembly) year(y *yearRow) Year {
	out := Year{Year: y.Year, Label: y.Year.Label(), Periods: y.Periods, PeriodLabel: wording.Period(y.Periods)}
	var programme nomenclature.Programme
	for _, e := range y.Schooling {
		s := Schooling{
			UAI: e.Value.UAI, MEF: e.Value.MEF, Division: e.Value.Division, Repeating: e.Value.Repeating, By: a.stamp(e.By),
		}
		if found, err := a.lists.Programme(y.Year, e.Value.MEF); err == nil {
			programme = found
			s.Level, s.Serie, s.SerieLabel, s.Specialite = string(found.Niveau), found.Serie, found.SerieName, found.Speciality
		}
		out.Schooling = append(out.Schooling, s)
	}
	out.Groups = a.groups(y.Year, y.Periods, programme)
	for i, o := range y.Observations {
		if n := len(o); n > 0 {
			out.Observations = append(out.Observations, Observation{
				Kind: observations[i], Label: wording.Observation(observations[i]),
				Author: a.staff[o[n-1].Value.Author], Dated: o[n-1].Value.Dated,
				Text: Text{
					Text: o[n-1].Value.Text, By: a.stamp(o[n-1].By),
					History: history(a, o, "", func(s signed) string { return s.Text }),
				},
			})
		}
	}
	for period := uint8(0); period <= 3; period++ {
		for i := len(y.Locks) - 1; i >= 0; i-- {
			if l := y.Locks[i]; l.Value.Period == period {
				out.Locks = append(out.Locks, Lock{Period: period, Locked: l.Value.Locked, Reason: l.Value.Reason, By: a.stamp(l.By)})
				break
			}
		}
	}
	if n := len(y.Visa); n > 0 {
		by := a.stamp(y.Visa[n-1].By)
		out.HeadVisa, out.VisaVoid = &by, by.Sequence < y.ChangedAt
	}
	return out
}

// groups arranges the lines of a year as the programme of the formation does, what it does not hold at the
// end.
func (a *assembly) groups(year nomenclature.SchoolYear, periods uint8, programme nomenclature.Programme) []Regroupement {
	type placed struct {
		Line
		heading  string
		position int
	}
	var lines []placed
	for _, row := range a.record.Lines {
		if row.Year != year {
			continue
		}
		p := placed{Line: a.line(row, periods), heading: wording.Elsewhere, position: len(programme.Lines) + 1}
		if found, ok := programme.Line(row.Matiere, row.Modalite, row.Rank); ok {
			p.Label, p.heading, p.position = found.Title(row.Matiere), found.Regroupement, found.Position
		} else if label, ok := a.lists.MatiereLabel(row.Matiere); ok {
			p.Label = label
		}
		lines = append(lines, p)
	}
	slices.SortFunc(lines, func(p, q placed) int {
		return cmp.Or(p.position-q.position, cmp.Compare(p.Matiere, q.Matiere), cmp.Compare(p.Modalite, q.Modalite), cmp.Compare(p.Rank, q.Rank))
	})
	var groups []Regroupement
	for _, p := range lines {
		i := slices.IndexFunc(groups, func(g Regroupement) bool { return g.Label == p.heading })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Regroupement{Label: p.heading})
		}
		groups[i].Lines = append(groups[i].Lines, p.Line)
	}
	return groups
}

func (a *assembly) line(row *lineRow, periods uint8) Line {
	l := Line{
		Matiere: row.Matiere, Modalite: row.Modalite, Rank: row.Rank,
		Label: string(row.Matiere), ModaliteLabel: row.Modalite.Label(),
		Group: a.group(row.Group), Appreciation: a.text(row.Appreciation),
	}
	marks := make([]mark.Mark, len(row.Periods))
	shown := int(periods)
	for i, p := range row.Periods {
		if n := len(p); n > 0 {
			marks[i] = p[n-1].Value.Mark.mark()
			shown = max(shown, i+1)
		}
	}
	recorded := false
	for _, p := range row.Periods[:min(shown, len(row.Periods))] {
		m := a.mark(p)
		recorded = recorded || m != nil
		l.Periods = append(l.Periods, m)
	}
	if !recorded {
		l.Periods = nil // an enseignement without marks
	}
	if l.Annual = a.mark(row.Annual); l.Annual == nil && recorded {
		annual := mark.Annual(marks...)
		l.Annual = &Mark{Value: annual, Shown: annual.String(), Computed: true}
	}
	for _, c := range row.Competences {
		n := len(c.Mastery)
		label, known := a.lists.CompetenceLabel(row.Year, c.Code)
		if !known {
			label = string(c.Code)
		}
		l.Competences = append(l.Competences, Competence{
			Code: c.Code, Label: label,
			Mastery: c.Mastery[n-1].Value, MasteryLabel: masteryLabel(c.Mastery[n-1].Value), By: a.stamp(c.Mastery[n-1].By),
			History: history(a, c.Mastery, "", masteryLabel),
		})
	}
	for _, id := range row.Teachers {
		l.Teachers = append(l.Teachers, a.staff[id])
	}
	return l
}

func masteryLabel(m nomenclature.Mastery) string {
	return cmp.Or(m.Label(), string(m))
}

func (a *assembly) mark(s slot[average]) *Mark {
	n := len(s)
	if n == 0 {
		return nil
	}
	m := s[n-1].Value.Mark.mark()
	changes := history(a, s, "", func(v average) string { return v.Mark.mark().String() })
	for i := range changes {
		at := slices.IndexFunc(s, func(e entry[average]) bool { return e.By.Sequence == changes[i].By.Sequence })
		changes[i].Reason = s[at].Value.Reason
	}
	return &Mark{Value: m, Shown: m.String(), By: a.stamp(s[n-1].By), History: changes}
}

func (a *assembly) group(s slot[group]) *Group {
	n := len(s)
	if n == 0 {
		return nil
	}
	v := s[n-1].Value
	g := &Group{Headcount: v.Headcount, Mean: v.Mean.mark(), By: a.stamp(s[n-1].By)}
	if g.Mean.IsMarked() {
		g.MeanShown = g.Mean.String()
	}
	if len(v.Shares) == 3 {
		g.Shares = &mark.Shares{Below8: v.Shares[0], From8: v.Shares[1], From12: v.Shares[2]}
	}
	g.History = append(g.History, history(a, s, "Effectif du groupe", func(v group) string { return strconv.Itoa(int(v.Headcount)) })...)
	g.History = append(g.History, history(a, s, "Moyenne du groupe", func(v group) string { return v.Mean.mark().String() })...)
	return g
}

func (a *assembly) text(s slot[string]) *Text {
	n := len(s)
	if n == 0 {
		return nil
	}
	return &Text{Text: s[n-1].Value, By: a.stamp(s[n-1].By), History: history(a, s, "", itself)}
}

func (a *assembly) avis() *Avis {
	var out Avis
	if n := len(a.record.Avis); n > 0 {
		e := a.record.Avis[n-1]
		out = Avis{Avis: e.Value, Label: wording.Avis(e.Value), By: a.stamp(e.By), History: history(a, a.record.Avis, "", func(v record.Avis) string { return wording.Avis(v) })}
	}
	if n := len(a.record.Shares); n > 0 {
		v := a.record.Shares[n-1].Value
		out.Shares = &AvisShares{Serie: v.Serie, Headcount: v.Headcount, T: v.T, F: v.F, A: v.A, D: v.D, By: a.stamp(a.record.Shares[n-1].By)}
	}
	if out.Avis == "" && out.Shares == nil {
		return nil
	}
	return &out
}

func (a *assembly) stamp(s stamp) Stamp {
	by := Stamp{Sequence: s.Sequence}
	if int(s.Act) < len(a.acts) {
		act := a.acts[s.Act]
		by.Role, by.RoleLabel, by.At = act.Role, access.RoleLabel(act.Role), time.UnixMicro(act.At).UTC()
	}
	return by
}

// history lists the corrections of a slot: the first value is none, and the same value again is none.
func history[T any](a *assembly, s slot[T], what string, show func(T) string) []Change {
	var changes []Change
	for i := 1; i < len(s); i++ {
		from, to := show(s[i-1].Value), show(s[i].Value)
		if from != to {
			changes = append(changes, Change{What: what, From: from, To: to, By: a.stamp(s[i].By)})
		}
	}
	return changes
}

func itself(s string) string { return s }

package family

import (
	"slices"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Projection folds the family's view.
func Projection() projections.Projection {
	return projections.Projection{
		Name:       "family.v1",
		Categories: []string{identity.Category, record.Category, identity.StaffCategory},
		Classes:    []keyvault.Class{keyvault.Identity, keyvault.Record, keyvault.Staff},
		New: func(category string) projections.Folder {
			switch category {
			case identity.Category:
				return new(identityRow)
			case identity.StaffCategory:
				return new(staffRow)
			}
			return new(recordRow)
		},
	}
}

// Apply adds a fact of the livret. What a family is not shown (masks, screenings) leaves no trace.
func (r *recordRow) Apply(f domain.Fact) error {
	switch e := f.Event.(type) {
	case record.AverageRecorded:
		r.average(e.Enseignement, e.Period, average{Mark: gradeOf(e.Mark)}, f)
	case record.CompetenceAssessed:
		l := r.line(e.Enseignement, f)
		i := slices.IndexFunc(l.Competences, func(c competence) bool { return c.Code == e.Competence })
		if i < 0 {
			i = len(l.Competences)
			l.Competences = append(l.Competences, competence{Code: e.Competence})
		}
		l.Competences[i].Mastery.set(e.Mastery, r.Acts.stamp(f))
	case record.GroupFiguresRecorded:
		g := group{Headcount: e.Headcount, Mean: gradeOf(e.Mean)}
		if e.Shares != nil {
			g.Shares = []uint16{e.Shares.Below8, e.Shares.From8, e.Shares.From12}
		}
		r.line(e.Enseignement, f).Group.set(g, r.Acts.stamp(f))
	case record.AppreciationWritten:
		r.line(e.Enseignement, f).Appreciation.set(e.Text, r.Acts.stamp(f))
	case record.TeachersNamed:
		r.line(e.Enseignement, f).Teachers = e.Staff
	case record.AverageCorrected:
		r.average(e.Enseignement, e.Period, average{Mark: gradeOf(e.Mark), Reason: e.Reason}, f)
	case record.AnnualAverageRecorded:
		r.line(e.Enseignement, f).Annual.set(average{Mark: gradeOf(e.Mark)}, r.Acts.stamp(f))
	case record.LivretOpened:
		r.Session = e.Session
	case record.SchoolingRecorded:
		s := schooling{UAI: e.UAI, MEF: e.MEF, Division: e.Division, Repeating: e.Repeating}
		r.change(e.Year, f).Schooling.set(s, r.Acts.stamp(f))
	case record.PeriodsSet:
		r.change(e.Year, f).Periods = e.Count
	case record.EngagementDeclared:
		r.Engagements = append(r.Engagements, entry[record.Engagement]{Value: e.Code, By: r.Acts.stamp(f)})
		r.change(r.Session-1, f)
	case record.OtherEngagementDeclared:
		r.Other.set(e.Text, r.Acts.stamp(f))
		r.change(r.Session-1, f)
	case record.ObservationWritten:
		if i := slices.Index(observations[:], e.Kind); i >= 0 {
			s := signed{Text: e.Text, Author: e.Author, Dated: e.Dated.String()}
			r.change(e.Year, f).Observations[i].set(s, r.Acts.stamp(f))
		}
	case record.AvisIssued:
		r.Avis.set(e.Avis, r.Acts.stamp(f))
		r.change(r.Session-1, f)
	case record.AvisSharesFrozen:
		s := avisShares{Serie: e.Serie, Headcount: e.Headcount, T: e.T, F: e.F, A: e.A, D: e.D}
		r.Shares.set(s, r.Acts.stamp(f))
	case record.B2iAttested:
		r.B2i.set(true, r.Acts.stamp(f))
		r.change(r.Session-1, f)
	case record.PeriodLocked:
		r.year(e.Year).Locks.set(lock{Period: e.Period, Locked: true}, r.Acts.stamp(f))
	case record.PeriodUnlocked:
		r.year(e.Year).Locks.set(lock{Period: e.Period, Reason: e.Reason}, r.Acts.stamp(f))
	case record.HeadVisaGiven:
		r.year(e.Year).Visa.set(true, r.Acts.stamp(f))
	}
	return nil
}

var observations = [3]record.Observation{record.ObservationCPE, record.ObservationTeam, record.ObservationHead}

func (r *recordRow) average(e record.Enseignement, period uint8, a average, f domain.Fact) {
	if l := r.line(e, f); period >= 1 && int(period) <= len(l.Periods) {
		l.Periods[period-1].set(a, r.Acts.stamp(f))
	}
}

// line answers the line of an enseignement that a fact changes, made if need be.
func (r *recordRow) line(e record.Enseignement, f domain.Fact) *lineRow {
	r.change(e.Year, f)
	if r.last != nil && r.last.is(e) {
		return r.last
	}
	for _, l := range r.Lines {
		if l.is(e) {
			r.last = l
			return l
		}
	}
	r.last = &lineRow{Year: e.Year, Matiere: e.Matiere, Modalite: e.Modalite, Rank: e.Rank}
	r.Lines = append(r.Lines, r.last)
	return r.last
}

func (l *lineRow) is(e record.Enseignement) bool {
	return l.Matiere == e.Matiere && l.Year == e.Year && l.Modalite == e.Modalite && l.Rank == e.Rank
}

// change answers a year whose page a fact changes: a visa given before no longer stands.
func (r *recordRow) change(year nomenclature.SchoolYear, f domain.Fact) *yearRow {
	y := r.year(year)
	y.ChangedAt = f.Sequence
	return y
}

func (r *recordRow) year(year nomenclature.SchoolYear) *yearRow {
	for _, y := range r.Years {
		if y.Year == year {
			return y
		}
	}
	y := &yearRow{Year: year}
	i, _ := slices.BinarySearchFunc(r.Years, year, func(y *yearRow, year nomenclature.SchoolYear) int { return int(y.Year) - int(year) })
	r.Years = slices.Insert(r.Years, i, y)
	return y
}

// Apply adds a fact of identity. The SIECLE number is of no use to a family.
func (r *identityRow) Apply(f domain.Fact) error {
	switch e := f.Event.(type) {
	case identity.CivilIdentityRecorded:
		r.Civil.set(e, r.Acts.stamp(f))
	case identity.INERecorded:
		r.INE.set(e.INE, r.Acts.stamp(f))
	case identity.GuardianRecorded:
		r.Guardians = append(r.without(e.PersonID), e)
	case identity.GuardianRemoved:
		r.Guardians = r.without(e.PersonID)
	case identity.SchoolAttended:
		i := slices.IndexFunc(r.Schools, func(s identity.SchoolAttended) bool {
			return s.Year == e.Year && s.UAI == e.UAI && (s.UAI != "" || s.Name == e.Name)
		})
		if i < 0 {
			i, r.Schools = len(r.Schools), append(r.Schools, e)
		}
		r.Schools[i] = e
	}
	return nil
}

func (r *identityRow) without(person uint64) []identity.GuardianRecorded {
	return slices.DeleteFunc(r.Guardians, func(g identity.GuardianRecorded) bool { return g.PersonID == person })
}

// Apply adds a fact about a member of staff.
func (r *staffRow) Apply(f domain.Fact) error {
	if e, ok := f.Event.(identity.StaffIdentified); ok {
		r.Name, r.UAI = e.DisplayName(), e.UAI
	}
	return nil
}

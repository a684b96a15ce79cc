package record

import (
	"slices"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Decider is the livret as a stream.
var Decider = domain.Decider[*State]{Category: Category, Initial: NewState, Evolve: Evolve}

// NewState is a livret of which nothing is known.
func NewState() *State { return new(State) }

// Evolve adds one fact to a livret, in place. A fact whose event is forgotten or of another category leaves
// it alone. It never refuses: what stands in a stream is true, whatever the rules have become.
func Evolve(s *State, f domain.Fact) *State {
	switch e := f.Event.(type) {
	case AverageRecorded:
		if i := int(e.Period) - 1; i >= 0 && i < maxPeriods {
			s.change(e.Enseignement, f).Averages[i] = Average{Mark: e.Mark, Sequence: f.Sequence, Imported: e.Imported}
		}
	case CompetenceAssessed:
		l := s.change(e.Enseignement, f)
		i, found := slices.BinarySearchFunc(l.Competences, e.Competence, byCode)
		if !found {
			l.Competences = slices.Insert(l.Competences, i, Competence{Code: e.Competence})
		}
		l.Competences[i].Mastery = e.Mastery
	case GroupFiguresRecorded:
		s.change(e.Enseignement, f).Group = Group{Headcount: e.Headcount, Mean: e.Mean, Shares: e.Shares, Sequence: f.Sequence}
	case AppreciationWritten:
		s.change(e.Enseignement, f).Appreciation = newText(TextAppreciation, e.Text, f)
	case PassagesMasked:
		if t := s.Text(e.Text); t != nil {
			t.Mask = &Mask{Spans: e.Spans, Rule: e.Rule}
		}
	case TeachersNamed:
		s.change(e.Enseignement, f).Teachers = e.Staff
	case AverageCorrected:
		if i := int(e.Period) - 1; i >= 0 && i < maxPeriods {
			s.change(e.Enseignement, f).Averages[i] = Average{Mark: e.Mark, Sequence: f.Sequence, Reason: e.Reason}
		}
	case AnnualAverageRecorded:
		s.change(e.Enseignement, f).AnnualGiven = Average{Mark: e.Mark, Sequence: f.Sequence}
	case LivretOpened:
		s.Session = e.Session
	case SchoolingRecorded:
		y := s.changeYear(e.Year, f)
		y.Schoolings = append(y.Schoolings, e)
		if e.UAI == s.TransferTo {
			s.TransferTo = ""
		}
	case TransferOrdered:
		s.TransferTo = e.To
	case PeriodsSet:
		s.changeYear(e.Year, f).Periods = e.Count
	case EngagementDeclared:
		if i, found := slices.BinarySearch(s.Engagements, e.Code); !found {
			s.Engagements = slices.Insert(s.Engagements, i, e.Code)
		}
		s.changeYear(s.Terminale(), f)
	case OtherEngagementDeclared:
		s.Other = newText(TextEngagement, e.Text, f)
		s.changeYear(s.Terminale(), f)
	case ObservationWritten:
		if i := e.Kind.index(); i >= 0 {
			s.changeYear(e.Year, f).Observations[i] = Signed{Text: newText(TextKind(e.Kind), e.Text, f), Author: e.Author, Dated: e.Dated}
		}
	case AvisIssued:
		s.Avis = e.Avis
		s.changeYear(s.Terminale(), f)
	case B2iAttested:
		s.B2i = true
		s.changeYear(s.Terminale(), f)
	case AvisSharesFrozen:
		s.Shares = &AvisShares{AvisSharesFrozen: e, Sequence: f.Sequence}
	case PeriodLocked:
		y := s.year(e.Year)
		y.Locks |= 1 << e.Period
		if e.Period == 0 {
			y.LockedAt = f.Sequence
		}
	case PeriodUnlocked:
		s.year(e.Year).Locks &^= 1 << e.Period
	case HeadVisaGiven:
		s.year(e.Year).VisaAt = f.Sequence
	case FreeTextScreened:
		if t := s.Text(e.Text); t != nil {
			t.Screening = &Screening{Decision: e.Decision, Rule: e.Rule}
		}
	default:
		evolveRights(s, f)
	}
	return s
}

func newText(kind TextKind, value string, f domain.Fact) Text {
	return Text{Kind: kind, Sequence: f.Sequence, Value: value, By: f.Actor, At: f.OccurredAt}
}

// year answers a year to change, made if need be.
func (s *State) year(year nomenclature.SchoolYear) *Year {
	if y := s.Year(year); y != nil {
		return y
	}
	i, _ := slices.BinarySearchFunc(s.Years, year, func(y Year, year nomenclature.SchoolYear) int { return int(y.Year) - int(year) })
	s.Years = slices.Insert(s.Years, i, Year{Year: year})
	return &s.Years[i]
}

// changeYear answers a year whose page this fact changes.
func (s *State) changeYear(year nomenclature.SchoolYear, f domain.Fact) *Year {
	y := s.year(year)
	y.ChangedAt = f.Sequence
	return y
}

// change answers a line that this fact changes, made if need be.
func (s *State) change(e Enseignement, f domain.Fact) *Line {
	s.changeYear(e.Year, f)
	i, found := s.find(e)
	if !found {
		s.Lines = slices.Insert(s.Lines, i, &Line{Enseignement: e})
	}
	s.hint = i
	return s.Lines[i]
}

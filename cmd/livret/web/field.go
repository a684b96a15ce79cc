package web

import (
	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/projections/family"
)

// field is one place of a livret that is of no enseignement: an avis, a box to tick, a signed text.
type field string

// The fields, besides one for each code of engagement.
const (
	fieldAvis  field = "avis"
	fieldB2i   field = "b2i"
	fieldOther field = "autre" // engagement in free words
	fieldCPE   field = field(record.ObservationCPE)
	fieldTeam  field = field(record.ObservationTeam)
	fieldHead  field = field(record.ObservationHead)
)

// ticked is what a box holds.
const ticked = "oui"

func box(is bool) standing {
	if is {
		return standing{Text: ticked}
	}
	return standing{}
}

// in is what the field holds. An avis and a box have no sequence: they are compared by what they say.
func (f field) in(state *record.State, year nomenclature.SchoolYear) standing {
	written := func(t record.Text) standing { return standing{Text: t.Value, Sequence: t.Sequence} }
	switch f {
	case fieldAvis:
		return standing{Text: string(state.Avis)}
	case fieldB2i:
		return box(state.B2i)
	case fieldOther:
		return written(state.Other)
	case fieldCPE, fieldTeam, fieldHead:
		return written(state.Year(year).Observation(record.Observation(f)).Text)
	}
	return box(state.HasEngagement(record.Engagement(f)))
}

// anotherAvis is an avis that may take the place of one.
func anotherAvis(than record.Avis) record.Avis {
	if than == record.Favorable {
		return record.TresFavorable
	}
	return record.Favorable
}

// free tells a free text from an avis or a box.
func (f field) free() bool {
	switch f {
	case fieldOther, fieldCPE, fieldTeam, fieldHead:
		return true
	}
	return false
}

// attempt is how a field is written, and by what act. Who writes an observation signs it, today.
func (f field) attempt(actor access.Actor, e entry, today domain.Date) attempt {
	sign := func(act access.Act) attempt {
		return attempt{act, record.WriteObservation{Kind: record.Observation(f), Year: e.Enseignement.Year, Text: e.Text, Author: actor.Staff, Dated: today}}
	}
	switch f {
	case fieldAvis:
		return attempt{access.IssueAvis, record.IssueAvis{Avis: record.Avis(e.Text)}}
	case fieldB2i:
		return attempt{access.AttestB2i, record.AttestB2i{}}
	case fieldOther:
		return attempt{access.DeclareEngagement, record.DeclareOtherEngagement{Text: e.Text}}
	case fieldCPE:
		return sign(access.WriteObservationCPE)
	case fieldTeam:
		return sign(access.WriteObservationTeam)
	case fieldHead:
		return sign(access.WriteObservationHead)
	}
	return attempt{access.DeclareEngagement, record.DeclareEngagement{Code: record.Engagement(f)}}
}

// by is who wrote what stands in a field, as the family's view tells it; nil if it does not.
func (f field) by(l family.Livret, year nomenclature.SchoolYear) *family.Stamp {
	switch {
	case f == fieldAvis && l.Avis != nil && l.Avis.Avis != "":
		return &l.Avis.By
	case f == fieldB2i:
		return l.B2i
	case f == fieldOther && l.OtherEngagement != nil:
		return &l.OtherEngagement.By
	}
	for _, y := range l.Years {
		for i := range y.Observations {
			if y.Year == year && field(y.Observations[i].Kind) == f {
				return &y.Observations[i].By
			}
		}
	}
	for i := range l.Engagements {
		if field(l.Engagements[i].Code) == f {
			return &l.Engagements[i].By
		}
	}
	return nil
}

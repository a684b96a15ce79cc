// Package archive words the probatory archive of a livret for those who read it: what the bundle claims (its scopes, the
// act that closes the livret, what the jury was shown), the relevé de valeur probante, a page that a magistrate reads,
// and the instructions of an expert. It is pure: the same facts make the same bytes. The proofs are not its business,
// and nothing it writes proves anything by itself.
package archive

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/bundle"
	"livret/projections/jury"
)

// Entry is an event in scope: its header, which stays in clear for ever, and what it says if it was opened.
type Entry struct {
	Header   eventstore.Header
	Index    int64                     // of its leaf
	Position eventstore.Position       // in this store
	Fact     *domain.Fact              // nil: present by its proof only
	Words    *Words                    // of a fact of the livret or candidate, from who can word it; nil: worded here
	Lists    nomenclature.Nomenclature // of the State, in force at an examination
}

// Words is a fact in French.
type Words struct{ What, From, To, Reason string }

// Stream is a stream in scope, all of its events up to the checkpoint.
type Stream struct {
	ID        eventstore.StreamID
	Entries   []Entry
	Destroyed bool // its keys are: nothing of it can be opened
}

// facts are those opened, in order.
func facts(entries []Entry) []domain.Fact {
	var all []domain.Fact
	for _, e := range entries {
		if e.Fact != nil {
			all = append(all, *e.Fact)
		}
	}
	return all
}

// Opens tells whether the content of an event may be in an archive, by stream and type: of the civil identity, who the
// pupil is, and nothing else. His guardians are third parties, and his numbers and schools prove nothing.
func Opens(h eventstore.Header) bool {
	return h.Stream.Category() != identity.Category || h.Type == identity.CivilIdentityRecorded{}.EventType()
}

// Request is the demand that the archive answers.
type Request struct {
	ID    uuid.UUID
	Asked time.Time // by the ledger's clock
	consultation.ArchiveRequested
}

// Archive is what the documents are made of.
type Archive struct {
	Request
	Ledger     uuid.UUID
	Academie   string
	Checkpoint merkle.Checkpoint
	Streams    []Stream
}

// Examination is an examination that still stands for its deliberation and group, and the president's visa on it.
type Examination struct {
	deliberation.LivretExamined
	Event  bundle.Reference
	At     time.Time
	Visa   *deliberation.PresidentVisaGiven // nil: none
	Signed time.Time                        // when the visa was recorded
	Shown  *jury.Dossier                    // nil: what was shown can not be found again byte for byte
	Same   string                           // title of an earlier one at which the very same was shown; empty: none
	Bytes  []byte                           // of what was shown
}

// Examinations are those of all candidatures, in the order they were recorded. One that another followed, for the same
// deliberation and group, is not among them: the jury examined the livret again.
func (a *Archive) Examinations() []Examination {
	var all []Examination
	for i := range a.Streams {
		s := &a.Streams[i]
		if s.ID.Category() != deliberation.Category {
			continue
		}
		for n, entry := range s.Entries {
			if entry.Fact == nil {
				continue
			}
			examined, ok := entry.Fact.Event.(deliberation.LivretExamined)
			if !ok {
				continue
			}
			e := Examination{LivretExamined: examined, Event: bundle.Reference{Stream: s.ID, Sequence: entry.Fact.Sequence}, At: entry.Fact.RecordedAt}
			if again := e.sign(facts(s.Entries[n+1:])); again {
				continue
			}
			if shown, data, same := jury.Shown(entry.Lists, examined, facts(s.Entries[:n]), a.facts(record.Category)); same {
				e.Shown, e.Bytes = &shown, data
			}
			for _, earlier := range all {
				if e.Same == "" && bytes.Equal(earlier.Bytes, e.Bytes) && e.Bytes != nil {
					e.Same = earlier.Title()
				}
			}
			all = append(all, e)
		}
	}
	return all
}

// sign looks for the visa on an examination among what followed, and tells whether another examination took its place.
func (e *Examination) sign(after []domain.Fact) (again bool) {
	for _, f := range after {
		switch next := f.Event.(type) {
		case deliberation.LivretExamined:
			if next.Deliberation == e.Deliberation && next.Group == e.Group {
				return true
			}
		case deliberation.PresidentVisaGiven:
			if next.Deliberation == e.Deliberation && next.Group == e.Group && e.Visa == nil {
				e.Visa, e.Signed = &next, f.RecordedAt
			}
		}
	}
	return false
}

// facts are those opened of the streams of a category.
func (a *Archive) facts(category string) []domain.Fact {
	var all []domain.Fact
	for i := range a.Streams {
		if a.Streams[i].ID.Category() == category {
			all = append(all, facts(a.Streams[i].Entries)...)
		}
	}
	return all
}

// closing is the act by which the version of the livret was arrested that a jury, or nobody yet, examined: the last
// examination, or else the transmission; nil if there is neither.
func (a *Archive) closing() *bundle.Reference {
	var last *bundle.Reference
	var at time.Time
	examined := false
	for i := range a.Streams {
		for _, f := range facts(a.Streams[i].Entries) {
			_, isExamination := f.Event.(deliberation.LivretExamined)
			_, isTransmission := f.Event.(deliberation.LivretTransmitted)
			if isExamination && (!examined || f.RecordedAt.After(at)) || isTransmission && !examined {
				last, at, examined = &bundle.Reference{Stream: a.Streams[i].ID, Sequence: f.Sequence}, f.RecordedAt, isExamination
			}
		}
	}
	return last
}

// Dossier is what the bundle claims. It names the stream of the request, so that the request is proved as well.
func (a *Archive) Dossier() bundle.Dossier {
	d := bundle.Dossier{
		Format: bundle.Format, Ledger: a.Ledger, Made: a.Asked, Case: a.Case, Motive: a.Motive, Requester: a.Requester, Size: a.Checkpoint.Size,
	}
	for i := range a.Streams {
		s := &a.Streams[i]
		scope := bundle.Scope{Stream: s.ID, What: What(s.ID), Last: uint64(len(s.Entries))}
		if s.ID.Category() == record.Category && !s.Destroyed {
			scope.Closing = a.closing()
		}
		if s.Destroyed {
			d.Destroyed = append(d.Destroyed, string(s.ID))
		}
		d.Streams = append(d.Streams, scope)
	}
	for _, e := range a.Examinations() {
		if e.Shown != nil {
			d.Views = append(d.Views, bundle.View{What: e.Title(), Projection: e.Projection, File: viewFile(&e), Event: e.Event})
		}
	}
	return d
}

// Moments are the acts that a court asks the date of: transmission, examinations, visas, results, the proclamation, and
// destructions. The archive brings what first vouched for each.
func (a *Archive) Moments() []Entry {
	var all []Entry
	for _, s := range a.Streams {
		for _, e := range s.Entries {
			switch e.Header.Type {
			case deliberation.LivretTransmitted{}.EventType(), deliberation.LivretExamined{}.EventType(), deliberation.PresidentVisaGiven{}.EventType(),
				deliberation.ResultRecorded{}.EventType(), deliberation.SessionProclaimed{}.EventType(), retention.KeysDestroyed{}.EventType():
				all = append(all, e)
			}
		}
	}
	return all
}

// timeline is every event in scope, in the order of the ledger.
func (a *Archive) timeline() []Entry {
	var all []Entry
	for _, s := range a.Streams {
		all = append(all, s.Entries...)
	}
	slices.SortFunc(all, func(x, y Entry) int { return cmp.Compare(x.Index, y.Index) })
	return all
}

package instance

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/eventstore"
	"livret/eventstore/ledger"
	"livret/projections/jury"
)

// Whether what a visa is for was found again.
const (
	VisaSame    = "identique"   // replayed, what the jury was shown has the imprint that the visa holds
	VisaOther   = "different"   // it has another one
	VisaUnknown = "indetermine" // another version of the view showed it, which this program has not: nothing is said
)

// VisaSeen is a president's visa, and the dossier as the jury's view showed it when it was given.
type VisaSeen struct {
	Group        deliberation.Group `json:"group"`
	Deliberation uint8              `json:"deliberation"`
	Paper        bool               `json:"paper,omitempty"` // signed on the printed dossier, and entered later
	View         string             `json:"view"`            // that the visa names
	Imprint      string             `json:"imprint"`         // that the visa holds
	Replayed     string             `json:"replayed"`        // that of the dossier shown here
	Outcome      string             `json:"outcome"`
	Why          string             `json:"why,omitempty"` // in French, unless it is the same
	AsOf         Moment             `json:"asOf"`          // of the visa
	Shown        JurySeen           `json:"shown"`
}

// AtVisas replays what a candidate's jury was shown at each visa of its president, in the order of the visas, and holds
// it against their imprints, for an actor who may replay it. A visa of another version of the view is not replayed: what
// this version would show is not what that one did. It fails as JuryAsOf does, and with ErrNotFound without a visa.
func (i *Instance) AtVisas(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string) ([]VisaSeen, error) {
	if _, err := i.candidate(ctx, actor, session, number); err != nil {
		return nil, err
	}
	now, err := i.Jury.Evidence(ctx, session, number)
	if err != nil {
		return nil, notFound(err)
	}
	var all []VisaSeen
	for fact, err := range i.Ledger.Stream(ctx, eventstore.Stream(deliberation.Category, now.Candidate)) {
		if err != nil {
			return nil, err
		}
		if fact.State != ledger.Readable {
			return nil, fmt.Errorf("%w: %s at %d", ledger.ErrUnreadable, fact.Envelope.Stream, fact.Envelope.Sequence)
		}
		visa, is := fact.Event.(deliberation.PresidentVisaGiven)
		if !is {
			continue
		}
		seen, err := i.atVisa(ctx, session, number, visa, fact.Envelope.Position)
		if err != nil {
			return nil, err
		}
		all = append(all, seen)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no visa was given", ErrNotFound)
	}
	return all, nil
}

func (i *Instance) atVisa(ctx context.Context, session deliberation.ExamSession, number string, visa deliberation.PresidentVisaGiven, at eventstore.Position) (VisaSeen, error) {
	seen := VisaSeen{
		Group: visa.Group, Deliberation: visa.Deliberation, Paper: visa.Paper, View: visa.Projection, Imprint: hex.EncodeToString(visa.ViewHash), Outcome: VisaUnknown,
	}
	p, err := i.past(ctx, jury.Projection(), When{Position: &at})
	if err != nil {
		return seen, err
	}
	if seen.AsOf = p.moment; visa.Projection != jury.Name {
		seen.Why = fmt.Sprintf("La vue %s a montré ce dossier. Ce programme n’a que la vue %s, qui ne montrerait pas forcément la même chose.", visa.Projection, jury.Name)
		return seen, nil
	}
	evidence, err := jury.NewReader(p.Store, i.vault, p.lists).Evidence(ctx, session, number)
	if err == nil {
		seen.Shown, err = p.jurySeen(ctx, session, number)
	}
	if err == nil {
		seen.AsOf, err = p.proved(ctx)
	}
	if err != nil {
		return seen, notFound(err)
	}
	seen.Replayed = hex.EncodeToString(evidence.ViewHash)
	switch {
	case bytes.Equal(evidence.ViewHash, visa.ViewHash):
		seen.Outcome = VisaSame
	case evidence.RecordVersion != visa.RecordVersion:
		seen.Outcome = VisaOther
		seen.Why = fmt.Sprintf("Le visa porte sur l’écriture n° %d du livret ; à l’instant du visa, la vue en montrait la n° %d.", visa.RecordVersion, evidence.RecordVersion)
	default:
		seen.Outcome, seen.Why = VisaOther, "Le visa porte sur la même écriture du livret, mais ce que la vue en montre n’a pas la même empreinte."
	}
	return seen, nil
}

package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Candidates gives each livret that is opened a candidate in the June session it prepares, under a number
// drawn at random. Neither the number nor the id of the candidate's stream tells anything without a key.
type Candidates struct{}

// Name is that of the reaction.
func (Candidates) Name() string { return "reaction.candidates.v1" }

// Categories are those of livrets.
func (Candidates) Categories() []string { return []string{record.Category} }

// Types is the only one that something follows from.
func (Candidates) Types() []string { return []string{record.LivretOpened{}.EventType()} }

// React registers the candidates of the livrets opened among the facts.
func (Candidates) React(ctx context.Context, l *Ledger, facts []Fact) error {
	orders := abreast()
	for _, fact := range facts {
		opened, ok := fact.Event.(record.LivretOpened)
		if !ok {
			continue
		}
		livret, ok := fact.Envelope.Stream.UUID()
		if !ok {
			continue
		}
		session := deliberation.ExamSession{Year: opened.Session, Round: deliberation.Juin}
		orders.Go(func() error {
			if err := l.Register(ctx, livret, session); !beyond(err) {
				return err
			}
			return nil // forgotten meanwhile
		})
	}
	return orders.Wait()
}

// Register gives a livret its number in an exam session, unless it has one.
func (l *Ledger) Register(ctx context.Context, livret uuid.UUID, session deliberation.ExamSession) error {
	grant, err := l.itself(access.RegisterCandidate)
	if err != nil {
		return err
	}
	_, err = l.register(ctx, grant, livret, session, func(number string) domain.Command[*deliberation.Candidate] {
		return deliberation.RegisterCandidate{Livret: livret, Session: session, Number: number}
	})
	return err
}

// RegisterAgain gives a candidate of June his number in September, on the order of who was granted it. It answers
// false if he has one.
func (l *Ledger) RegisterAgain(ctx context.Context, grant access.Grant, june *deliberation.Candidate) (bool, error) {
	session := deliberation.ExamSession{Year: june.Session.Year, Round: deliberation.Septembre}
	result, _ := june.Outcome()
	return l.register(ctx, grant, june.Livret, session, func(number string) domain.Command[*deliberation.Candidate] {
		return deliberation.RegisterAgain{
			RegisterCandidate: deliberation.RegisterCandidate{Livret: june.Livret, Session: session, Number: number}, June: result,
		}
	})
}

func (l *Ledger) register(ctx context.Context, grant access.Grant, livret uuid.UUID, session deliberation.ExamSession, order func(number string) domain.Command[*deliberation.Candidate]) (bool, error) {
	candidate, state, err := l.Candidate(ctx, livret, session)
	if err != nil || state.Livret != uuid.Nil {
		return false, err
	}
	number, err := l.drawNumber(ctx, livret, session)
	if err != nil {
		return false, err
	}
	result, err := Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Owner: livret, Quiet: true}, deliberation.CandidateDecider, candidate, order(number))
	return len(result.Events) > 0, err
}

// Candidate is a livret's before the juries of a session, and the id of his stream; his Livret is uuid.Nil if none
// is registered. It fails as Load does, and for a livret that has no key and may have none.
func (l *Ledger) Candidate(ctx context.Context, livret uuid.UUID, session deliberation.ExamSession) (uuid.UUID, *deliberation.Candidate, error) {
	key, err := l.birth(ctx, deliberation.Category, livret)
	if err != nil {
		return uuid.Nil, nil, err
	}
	id := candidateID(key, livret, session)
	key.Zero()
	state, _, err := Load(ctx, l, deliberation.CandidateDecider, id)
	return id, state, err
}

// candidateID derives the id of a candidate's stream from the key that seals it: found again by who may open
// the key, random for anybody else.
func candidateID(key *keyvault.Key, livret uuid.UUID, session deliberation.ExamSession) uuid.UUID {
	round := 0
	if session.Round == deliberation.Septembre {
		round = 1
	}
	return key.EventID(deliberation.Category, livret, int(session.Year)*2+round)
}

const numberDigits = 8

// drawNumber draws a number that no candidate of the session has. The claim makes it his whatever happens
// at the same moment; a number drawn before a crash is lost, and nobody minds.
func (l *Ledger) drawNumber(ctx context.Context, livret uuid.UUID, session deliberation.ExamSession) (string, error) {
	for range 100 {
		n, err := rand.Int(rand.Reader, big.NewInt(90_000_000))
		if err != nil {
			return "", err
		}
		number := fmt.Sprintf("%0*d", numberDigits, n.Int64()+10_000_000)
		claim := keyvault.Claim{Kind: claimNumber, Parts: []string{session.String(), number}, Owner: livret}
		owners, err := l.vault.Resolve(ctx, claim)
		if err != nil {
			return "", err
		}
		if owners[0] == livret {
			return number, nil
		}
	}
	return "", errors.New("ledger: no free candidate number found")
}

// Candidatures are the candidates that a livret has, or had, in the sessions it prepares: June, then September.
// It fails with keyvault.ErrShredded or ErrArchived when they can no longer be read.
func (l *Ledger) Candidatures(ctx context.Context, livret uuid.UUID, year nomenclature.SchoolYear) ([]Candidature, error) {
	info, err := l.vault.Find(ctx, livret, keyvault.Candidate)
	if errors.Is(err, keyvault.ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := l.vault.Open(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	defer key.Zero()
	var all []Candidature
	for _, round := range deliberation.Rounds() {
		id := candidateID(key, livret, deliberation.ExamSession{Year: year, Round: round})
		candidate, _, err := Load(ctx, l, deliberation.CandidateDecider, id)
		if err != nil {
			return nil, err
		}
		if candidate.Livret == livret {
			all = append(all, Candidature{candidate, eventstore.Stream(deliberation.Category, id)})
		}
	}
	return all, nil
}

// Candidature is a candidate, and his stream.
type Candidature struct {
	*deliberation.Candidate
	Stream eventstore.StreamID
}

// claimNumber is the kind of the claims on candidates' numbers.
const claimNumber = "candidate-number"

// CandidateLivret is the livret that a candidate's number stands for, or keyvault.ErrUnknown. The link belongs to the
// exams division: package access says so to who asks.
func (l *Ledger) CandidateLivret(ctx context.Context, session deliberation.ExamSession, number string) (uuid.UUID, error) {
	return l.vault.Lookup(ctx, claimNumber, session.String(), number)
}

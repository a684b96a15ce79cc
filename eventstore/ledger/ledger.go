// Package ledger is the door: one command in, its events out. Everything that becomes true passes through
// Execute, and everything that is shown comes out of Facts.
//
// The way of a fact: Execute asks whether the actor may, loads and opens the stream, lets the command decide,
// seals what it decided and appends it at the exact version it saw; when the stream moved on meanwhile it
// starts again. What follows from a fact without a person (a mask over a new text, a candidate for a new
// livret) is a reaction: it reads facts and gives orders like anybody else.
package ledger

import (
	"errors"
	"time"
	_ "time/tzdata" // the law counts in Paris, whatever the machine has

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/attestation"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/deployment"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/domain/sanction"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Ledger is one académie's ledger: its events, its keys, its vocabulary and its clock. It is safe for
// concurrent use.
type Ledger struct {
	id    uuid.UUID
	store eventstore.Store
	vault keyvault.Vault
	codec *domain.Codec
	now   func() time.Time
	paris *time.Location

	orders inFlight
}

// Config is what a ledger is made of.
type Config struct {
	ID    uuid.UUID        // of the ledger, in every header
	Store eventstore.Store // who opens it closes it
	Vault keyvault.Vault   // who opens it closes it
	Codec *domain.Codec    // see Vocabulary
	Now   func() time.Time // the ledger's clock
}

// New makes a ledger of its parts.
func New(c Config) (*Ledger, error) {
	if c.ID == uuid.Nil || c.Store == nil || c.Vault == nil || c.Codec == nil || c.Now == nil {
		return nil, errors.New("ledger: a part is missing")
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, err
	}
	return &Ledger{id: c.ID, store: c.Store, vault: c.Vault, codec: c.Codec, now: c.Now, paris: paris}, nil
}

// Vocabulary is the codec of every event that a ledger may hold.
func Vocabulary() (*domain.Codec, error) {
	return domain.NewCodec(Events(), identity.Events(), record.Events(), deliberation.Events(), retention.Events(), consultation.Events(), deployment.Events(), sanction.Events(), attestation.Events())
}

// Store gives the events as they are kept.
func (l *Ledger) Store() eventstore.Store { return l.store }

// Vault gives the keys.
func (l *Ledger) Vault() keyvault.Vault { return l.vault }

// Codec gives the vocabulary.
func (l *Ledger) Codec() *domain.Codec { return l.codec }

// Now is the ledger's time, in UTC and to the microsecond, as it is recorded.
func (l *Ledger) Now() time.Time { return l.now().UTC().Truncate(time.Microsecond) }

// Paris is the location of Europe/Paris, whose clock the law and its readers go by.
func (l *Ledger) Paris() *time.Location { return l.paris }

// Today is the civil day in Europe/Paris, on which rights begin and end.
func (l *Ledger) Today() domain.Date { return domain.DateOf(l.now().In(l.paris)) }

// classOf gives the class of the key that seals a category. A category that is not listed is kept in clear:
// its events hold no personal data.
func classOf(category string) (keyvault.Class, bool) {
	switch category {
	case identity.Category:
		return keyvault.Identity, true
	case identity.StaffCategory:
		return keyvault.Staff, true
	case record.Category:
		return keyvault.Record, true
	case deliberation.Category:
		return keyvault.Candidate, true
	case consultation.Category:
		return keyvault.Consultation, true
	case sanction.Category:
		return keyvault.Sanction, true
	case sanction.SchoolCategory:
		return keyvault.SchoolSanction, true
	case identity.SubjectCategory:
		return keyvault.Subject, true
	case deliberation.AggregateCategory:
		return keyvault.Session, true
	case retention.HoldCategory:
		return keyvault.Hold, true
	case consultation.RequestCategory:
		return keyvault.Request, true
	}
	return "", false
}

// random tells whether the streams of a category have ids of their own, so that their key's owner is another:
// the livret of a candidate. The others are called by their owner.
func random(category string) bool {
	return category == deliberation.Category || category == consultation.Category
}

// CommandHeard is kept in the stream of a command that found everything already as it wished: its late retry
// must find that it was answered, whatever happened since, and do nothing. It changes no state.
type CommandHeard struct{}

// EventType is the name on disk.
func (CommandHeard) EventType() string { return "ledger.CommandHeard" }

// Events is the catalogue of the ledger's own events.
func Events() []domain.Kind { return []domain.Kind{domain.Define[CommandHeard](1)} }

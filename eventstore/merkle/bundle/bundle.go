// Package bundle is the probatory archive: one file that a court's expert checks offline, with no key and without us.
// It holds the events in scope, opened by salt and content and never by key, the proof that each stands in the
// ledger's tree, checkpoints, timestamps, and what is needed to judge how complete it is.
//
// The container is a bag (BagIt 1.0, RFC 8493) in a zip without compression; the same archive is always the same bytes.
// docs/format.md has all of it.
package bundle

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"livret/eventstore"
	"livret/eventstore/merkle"
)

// Format names the bundle's format in its dossier.
const Format = "livret/bundle/v1"

// The files of a bundle, in its payload directory.
const (
	dossierFile    = "data/dossier.json"
	checkpointsDir = "data/checkpoints/" // <size>.note, a signed checkpoint
	stampsDir      = "data/horodatage/"  // <size>.tst, an RFC 3161 token over the checkpoint of that size
	eventsDir      = "data/faits/"       // <stream>.jsonl
	policyFile     = "data/politique.txt"
	rootsFile      = "data/horodatage/racines.pem"
)

// ErrMalformed says that a file is not a bundle.
var ErrMalformed = errors.New("bundle: malformed")

// Dossier says what was asked for, by whom, and what the bundle holds.
type Dossier struct {
	Format      string    `json:"format"`
	Ledger      uuid.UUID `json:"ledger"`
	Made        time.Time `json:"made"`
	Case        string    `json:"case"`      // number of the recours
	Motive      string    `json:"motive"`    // of the request
	Requester   string    `json:"requester"` // role
	Size        int64     `json:"size"`      // of the checkpoint under which every event is proved
	Consistency []Link    `json:"consistency,omitempty"`
	Streams     []Scope   `json:"streams"`
	Views       []View    `json:"views,omitempty"`
	Destroyed   []string  `json:"destroyed,omitempty"` // streams of which the content was lawfully destroyed
}

// Link proves that the tree of the bundle's checkpoint continues the tree of an older one.
type Link struct {
	From  int64         `json:"from"`
	Proof []merkle.Hash `json:"proof"`
}

// Scope is a stream, all of whose events up to a sequence are in the bundle.
type Scope struct {
	Stream  eventstore.StreamID `json:"stream"`
	What    string              `json:"what"` // in French
	Last    uint64              `json:"last"`
	Closing *Reference          `json:"closing,omitempty"` // the event that says at which version the stream was closed; nil: none does
}

// Reference names an event of the bundle.
type Reference struct {
	Stream   eventstore.StreamID `json:"stream"`
	Sequence uint64              `json:"sequence"`
}

// View is what somebody was shown, byte for byte, and the event that holds its keyed hash.
type View struct {
	What       string    `json:"what"` // in French
	Projection string    `json:"projection"`
	File       string    `json:"file"`
	Event      Reference `json:"event"`
}

// Proven is an event of the bundle: a line of its stream's file.
type Proven struct {
	Index   int64         `json:"index"` // of the leaf, from 0
	Leaf    []byte        `json:"leaf"`
	Opening []byte        `json:"opening,omitempty"` // salt and content; none if it is withheld or destroyed
	Proof   []merkle.Hash `json:"proof"`
}

// Bundle is an archive in memory.
type Bundle struct {
	Dossier     Dossier
	Events      map[eventstore.StreamID][]Proven // in order
	Checkpoints map[int64][]byte                 // signed notes, by size
	Stamps      map[int64][]byte                 // tokens over these, by size
	Policy      []byte                           // C2SP tlog-policy: keys of the ledger and of its witnesses
	Roots       []byte                           // PEM certificates of time-stamping authorities
	Others      map[string][]byte                // by name below data/: views, the reading page, the other verifier
	Signer      note.Signer                      // of the ledger, when it hands the archive out; nil: Seal is written as it is
	Seal        []byte                           // the ledger's signature over all of it, as it was read
	manifest    []byte                           // as it was read
}

// header reads the part of a leaf that says what it is a leaf of.
func (p *Proven) header() (h eventstore.Header, commit [32]byte, err error) {
	if len(p.Leaf) < 64 {
		return h, commit, ErrMalformed
	}
	at := len(p.Leaf) - 64
	h, err = eventstore.ParseHeader(p.Leaf[:at])
	return h, [32]byte(p.Leaf[at : at+32]), err
}

// content is what the opening says, once it is seen to be what the leaf commits to.
func (p *Proven) content() (eventstore.Content, error) {
	_, commit, err := p.header()
	if err != nil {
		return eventstore.Content{}, err
	}
	if len(p.Opening) < eventstore.SaltSize {
		return eventstore.Content{}, ErrMalformed
	}
	salt, plain := p.Opening[:eventstore.SaltSize], p.Opening[eventstore.SaltSize:]
	if eventstore.Commitment(p.Leaf[:len(p.Leaf)-64], salt, plain) != commit {
		return eventstore.Content{}, errCommitment
	}
	return eventstore.ParseContent(plain)
}

var errCommitment = errors.New("bundle: not what the leaf commits to")

// at answers an event of the bundle.
func (b *Bundle) at(r Reference) (*Proven, bool) {
	events := b.Events[r.Stream]
	if r.Sequence == 0 || r.Sequence > uint64(len(events)) {
		return nil, false
	}
	return &events[r.Sequence-1], true
}

// payload reads the JSON of an event into some of its fields, and answers its type.
func (b *Bundle) payload(r Reference, into any) (eventType string, err error) {
	p, ok := b.at(r)
	if !ok {
		return "", ErrMalformed
	}
	h, _, err := p.header()
	if err != nil {
		return "", err
	}
	c, err := p.content()
	if err != nil {
		return "", err
	}
	return h.Type, json.Unmarshal(c.Payload, into)
}

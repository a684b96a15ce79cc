package instance

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/domain"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/facts"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/bundle"
	"livret/projections/archive"
)

// gathering is an archive under way: what its documents are made of, and the bundle.
type gathering struct {
	archive.Archive
	bundle bundle.Bundle

	i      *Instance
	keys   keyvault.Vault // with the custody at hand
	ledger *ledger.Ledger // the same ledger, read through keys
	tree   *merkle.Log
	words  map[string]archive.Words // by position, as a chronicle says it
}

// gather reads all that an archive holds, under a checkpoint that is signed first.
func (i *Instance) gather(ctx context.Context, keys keyvault.Vault, request uuid.UUID) (*gathering, error) {
	g := &gathering{i: i, keys: keys, bundle: bundle.Bundle{Events: make(map[eventstore.StreamID][]bundle.Proven), Checkpoints: make(map[int64][]byte)}}
	g.Ledger, g.Academie = i.Settings.Ledger, i.Settings.Academie
	asked, _, err := ledger.Load(ctx, i.Ledger, consultation.RequestDecider, request)
	if err != nil {
		return nil, err
	}
	g.Request = archive.Request{ID: request, Asked: asked.Fact.RecordedAt, ArchiveRequested: asked.Asked}
	g.ledger, err = ledger.New(ledger.Config{ID: i.Settings.Ledger, Store: i.store, Vault: keys, Codec: i.Ledger.Codec(), Now: i.Ledger.Now})
	if err != nil {
		return nil, err
	}
	if g.tree, err = i.tree(ctx); err != nil {
		return nil, err
	}
	g.bundle.Signer = g.tree.Signer
	if g.Checkpoint, _, err = g.tree.Checkpoint(ctx, i.Ledger.Now()); err != nil {
		return nil, err
	}
	if err := g.scope(ctx); err != nil {
		return nil, err
	}
	return g, g.vouch(ctx)
}

// scope reads the streams of the archive: those of the livret, of its candidatures, of the juries and sessions that it
// came before, what became of its keys, and the request itself.
func (g *gathering) scope(ctx context.Context) error {
	streams := []eventstore.StreamID{
		eventstore.Stream(consultation.RequestCategory, g.ID), eventstore.Stream(identity.Category, g.Livret),
		eventstore.Stream(record.Category, g.Livret), eventstore.Stream(retention.Category, g.Livret),
	}
	var candidates []eventstore.StreamID
	state, _, err := ledger.Load(ctx, g.ledger, record.Decider, g.Livret)
	if err == nil {
		var candidatures []ledger.Candidature
		candidatures, err = g.ledger.Candidatures(ctx, g.Livret, state.Session)
		for _, c := range candidatures {
			candidates = append(candidates, c.Stream)
			streams = append(streams, c.Stream, eventstore.Stream(deliberation.SessionCategory, c.Session.Stream()))
		}
	}
	if err != nil && !errors.Is(err, keyvault.ErrShredded) {
		return err
	}
	if err := g.word(ctx, candidates); err != nil {
		return err
	}
	seen := make(map[eventstore.StreamID]bool)
	for len(streams) > 0 {
		stream := streams[0]
		streams = streams[1:]
		if seen[stream] {
			continue
		}
		seen[stream] = true
		found, err := g.read(ctx, stream)
		if err != nil {
			return err
		}
		streams = append(streams, found...)
	}
	slices.SortFunc(g.Streams, func(a, b archive.Stream) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return nil
}

// word has the facts of the livret and of its candidates worded, without the names of who wrote them.
func (g *gathering) word(ctx context.Context, candidates []eventstore.StreamID) error {
	lines, err := chronicle.Nameless(ctx, g.ledger, g.i.Nomenclature, g.Livret, candidates...)
	g.words = make(map[string]archive.Words)
	for _, line := range lines {
		if line.Stream != identity.Category && line.State == ledger.Readable {
			g.words[line.Position] = archive.Words{What: line.What, From: line.From, To: line.To, Reason: line.Reason}
		}
	}
	return err
}

// read takes in a stream as far as the checkpoint reaches, and answers the streams that it leads to. One that does not
// exist is left out.
func (g *gathering) read(ctx context.Context, stream eventstore.StreamID) ([]eventstore.StreamID, error) {
	var leads []eventstore.StreamID
	var proven []bundle.Proven
	s := archive.Stream{ID: stream}
	opener := opener{keys: g.keys, codec: g.ledger.Codec()}
	defer opener.zero()
	for e, err := range g.i.store.Stream(ctx, stream, 0) {
		if err != nil {
			return nil, err
		}
		leaf, err := e.Leaf()
		if err != nil {
			return nil, err
		}
		index, err := g.tree.Index(ctx, &e)
		if errors.Is(err, merkle.ErrFuture) || err == nil && index >= g.Checkpoint.Size {
			break // committed since
		}
		if err != nil {
			return nil, err
		}
		p, entry := bundle.Proven{Index: index, Leaf: leaf}, archive.Entry{Header: e.Header, Index: index, Position: e.Position}
		if p.Proof, err = g.tree.Inclusion(index, g.Checkpoint.Size); err != nil {
			return nil, err
		}
		if archive.Opens(e.Header) {
			fact, opening, err := opener.open(ctx, &e)
			switch {
			case errors.Is(err, keyvault.ErrShredded):
				s.Destroyed = true
			case err != nil:
				return nil, fmt.Errorf("%s at %d: %w", stream, e.Sequence, err)
			default:
				entry.Fact, p.Opening = &fact, opening
				leads = append(leads, leadsTo(fact.Event)...)
			}
			if _, examined := fact.Event.(deliberation.LivretExamined); examined {
				if entry.Lists, err = g.i.listsAsOf(ctx, e.Position); err != nil {
					return nil, err
				}
			}
		}
		if words, ok := g.words[hex.EncodeToString(e.Position[:])]; ok {
			entry.Words = &words
		}
		s.Entries, proven = append(s.Entries, entry), append(proven, p)
	}
	if len(proven) > 0 {
		g.Streams, g.bundle.Events[stream] = append(g.Streams, s), proven
	}
	return leads, nil
}

// leadsTo are the streams that a fact in scope brings into it.
func leadsTo(event domain.Event) []eventstore.StreamID {
	switch e := event.(type) {
	case deliberation.JuryAssigned:
		return []eventstore.StreamID{eventstore.Stream(deliberation.JuryCategory, e.Jury)}
	case retention.JuryNoted:
		return []eventstore.StreamID{eventstore.Stream(deliberation.JuryCategory, e.Jury)}
	case deliberation.JuryFormed:
		return []eventstore.StreamID{eventstore.Stream(deliberation.SessionCategory, deliberation.ExamSession{Year: e.Session, Round: e.Round}.Stream())}
	case retention.KeysDestroyed:
		return []eventstore.StreamID{eventstore.Stream(retention.LotCategory, e.Lot)}
	}
	return nil
}

// opener opens the events of one stream, and says by what a stranger opens them: salt and content, never a key.
type opener struct {
	keys  keyvault.Vault
	codec *domain.Codec
	key   *keyvault.Key
}

// open fails as keyvault.Vault.Open does, and with keyvault.ErrCorrupt for what is not what was committed to.
func (o *opener) open(ctx context.Context, e *eventstore.Envelope) (domain.Fact, []byte, error) {
	if o.key != nil && o.key.ID != e.Key {
		o.zero()
	}
	if o.key == nil && e.Key != uuid.Nil {
		var err error
		if o.key, err = o.keys.Open(ctx, e.Key); err != nil {
			return domain.Fact{}, nil, err
		}
	}
	fact, err := facts.Open(o.codec, o.key, e)
	if err != nil || o.key == nil {
		return fact, e.Sealed, err
	}
	bound, err := e.Header.AppendBinary(nil)
	if err != nil {
		return fact, nil, err
	}
	opening, err := o.key.Open(e.Sealed, append(bound, e.Commit[:]...))
	return fact, opening, err
}

func (o *opener) zero() {
	if o.key != nil {
		o.key.Zero()
		o.key = nil
	}
}

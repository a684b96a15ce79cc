package instance

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/eventstore"
	"livret/eventstore/ledger"
	"livret/projections/statistics"
)

// Recounted is the last publication of a session, compared with what is found when everything is counted again:
// the frozen sums, and the livrets in active service.
type Recounted struct {
	Session nomenclature.SchoolYear `json:"session"`
	Number  int                     `json:"number"`
	SHA256  string                  `json:"sha256"`
	Frozen  int                     `json:"frozen"`  // livrets
	Living  int                     `json:"living"`  // livrets
	Chained bool                    `json:"chained"` // each publication names the digest of the one before
	Same    bool                    `json:"same"`
}

// Holds tells whether the publication is what it should be. As long as livrets are alive, it may have been true
// when it was made and not be any more; once all are frozen, it must be found again.
func (r Recounted) Holds() bool { return r.Chained && (r.Same || r.Living > 0) }

// Recount counts again what was published, session by session.
func (i *Instance) Recount(ctx context.Context) ([]Recounted, error) {
	sessions := make(map[nomenclature.SchoolYear]bool)
	for fact, err := range i.Ledger.Facts(ctx, eventstore.Position{}, deliberation.PublicationCategory) {
		if err != nil {
			return nil, err
		}
		if e, ok := fact.Event.(deliberation.StatisticsPublished); ok {
			sessions[e.Session] = true
		}
	}
	all := []Recounted{}
	for _, session := range slices.Sorted(maps.Keys(sessions)) {
		r, err := i.recount(ctx, session)
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (i *Instance) recount(ctx context.Context, session nomenclature.SchoolYear) (Recounted, error) {
	kept, _, err := ledger.Load(ctx, i.Ledger, deliberation.PublicationDecider, deliberation.PublicationStream(session))
	if err != nil {
		return Recounted{}, err
	}
	published, err := i.publications(ctx, session)
	if err != nil {
		return Recounted{}, err
	}
	sums, err := i.sums(ctx, session)
	if err != nil {
		return Recounted{}, err
	}
	last := published[len(published)-1]
	policy, err := statistics.NewPolicy(last.Threshold)
	if err != nil {
		return Recounted{}, err
	}
	found, err := statistics.Publish(sums.Sufficient, session, policy, last.Dated, published[:len(published)-1], i.Nomenclature)
	if err != nil {
		return Recounted{}, err
	}
	r := Recounted{session, last.Number, last.Digest(), sums.Frozen, sums.Living, true, found.Restates(last)}
	for n, p := range published {
		document, err := p.Document()
		r.Chained = r.Chained && err == nil && bytes.Equal(document, kept[n].Document) &&
			(p.Previous == "" || n > 0 && p.Previous == published[n-1].Digest())
	}
	return r, nil
}

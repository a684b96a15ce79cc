package statistics

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"

	"livret/domain"
)

// ErrDocument says that a document is not a publication of a known catalogue.
var ErrDocument = errors.New("statistics: not a publication of a known catalogue")

// Read reads the JSON of a publication of this catalogue or of an earlier one, strictly: anything else is
// ErrDocument.
func Read(document []byte) (Publication, error) {
	var p Publication
	if err := domain.ReadStrict(document, &p); err != nil || p.Catalogue < 1 || p.Catalogue > Catalogue {
		return Publication{}, ErrDocument
	}
	if p.Catalogue == 1 && !reflect.DeepEqual(p, p.as(1)) {
		return Publication{}, ErrDocument
	}
	for _, c := range p.Correlations {
		for _, pair := range c.Pairs {
			if min(pair.A, pair.B) < 0 || max(pair.A, pair.B) >= len(c.Courses) {
				return Publication{}, ErrDocument
			}
		}
	}
	for _, l := range p.Links {
		for _, link := range l.Links {
			if link.Course < 0 || link.Course >= len(l.Courses) {
				return Publication{}, ErrDocument
			}
		}
	}
	return p, nil
}

// Document is the JSON of the publication, as it is frozen into the ledger.
func (p Publication) Document() (json.RawMessage, error) { return json.Marshal(p) }

// Digest is the SHA-256 of the document, in hexadecimal: what the next publication of the session names as the
// one before it, and what who keeps a copy compares.
func (p Publication) Digest() string {
	document, err := p.Document()
	if err != nil {
		return "" // there are only integers and texts in it
	}
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// SaysTheSameAs tells whether two publications show the same figures, whatever their numbers and dates.
func (p Publication) SaysTheSameAs(other Publication) bool {
	p.Number, p.Dated, p.Previous = other.Number, other.Dated, other.Previous
	return reflect.DeepEqual(p, other)
}

// Restates tells whether a publication says all that an earlier one says, which may be of an earlier catalogue.
func (p Publication) Restates(other Publication) bool {
	return p.as(other.Catalogue).SaysTheSameAs(other)
}

// as is the publication without the tables that a catalogue does not have.
func (p Publication) as(catalogue int) Publication {
	if p.Catalogue = catalogue; catalogue == 1 {
		p.Ledgers, p.Previous, p.Results, p.Orientations, p.Links = 0, "", nil, nil, nil
	}
	return p
}

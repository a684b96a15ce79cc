package jury

import (
	"crypto/hmac"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
)

// Shown is what a jury examined, found again from the facts themselves: the dossier, and the bytes that the examination
// holds the keyed hash of. It needs no row of a view, and so can be asked for when the keys are in custody. The facts
// are those of the candidate and of his livret; what came after the version examined is left aside. It answers false
// where the bytes are not those that were examined: the lists of the State or the view have changed since.
func Shown(lists nomenclature.Nomenclature, examined deliberation.LivretExamined, candidate, livret []domain.Fact) (Dossier, []byte, bool) {
	c, row := deliberation.CandidateDecider.Initial(), new(recordRow)
	for _, f := range candidate {
		c = deliberation.CandidateDecider.Evolve(c, f)
	}
	for _, f := range livret {
		if f.Sequence > examined.RecordVersion || row.Apply(f) != nil {
			break
		}
	}
	a := assembly{lists: lists, record: row}
	d := a.dossier(c)
	shown, err := d.canonical()
	return d, shown, err == nil && examined.Projection == Name && hmac.Equal(imprint(examined.Salt, shown), examined.ViewHash)
}

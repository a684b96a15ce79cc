package bundle

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// examined is what the events of a deliberation say of what was shown; the fields are those of
// candidate.LivretExamined and candidate.PresidentVisaGiven.
type examined struct {
	Deliberation  int    `json:"deliberation"`
	Group         string `json:"group"`
	RecordVersion uint64 `json:"recordVersion"`
	Projection    string `json:"projection"`
	Salt          []byte `json:"salt"`
	ViewHash      []byte `json:"viewHash"`
	Paper         bool   `json:"paper"`
}

// jury looks at what the jury was shown, and at the president's visa.
func (v *verification) jury() {
	for _, view := range v.Dossier.Views {
		var act examined
		eventType, err := v.payload(view.Event, &act)
		shown, there := v.Others[view.File]
		mac := hmac.New(sha256.New, act.Salt)
		mac.Write(shown)
		if err != nil || !there || eventType != "candidate.LivretExamined" || len(act.Salt) < 16 || act.Projection != view.Projection || !hmac.Equal(mac.Sum(nil), act.ViewHash) {
			v.report.add(Jury, Invalid, fmt.Sprintf("%s\u00a0: ce qui est montré n’est pas ce dont le jury a enregistré l’examen.", view.What))
			continue
		}
		v.report.add(Jury, Valid, fmt.Sprintf("%s\u00a0: octet pour octet ce que le jury a examiné, dans la version n° %d du livret.", view.What, act.RecordVersion))
		v.visa(view, act)
	}
}

// visa looks for the president's signature under the examination of what was shown.
func (v *verification) visa(view View, of examined) {
	for i := int(view.Event.Sequence); i < len(v.Events[view.Event.Stream]); i++ {
		var visa examined
		eventType, err := v.payload(Reference{view.Event.Stream, uint64(i) + 1}, &visa)
		if err != nil || eventType != "candidate.PresidentVisaGiven" || visa.Deliberation != of.Deliberation || visa.Group != of.Group {
			continue
		}
		if visa.RecordVersion != of.RecordVersion || !bytes.Equal(visa.ViewHash, of.ViewHash) {
			v.report.add(Jury, Invalid, fmt.Sprintf("%s\u00a0: le visa du président porte sur autre chose.", view.What))
			return
		}
		h, _, _ := v.Events[view.Event.Stream][i].header()
		v.report.add(Jury, Valid, fmt.Sprintf("%s\u00a0: visé par le président du jury, visa inscrit le %s.", view.What, h.RecordedAt.Format("02/01/2006 à 15:04 UTC")))
		return
	}
	v.report.add(Jury, Indeterminate, fmt.Sprintf("%s\u00a0: aucun visa du président n’est produit.", view.What))
}

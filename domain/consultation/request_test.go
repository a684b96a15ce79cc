package consultation_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain/consultation"
	"livret/domain/spec"
)

var (
	asked = consultation.ArchiveRequested{Livret: uuid.MustParse("6f1c0000-0000-4000-8000-000000000001"), Case: "TA Melun 1907538", Motive: "défaut de visa", Requester: "service juridique"}
	made  = consultation.ArchiveMade{Digest: strings.Repeat("0f", 32), Bytes: 310_000}
)

func TestAnArchiveIsAskedForWithACaseAndAMotive(t *testing.T) {
	given := spec.Given(consultation.RequestDecider)
	given.When(consultation.RequestArchive(asked)).Then(t, asked)
	for rule, spoil := range map[string]func(*consultation.RequestArchive){
		"demande-sans-livret":  func(c *consultation.RequestArchive) { c.Livret = uuid.Nil },
		"demande-sans-affaire": func(c *consultation.RequestArchive) { c.Case = " " },
		"demande-sans-motif":   func(c *consultation.RequestArchive) { c.Motive = "\t" },
		"demande-sans-auteur":  func(c *consultation.RequestArchive) { c.Requester = "" },
		"demande-trop-longue":  func(c *consultation.RequestArchive) { c.Motive = strings.Repeat("é", 501) },
	} {
		spoilt := consultation.RequestArchive(asked)
		spoil(&spoilt)
		given.When(spoilt).ThenRefused(t, rule)
	}
	spaced := consultation.RequestArchive(asked)
	spaced.Case = "  " + asked.Case + "\n"
	given.When(spaced).Then(t, asked)

	other := consultation.RequestArchive(asked)
	other.Case = "TA Paris 2125999"
	given.And(asked).When(other).ThenRefused(t, "demande-deja-faite")
	given.And(asked).When(consultation.RequestArchive(asked)).Then(t)
}

func TestARequestIsServedOnce(t *testing.T) {
	given := spec.Given(consultation.RequestDecider)
	given.When(consultation.RecordArchive(made)).ThenRefused(t, "demande-inconnue")
	given.And(asked).When(consultation.RecordArchive(made)).Then(t, made)
	given.And(asked, made).When(consultation.RecordArchive(made)).Then(t)
	given.And(asked, made).When(consultation.RecordArchive{Digest: strings.Repeat("1e", 32), Bytes: 1}).ThenRefused(t, "demande-deja-servie")
}

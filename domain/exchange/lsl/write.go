package lsl

import (
	"fmt"
	"io"
	"iter"
	"strconv"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/mark"
	"livret/domain/record"
)

// Write writes a file as marks software does, for demonstrations and tests. Read gives back what it was
// given, provided that the values respect what their types say and that each year has an evaluation.
func Write(w io.Writer, e exchange.Encoding, h Header, pupils iter.Seq[Pupil]) error {
	x := exchange.Create(w, e, 0)
	x.Open("lsl:lsl", "xmlns:lsl", namespace, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance", "schemaVersion", "1.0")
	x.Open("entete")
	x.Leaf("editeur", h.Editeur)
	x.Leaf("application", h.Application)
	x.Leaf("etablissement", string(h.UAI))
	x.Close()
	x.Open("donnees")
	for p := range pupils {
		writePupil(x, p)
	}
	return x.End()
}

func writePupil(x *exchange.Writer, p Pupil) {
	x.Open("eleve", "id", strconv.FormatUint(p.ID, 10))
	if len(p.Engagements) > 0 || p.OtherEngagement != "" {
		x.Open("engagements")
		for _, code := range p.Engagements {
			x.Empty("engagement", "code", string(code))
		}
		if p.OtherEngagement != "" {
			x.Leaf("engagement-autre", p.OtherEngagement)
		}
		x.Close()
	}
	if p.Avis != "" {
		x.Empty("avisExamen", "code", string(p.Avis))
	}
	x.Open("scolarites")
	for _, y := range p.Years {
		writeYear(x, y)
	}
	x.Close()
	x.Close()
}

func writeYear(x *exchange.Writer, y Year) {
	code := "T"
	if y.Periods == 2 {
		code = "S"
	}
	x.Open("scolarite", "annee-scolaire", strconv.Itoa(int(y.Year)), "code-periode", code)
	for _, kind := range []record.Observation{record.ObservationCPE, record.ObservationTeam, record.ObservationHead} {
		for _, o := range y.Observations {
			if o.Kind == kind {
				x.Leaf(elementOf(kind), o.Text, append(dated(nil, o.Date), "nom", o.Author.Name, "prenom", o.Author.First)...)
			}
		}
	}
	for _, e := range y.Evaluations {
		writeEvaluation(x, e)
	}
	x.Close()
}

func elementOf(kind record.Observation) string {
	switch kind {
	case record.ObservationCPE:
		return "avisEngagement"
	case record.ObservationTeam:
		return "avisInvestissement"
	}
	return "avisChefEtab"
}

func writeEvaluation(x *exchange.Writer, e Evaluation) {
	x.Open("evaluation", dated([]string{"modalite-election", string(e.Modalite), "code-matiere", string(e.Matiere)}, e.Date)...)
	x.Empty("structure", group(e.Group)...)
	if e.Appreciation != "" {
		x.Leaf("annuelle", e.Appreciation)
	}
	if len(e.Averages) > 0 {
		x.Open("periodiques")
		for _, a := range e.Averages {
			x.Empty("periode", "numero", strconv.Itoa(int(a.Period)), "moyenne", decimal(a.Mark))
		}
		x.Close()
	}
	if len(e.Competences) > 0 {
		x.Open("competences")
		for _, c := range e.Competences {
			x.Leaf("competence", string(c.Mastery), "code", string(c.Code))
		}
		x.Close()
	}
	x.Open("enseignants")
	for _, t := range e.Teachers {
		x.Empty("enseignant", "nom", t.Name, "prenom", t.First)
	}
	if len(e.Teachers) == 0 {
		x.Empty("enseignant") // the schema wants one
	}
	x.Close()
	x.Close()
}

func dated(attrs []string, day domain.Date) []string {
	if day.IsZero() {
		return attrs
	}
	return append(attrs, "date", day.String())
}

func group(g Group) (attrs []string) {
	if g.Headcount > 0 {
		attrs = append(attrs, "effectif", strconv.Itoa(int(g.Headcount)))
	}
	if g.Mean.IsMarked() {
		attrs = append(attrs, "moyenne", decimal(g.Mean))
	}
	if s := g.Shares; s != nil {
		attrs = append(attrs, "repar-moins-huit", percent(s.Below8), "repar-huit-douze", percent(s.From8), "repar-plus-douze", percent(s.From12))
	}
	return attrs
}

// decimal is a mark, or the -1 of a pupil without one.
func decimal(m mark.Mark) string {
	h, ok := m.Hundredths()
	if !ok {
		return "-1"
	}
	return fmt.Sprintf("%d.%02d", h/100, h%100)
}

func percent(p uint16) string { return fmt.Sprintf("%d.%02d", p/100, p%100) }

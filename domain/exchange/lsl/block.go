package lsl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"livret/domain"
	"livret/domain/exchange"
)

const (
	reexport = "Refaites l’export depuis le logiciel de notes, sans modifier le fichier."
	correct  = "Corrigez dans le logiciel de notes, puis refaites l’export."
)

// block is a part of a pupil that is taken or left out as a whole. What is found in it goes to the pupil.
type block struct {
	pupil    *Pupil
	where    string
	severity exchange.Severity // of a refusal
	refused  bool
}

func (p *Pupil) block(severity exchange.Severity, where string) *block {
	return &block{pupil: p, where: where, severity: severity}
}

func (b *block) warn(line int, rule, reason, remedy string) {
	b.pupil.Findings = append(b.pupil.Findings, exchange.Finding{Line: line, Where: b.where, Rule: rule, Reason: reason, Remedy: remedy})
}

func (b *block) refuse(line int, rule, reason, remedy string) {
	b.refused = true
	b.pupil.Findings = append(b.pupil.Findings, exchange.Finding{Line: line, Severity: b.severity, Where: b.where, Rule: rule, Reason: reason, Remedy: remedy})
}

// refusal passes on what a parser of the domain refuses, and tells whether there was anything to pass on.
func (b *block) refusal(line int, err error) bool {
	refusal, ok := errors.AsType[*domain.Refusal](err)
	if ok {
		b.refuse(line, refusal.Rule, refusal.Reason, refusal.Remedy)
	}
	return ok
}

// check refuses what the schema does not know on a tag: a namespace, an attribute.
func (b *block) check(e exchange.Element, attrs ...string) {
	if problem, ok := unexpected(e, attrs...); ok {
		b.refuse(e.Line, problem.Rule, problem.Reason, problem.Remedy)
	}
}

// unknown refuses an element that has no place where it is.
func (b *block) unknown(e exchange.Element) {
	problem := unknown(e)
	b.refuse(e.Line, problem.Rule, problem.Reason, problem.Remedy)
}

// required gives an attribute, and refuses the block without it.
func (b *block) required(e exchange.Element, name string) string {
	value, ok := e.Attr(name)
	if !ok {
		b.refuse(e.Line, "attribut-absent", fmt.Sprintf("L’attribut «\u00a0%s\u00a0» de l’élément «\u00a0%s\u00a0» est absent.", name, e.Name), reexport)
	}
	return value
}

func unexpected(e exchange.Element, attrs ...string) (domain.Refusal, bool) {
	if e.Space != "" {
		return domain.Refusal{Rule: "espace-de-noms",
			Reason: fmt.Sprintf("L’élément «\u00a0%s\u00a0» est dans un espace de noms, alors que seule la racine du fichier doit l’être.", quoted(e.Name)), Remedy: reexport}, true
	}
	for _, a := range e.Attrs {
		if a.Name.Space != "" || !slices.Contains(attrs, a.Name.Local) {
			return domain.Refusal{Rule: "attribut-inconnu",
				Reason: fmt.Sprintf("L’attribut «\u00a0%s\u00a0» de l’élément «\u00a0%s\u00a0» est inconnu.", quoted(a.Name.Local), quoted(e.Name)), Remedy: reexport}, true
		}
	}
	return domain.Refusal{}, false
}

func unknown(e exchange.Element) domain.Refusal {
	if e.Name == exchange.Stray {
		return domain.Refusal{Rule: "texte-inattendu", Reason: "Du texte se trouve entre deux éléments, où il n’a pas de place.", Remedy: reexport}
	}
	return domain.Refusal{Rule: "element-inconnu",
		Reason: fmt.Sprintf("L’élément «\u00a0%s\u00a0» est inconnu, ou n’est pas à sa place.", quoted(e.Name)), Remedy: reexport}
}

// quoted is a name or a code of the file as a finding may show it.
func quoted(code string) string {
	const most = 40
	if len(code) > most {
		return strings.ToValidUTF8(code[:most], "") + "…"
	}
	return code
}

package sanction

import (
	"slices"

	"livret/domain"
)

// Kind is a sanction of the catalogue, as it stands for ever in events.
type Kind string

// The sanctions of the discipline commission (Code de l'éducation, art. D. 334-32).
const (
	Blame         Kind = "blame"
	LossOfMention Kind = "privation-de-mention"       // of any mention on the diploma
	BanFromExam   Kind = "interdiction-d-examen"      // from sitting any baccalauréat
	BanFromPost   Kind = "interdiction-de-diplome"    // from sitting for a post-bac diploma of a public institution
	BanFromEnrol  Kind = "interdiction-d-inscription" // from enrolling in a public post-bac institution
)

// Authority is who pronounced.
type Authority string

// The authorities. The recteur pronounces alone for a fraud in the contrôle continu.
const (
	Commission Authority = "commission"
	Recteur    Authority = "recteur"
)

// Authorities lists them, in the order in which forms offer them.
func Authorities() []Authority { return []Authority{Commission, Recteur} }

// Label is the French name of the authority.
func (a Authority) Label() string {
	switch a {
	case Commission:
		return "commission de discipline du baccalauréat"
	case Recteur:
		return "recteur, pour le contrôle continu"
	}
	return string(a)
}

// Article is one sanction as a version of the text has it.
type Article struct {
	Kind      Kind
	Label     string // in French
	MaxMonths int    // that it may last; 0: it does not last
	Sursis    int    // months up to which it may be suspended; 0: never
	Recteur   bool   // the recteur may pronounce it alone
}

// Bans tells whether the sanction lasts, and so has an end.
func (a Article) Bans() bool { return a.MaxMonths > 0 }

// Text is a version of the catalogue: its source, and how far it was read.
type Text struct {
	ID     string      // as it stands in events
	From   domain.Date // first day on which it is in force
	Until  domain.Date // day from which it is no longer known to be; zero: until further notice
	Source string
	Caveat string // what the project could not read
	List   []Article
}

// fiveYears and twoYears are the longest ban, and the longest that may be suspended.
const (
	fiveYears = 60
	twoYears  = 24
)

// catalogue is the versions of the text, oldest first. That of 2024 could not be read: what is pronounced since
// is recorded under the one that could, and said to be.
var catalogue = []Text{{
	ID:     "D334-32-2012",
	From:   domain.NewDate(2012, 6, 1),
	Until:  domain.NewDate(2024, 3, 18),
	Source: "Code de l’éducation, art. D. 334-32, version lue dans un état du code du début de 2015 ; recteur seul : art. D. 334-31, lu en source secondaire",
	Caveat: "Le décret n° 2024-240 du 18 mars 2024, qui réforme la procédure, n’a pas été lu : vérifiez que la sanction y figure encore.",
	List: []Article{
		{Kind: Blame, Label: "blâme", Recteur: true},
		{Kind: LossOfMention, Label: "privation de toute mention portée sur le diplôme", Recteur: true},
		{Kind: BanFromExam, Label: "interdiction de se présenter à tout examen du baccalauréat", MaxMonths: fiveYears, Sursis: twoYears},
		{Kind: BanFromPost, Label: "interdiction de se présenter à tout examen conduisant à un diplôme post-baccalauréat d’un établissement public", MaxMonths: fiveYears, Sursis: twoYears},
		{Kind: BanFromEnrol, Label: "interdiction de s’inscrire dans un établissement public dispensant des formations post-baccalauréat", MaxMonths: fiveYears},
	},
}}

// TextOn is the version of the catalogue under which a sanction pronounced on that day is recorded; false before
// the first.
func TextOn(day domain.Date) (Text, bool) {
	for _, text := range slices.Backward(catalogue) {
		if !day.Before(text.From) {
			return text, true
		}
	}
	return Text{}, false
}

// Doubtful tells whether the version may no longer be the one in force on that day: see Caveat.
func (t Text) Doubtful(day domain.Date) bool { return !t.Until.IsZero() && !day.Before(t.Until) }

// Article finds a sanction in the version.
func (t Text) Article(kind Kind) (Article, bool) {
	i := slices.IndexFunc(t.List, func(a Article) bool { return a.Kind == kind })
	if i < 0 {
		return Article{}, false
	}
	return t.List[i], true
}

// Kinds lists the sanctions of the last version, in its order.
func Kinds() []Article { return slices.Clone(catalogue[len(catalogue)-1].List) }

// Label is the French name of a sanction, whichever version it is of.
func (k Kind) Label() string {
	for _, text := range slices.Backward(catalogue) {
		if a, known := text.Article(k); known {
			return a.Label
		}
	}
	for _, text := range slices.Backward(schoolTexts) {
		if a, known := text.Article(k); known {
			return a.Label
		}
	}
	return string(k)
}

package masking

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// acts are irregular or ambiguous verbs of appréciations in the third person: what a pupil does right after
// his name. The lexicon knows the regular ones.
var acts = setOf(`est etait sera serait fut ait aura aurait avait doit devra devrait devait peut pourra pourrait
	pouvait fait fera ferait sait saura veut voudra va ira vient semble semblait parait obtient prend reprend apprend
	comprend merite poursuit fournit rend repond travaille participe montre manque reste aide suit met permet s n se ne y nous vous
	baisse chute termine finit reussit tient sort perd attend ecrit lit dit connait croit vaut intervient devient revient
	parvient maintient investit approfondit acquiert agit reagit grandit murit dort sert part sent ressent offre ouvre
	decouvre souffre court parcourt conduit construit produit vit convainc entend defend rit choisit reflechit`)

// afterHas follow "a" when it is the verb, which the missing accent of "à" must not confuse.
var afterHas = setOf(`bien mal mieux su fait ete eu pu du toujours encore beaucoup trop tres peu tout des un une le la les
	souvent parfois aussi enfin vraiment fourni pris repris appris compris reussi obtenu acquis manque perdu rendu mis montre
	progresse travaille participe gagne fini suivi connu besoin confiance tendance de d du l`)

// called come after what opens an address: "Constant, vous devez…".
var called = setOf("vous tu il elle un une votre ton ne c continuez continue poursuivez poursuis attention bravo qui toujours tres eleve")

// calls come before the one they call: "bravo rose".
var calls = setOf("bravo merci cher chere felicitations")

// beforeNames are the little words after which a bare noun is more likely a name, in a text all in capitals.
var beforeNames = setOf("avec que qu et chez a pour mais bravo merci cher chere si")

// beforeSubjects are the words after which a clause has its subject.
var beforeSubjects = setOf("et que qu")

// idioms are French however their first word is written; the name is not meant.
var idioms = map[string][]string{
	"petit":  {"a petit", "bilan", "groupe", "effort", "dejeuner", "prince"},
	"grace":  {"a", "au", "aux"},
	"claire": {"progression", "evolution", "amelioration", "baisse", "hausse", "volonte", "envie", "conscience"},
	"marine": {"nationale", "marchande"},
	"rose":   {"des"},
	"bon":    {"courage", "travail", "niveau", "trimestre", "ensemble"},
	"pierre": {"a pierre", "angulaire", "taillee"},
}

// capitalTells decides for a known name that is also French, or very short: does the way it is written say
// that it names someone? A capital says so inside a sentence. At its start, or when everything is in
// capitals, the kind of word and what follows must say it.
func (t *reading) capitalTells(i int) bool {
	w, c := t.words[i], t.lex[t.words[i].fold]
	if t.isIdiom(i) && !t.acted(i) {
		return false
	}
	switch {
	case c&proper != 0:
		return w.capital && t.acted(i)
	case !w.capital:
		return c&opener == 0 && w.starts && t.acted(i) || c != 0 && t.calledBefore(i)
	case !w.starts && !w.shouts:
		return true
	case c&opener != 0 && c&forename == 0:
		return t.acted(i) || t.addressed(i) || t.calledBefore(i)
	case w.starts:
		return true
	case i == 0:
		return t.acted(i) // after a passage masked earlier
	}
	before := t.words[i-1]
	return w.gap == gapOther || w.gap != gapMasked && (beforeNames[before.fold] || t.lex[before.fold]&opener == 0) || t.acted(i)
}

// isIdiom tells if an idiom starts at word i. "Grâce à" only does at the start of a sentence: inside one, its
// capital is that of a name, and what follows may be the verb.
func (t *reading) isIdiom(i int) bool {
	w := t.words[i]
	if w.fold == "grace" && w.capital && !w.starts && !w.shouts {
		return false
	}
	for _, rest := range idioms[w.fold] {
		if t.matches(i+1, strings.Fields(rest)) {
			return true
		}
	}
	return false
}

// acted tells if a verb follows word i, as after a subject.
func (t *reading) acted(i int) bool {
	if i+1 >= len(t.words) {
		return false
	}
	next := t.words[i+1]
	if next.gap != gapSpace || next.capital && !next.shouts {
		return false
	}
	then := word{}
	if i+2 < len(t.words) && t.words[i+2].gap.close() {
		then = t.words[i+2]
	}
	switch next.fold {
	case "a":
		return t.runes[next.from] == 'a' && afterHas[then.fold] || next.shouts && afterHas[then.fold]
	case "manque", "reste", "montre", "aide", "baisse", "chute", "dit", "ecrit", "fait", "met":
		return t.lex[t.words[i].fold] == 0 || then.fold != "" && then.fold != "de" && then.fold != "d" && then.gap == gapSpace
	case "s", "n":
		return then.gap == gapJoin
	}
	if c := t.lex[next.fold]; c&third != 0 && c&noun == 0 {
		return t.runes[next.to-1] != 'é'
	}
	return acts[next.fold]
}

// unknownSubject tells if word i, which is no word of French, can only be the name of someone unknown: with a
// capital, where a subject stands, and followed by a verb.
func (t *reading) unknownSubject(i int) bool {
	w := t.words[i]
	if !w.capital || w.shouts || len(w.fold) < 3 || t.lex[w.fold] != 0 || !t.acted(i) {
		return false
	}
	return w.starts || w.gap == gapOther || i > 0 && beforeSubjects[t.words[i-1].fold]
}

// addressed tells if word i is set off by a comma from what is said to or of somebody.
func (t *reading) addressed(i int) bool {
	return i+1 < len(t.words) && t.words[i+1].gap == gapOther && called[t.words[i+1].fold]
}

// calledBefore tells if word i comes after a call.
func (t *reading) calledBefore(i int) bool {
	return i > 0 && t.words[i].gap == gapSpace && calls[t.words[i-1].fold]
}

// titles announce a name.
var titles = setOf("m mm mr mrs mme mmes mlle mlles melle monsieur messieurs madame mesdames mademoiselle dr docteur pr prof professeur professeure")

// roles come after a title without naming anyone: "M. le Proviseur".
var roles = setOf(`proviseur proviseure principal principale directeur directrice adjoint adjointe cpe conseiller conseillere
	professeur professeure inspecteur inspectrice recteur rectrice president presidente maire ministre intendant intendante
	gestionnaire infirmier infirmiere documentaliste chef`)

// findTitled looks for what follows a title, known or not.
func (t *reading) findTitled() {
	for i, w := range t.words {
		if !titles[w.fold] || len(w.fold) <= 2 && !w.capital {
			continue
		}
		teacher := strings.HasPrefix(w.fold, "prof")
		named := false
		for j := i + 1; j < len(t.words) && j <= i+5 && t.words[j].gap.close(); j++ {
			part := t.words[j]
			if j == i+1 && part.gap == gapJoin || roles[part.fold] {
				break
			}
			unknown, known := t.lex[part.fold] == 0, t.single[part.fold]&person != 0
			single := utf8.RuneCountInString(part.fold) == 1
			switch {
			case part.fold == "et":
			case particles[part.fold] && j+1 < len(t.words) && t.words[j+1].capital && !roles[t.words[j+1].fold] && t.words[j+1].gap.close() && !part.shouts:
				t.hit[j] |= person
				continue
			case part.capital && single && (t.dotted(j) || !part.shouts && part.fold != "a"),
				part.capital && !single && (unknown || known || !named && !part.shouts && !teacher),
				!part.capital && known && !named:
				t.hit[j] |= person
				named = true
				continue
			}
			break
		}
	}
}

// schoolHeads announce the name of a school; schoolKinds may come in between.
var (
	schoolHeads = setOf("lycee lycees college colleges lgt lgtp legt legta lp lpo lpp lycée")
	schoolKinds = setOf(`general generale technologique professionnel professionnelle polyvalent polyvalente prive privee public publique
		agricole hotelier international experimental municipal departemental climatique catholique et cite scolaire d enseignement
		metiers ensemble institution institut etablissement`)
)

// findSchools looks for what follows "lycée" or "collège", known or not.
func (t *reading) findSchools() {
	for i, w := range t.words {
		if !schoolHeads[w.fold] {
			continue
		}
		from := i + 1
		for ; from < len(t.words); from++ {
			part := t.words[from]
			if part.gap == gapOther && !t.quoted(from) || part.gap > gapOther {
				break
			}
			if !(schoolKinds[part.fold] || particles[part.fold] && !isSaint(part.fold)) {
				break
			}
		}
		last := -1
		for j := from; j < len(t.words) && j < from+6; j++ {
			part := t.words[j]
			if !part.gap.close() && !(j == from && part.gap == gapOther && t.quoted(j)) {
				break
			}
			c := t.lex[part.fold]
			if part.capital && c&proper == 0 && (c == 0 || !part.shouts) {
				last = j
			} else if !particles[part.fold] {
				break
			}
		}
		if last >= from {
			t.mark(from, last-from+1, place)
		}
	}
}

// quoted tells if a quotation mark stands before word i.
func (t *reading) quoted(i int) bool {
	return slices.ContainsFunc(t.runes[t.words[i-1].to:t.words[i].from], func(r rune) bool {
		return unicode.In(r, unicode.Pi, unicode.Pf) || r == '"'
	})
}

// notInitials are pairs of letters that mean something else in an appréciation: très bien, travaux pratiques.
var notInitials = setOf("tb ab lv tp td ds dm ap cc ec pp bt aj cd")

// findInitials looks for "L. D." when somebody's names begin so, and for "J.-P." in any case.
func (t *reading) findInitials() {
	lone := func(i int) bool {
		return i >= 0 && i < len(t.words) && t.words[i].capital && utf8.RuneCountInString(t.words[i].fold) == 1 && t.dotted(i)
	}
	for i := range t.words {
		if !lone(i) || !lone(i+1) || t.words[i+1].gap != gapDot {
			continue
		}
		a, b := t.words[i], t.words[i+1]
		if slices.ContainsFunc(t.runes[a.to:b.from], func(r rune) bool { return unicode.Is(unicode.Pd, r) }) {
			t.mark(i, 2, person)
			continue
		}
		alone := !(lone(i-1) && a.gap == gapDot) && !(lone(i+2) && t.words[i+2].gap == gapDot)
		if alone && !notInitials[a.fold+b.fold] && t.initial[[2]byte{a.fold[0], b.fold[0]}] {
			t.mark(i, 2, person)
		}
	}
}

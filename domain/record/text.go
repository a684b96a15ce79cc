package record

import (
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"livret/domain"
)

// MaxText is how long a free text may be, in Unicode code points, once trimmed.
const MaxText = 300

// TextKind tells the free texts of a livret apart.
type TextKind string

// The free texts of a livret.
const (
	TextAppreciation TextKind = "appreciation"
	TextEngagement   TextKind = "engagement"
	TextCPE          TextKind = TextKind(ObservationCPE)
	TextTeam         TextKind = TextKind(ObservationTeam)
	TextHead         TextKind = TextKind(ObservationHead)
)

// Text is a free text as it stands, with what was decided about it. Another text in its place is a new Text,
// without mask nor decision. Sequence 0 is no text.
type Text struct {
	Kind      TextKind
	Sequence  uint64 // of the event that wrote it
	Value     string
	By        domain.Actor // who entered it
	At        time.Time    // when, as declared
	Mask      *Mask        `json:",omitempty"` // the last one made; nil: not shown to a jury
	Screening *Screening   `json:",omitempty"` // the last decision; nil: nobody had to decide
}

// Mask is which passages of a text name someone or somewhere, as [from, to) in code points.
type Mask struct {
	Spans [][2]uint16 `json:",omitempty"`
	Rule  string      // version of the masking rule
}

// Screening is a human's decision on a text that the screening rule drew attention to.
type Screening struct {
	Decision ScreeningDecision
	Rule     string // version of the screening rule
}

// Texts yields the free texts of the livret as they stand now: appreciations by enseignement, the free line
// of engagements, observations by year.
func (s *State) Texts() iter.Seq[*Text] {
	return func(yield func(*Text) bool) {
		for _, l := range s.Lines {
			if l.Appreciation.Sequence != 0 && !yield(&l.Appreciation) {
				return
			}
		}
		if s.Other.Sequence != 0 && !yield(&s.Other) {
			return
		}
		for i := range s.Years {
			for j := range s.Years[i].Observations {
				if t := &s.Years[i].Observations[j].Text; t.Sequence != 0 && !yield(t) {
					return
				}
			}
		}
	}
}

// Text answers the free text that the event of that sequence wrote, nil if there is none or another text
// has taken its place.
func (s *State) Text(sequence uint64) *Text {
	for t := range s.Texts() {
		if t.Sequence == sequence {
			return t
		}
	}
	return nil
}

func (k Observation) index() int {
	switch k {
	case ObservationCPE:
		return 0
	case ObservationTeam:
		return 1
	case ObservationHead:
		return 2
	}
	return -1
}

// Tidy is a free text as it is kept: no white space of any alphabet at either end, lines ended by \n, and
// blanks for tabulations. Exchange files write one no-break space for no text: tidied, it is empty.
func Tidy(text string) string {
	text = strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
	})
	if strings.ContainsAny(text, "\r\t") {
		text = tidier.Replace(text)
	}
	return text
}

var tidier = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ")

// checkText refuses what may not be a free text of the livret (arrêté of 8 February 2016: 1 to 300
// characters). The text must be tidied first.
func checkText(text string) error { return checkLength(text, MaxText) }

// checkLength refuses what is not a text of 1 to most characters.
func checkLength(text string, most int) error {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return domain.Refuse("texte-vide", "Le texte est vide.", fmt.Sprintf("Saisissez de 1 à %d caractères.", most))
	case n > most:
		return domain.Refuse("texte-trop-long", fmt.Sprintf("Le texte dépasse %d caractères.", most), "Raccourcissez-le ; il n’est jamais coupé d’office.")
	case !utf8.ValidString(text):
		return domain.Refuse("texte-illisible", "Le texte est mal encodé.", "Enregistrez de nouveau le fichier en UTF-8, ou ressaisissez le texte.")
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return domain.Refuse("texte-illisible", "Le texte contient des caractères de commande invisibles.", "Ressaisissez le texte sans copier-coller.")
	}
	return nil
}

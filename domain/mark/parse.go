package mark

import (
	"strings"

	"livret/domain"
)

// Parse reads a mark of an exchange file: an xs:decimal between 0 and 20 with at most two significant
// fraction digits ("12", "12.3", "12.340"), and blanks around it as XML allows. "12,5", "1e1" and "" are
// refused by rule "note-illisible", 20.01 and -1 by "note-hors-bornes".
func Parse(text string) (Mark, error) {
	h, ok := hundredths(text)
	if !ok {
		return Mark{}, domain.Refuse("note-illisible",
			"Une note s’écrit en chiffres, avec au plus deux décimales après un point.", "Corrigez la note dans le logiciel d’origine.")
	}
	return Hundredths(h)
}

// ParsePeriod reads the average of a period, where exchange files write -1 for a pupil without mark.
func ParsePeriod(text string) (Mark, error) {
	if h, ok := hundredths(text); ok && h == -100 {
		return Mark{}, nil
	}
	return Parse(text)
}

// ParseTyped reads what a teacher types: « 12,5 » as well as « 12.5 », nothing or « n » for not marked,
// « abs » and « disp ».
func ParseTyped(text string) (Mark, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	switch text {
	case "", "n", "nn", "n.not", "non noté":
		return Mark{}, nil
	case "a", "abs", "absent", "absente":
		return Mark{absent}, nil
	case "d", "disp", "dispensé", "dispensée":
		return Mark{dispensed}, nil
	}
	h, ok := hundredths(strings.Replace(text, ",", ".", 1))
	if !ok {
		return Mark{}, domain.Refuse("note-illisible",
			"Une note s’écrit en chiffres, avec au plus deux décimales.", "Saisissez par exemple 12,5, ou « abs », ou « disp ».")
	}
	return Hundredths(h)
}

// ParsePercent reads a share of an exchange file, an xs:decimal from 0 to 100, as hundredths of a per cent.
func ParsePercent(text string) (uint16, error) {
	h, ok := hundredths(text)
	if !ok || h < 0 || h > 10000 {
		return 0, domain.Refuse("part-illisible",
			"Une part d’un groupe est un pourcentage entre 0 et 100, avec au plus deux décimales.", "Corrigez la répartition dans le logiciel d’origine.")
	}
	return uint16(h), nil
}

// hundredths reads an xs:decimal of at most two significant fraction digits. Beyond 9999 it answers
// something out of every range rather than overflow.
func hundredths(text string) (int, bool) {
	const beyond = 1_000_000
	text = strings.Trim(text, " \t\r\n")
	sign := 1
	if text != "" && (text[0] == '-' || text[0] == '+') {
		if text[0] == '-' {
			sign = -1
		}
		text = text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if whole == "" && fraction == "" {
		return 0, false
	}
	h := 0
	for _, c := range []byte(whole) {
		if c < '0' || c > '9' {
			return 0, false
		}
		h = min(h*10+int(c-'0'), beyond)
	}
	h *= 100
	for i, c := range []byte(fraction) {
		switch {
		case c < '0' || c > '9' || i > 1 && c != '0':
			return 0, false
		case i == 0:
			h += 10 * int(c-'0')
		case i == 1:
			h += int(c - '0')
		}
	}
	return sign * h, true
}

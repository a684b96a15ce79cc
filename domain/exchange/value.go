package exchange

import (
	"strconv"
	"strings"
	"time"

	"livret/domain"
)

// Positive reads an xs:positiveInteger: "7", "007", "+5" and " 5 ", and not 0. One that no uint64 holds is
// not read.
func Positive(text string) (uint64, bool) {
	text = strings.TrimPrefix(strings.Trim(text, " \t\r\n"), "+")
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil && n > 0
}

// FrenchDate reads a day as SIECLE writes it, "30/05/1998"; nothing is an unknown day.
func FrenchDate(text string) (domain.Date, bool) {
	if text == "" {
		return domain.Date{}, true
	}
	t, err := time.Parse("02/01/2006", text)
	if err != nil || t.Year() < 1 {
		return domain.Date{}, false
	}
	return domain.DateOf(t), true
}

// Tidy is a name or a label as it is kept: SIECLE pads its values with blanks.
func Tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

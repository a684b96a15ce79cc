package web

import "strings"

// typo sets French spaces: a no-break space before a colon and inside guillemets, a narrow one before other
// double signs, so that no line starts with a sign of punctuation. Text that has them already is unchanged.
func typo(text string) string {
	return typographer.Replace(text)
}

var typographer = strings.NewReplacer(
	" :", "\u00a0:", " ;", "\u202f;", " !", "\u202f!", " ?", "\u202f?", " %", "\u202f%",
	"« ", "«\u00a0", " »", "\u00a0»", "'", "’",
)

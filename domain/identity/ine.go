package identity

import (
	"regexp"
	"strconv"
	"strings"
)

// INEKind is a family of national pupil numbers. They follow each other in time and live side by side.
type INEKind string

// The families in use; the empty kind is none of them.
const (
	BEA  INEKind = "BEA"  // until 2017: ten digits, and the letter of their remainder by 23
	RNIE INEKind = "RNIE" // from 2018: nine digits and two letters, by a rule that is not public
	NNE  INEKind = "NNE"  // higher education: ten digits of base 36, and their remainder by 10
	SIFA INEKind = "SIFA" // apprentices: four digits, A, five digits, a letter by a rule that is not public
)

var (
	formBEA  = regexp.MustCompile(`^[0-9]{10}[A-HJ-NPR-Z]$`)
	formRNIE = regexp.MustCompile(`^[0-9]{9}[A-HJK]{2}$`)
	formNNE  = regexp.MustCompile(`^[0-9A-Z]{10}[0-9]$`)
	formSIFA = regexp.MustCompile(`^[0-9]{4}A[0-9]{5}[A-HJ-NPR-Z]$`)
)

// checkLetters are indexed by a number modulo 23; I, O and Q are left out as too like digits.
const checkLetters = "ABCDEFGHJKLMNPRSTUVWXYZ"

// RecogniseINE tells the family of a number by its form, and whether its key is right; a key that cannot be
// computed is taken as right. Numbers are recognised in order to warn about a slip of the pen and are never
// refused for it: schools do hold wrong ones, and the pupil is no less there.
func RecogniseINE(ine string) (kind INEKind, keyHolds bool) {
	ine = strings.ToUpper(ine)
	switch {
	case formBEA.MatchString(ine):
		n, err := strconv.ParseUint(ine[:10], 10, 64)
		return BEA, err == nil && checkLetters[n%uint64(len(checkLetters))] == ine[10]
	case formRNIE.MatchString(ine):
		return RNIE, true
	case formSIFA.MatchString(ine):
		return SIFA, true
	case formNNE.MatchString(ine):
		n, err := strconv.ParseUint(ine[:10], 36, 64)
		return NNE, err == nil && n%10 == uint64(ine[10]-'0')
	}
	return "", false
}

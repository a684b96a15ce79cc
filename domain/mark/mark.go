// Package mark does arithmetic on marks without ever touching a float: hundredths of a point out of 20,
// "not marked" as a state that is never a zero, averages with a named rounding, and the three bins of a group.
package mark

import (
	"fmt"

	"livret/domain"
)

// Max is the best mark, in hundredths of a point.
const Max = 2000

// Mark is a mark out of 20 in hundredths, or the state of not being marked. Its zero value is NotMarked, so
// that a forgotten field can never become 0/20. Marks are comparable with ==.
type Mark struct {
	v int16 // hundredths + 1 when marked; 0 not marked; negative for absent and dispensed
}

const (
	absent    = -1
	dispensed = -2
)

// Hundredths makes a mark of hundredths of a point, 0 to Max; 1250 is 12.50 out of 20. Anything else is
// refused by rule "note-hors-bornes".
func Hundredths(h int) (Mark, error) {
	if h < 0 || h > Max {
		return Mark{}, domain.Refuse("note-hors-bornes",
			"Une note est comprise entre 0 et 20.", "Saisissez une note sur 20, ou indiquez « non noté ».")
	}
	return Mark{int16(h) + 1}, nil
}

// Must gives the mark of a call that can not fail, and panics if it does: for marks written in the code.
func Must(m Mark, err error) Mark {
	if err != nil {
		panic(err)
	}
	return m
}

// NotMarked is the state of a pupil who has no mark, without more being known: the zero value, and the -1
// of exchange files.
func NotMarked() Mark { return Mark{} }

// Absent is the state of a pupil who was not there to be marked.
func Absent() Mark { return Mark{absent} }

// Dispensed is the state of a pupil excused from the enseignement.
func Dispensed() Mark { return Mark{dispensed} }

// IsMarked tells a mark from the three states without one.
func (m Mark) IsMarked() bool { return m.v > 0 }

// Hundredths gives the mark in hundredths of a point, and false for the three states without one.
func (m Mark) Hundredths() (int, bool) { return int(m.v) - 1, m.v > 0 }

// Compare orders two marks for a table: those without a mark first, then by value.
func (m Mark) Compare(other Mark) int { return int(max(m.v, 0)) - int(max(other.v, 0)) }

// String is the mark as a French page shows it: « 12,50 », « Non noté », « Absent », « Dispensé ».
func (m Mark) String() string {
	switch m.v {
	case 0:
		return "Non noté"
	case absent:
		return "Absent"
	case dispensed:
		return "Dispensé"
	}
	h := int(m.v) - 1
	return fmt.Sprintf("%d,%02d", h/100, h%100)
}

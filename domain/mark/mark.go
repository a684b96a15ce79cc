// Package mark does arithmetic on marks without ever touching a float: hundredths of a point out of 20,
// "not marked" as a state that is never a zero, averages with a named rounding, and the three bins of a group.
package mark

// Mark is a mark out of 20 in hundredths, or the state of not being marked. Its zero value is NotMarked, so
// that a forgotten field can never become 0/20. Marks are comparable with ==.
type Mark struct {
	v int16 // hundredths + 1 when marked; 0 not marked; negative for absent and dispensed
}

// Shares is how a group's annual averages fall into the three bins of the livret, in hundredths of a per
// cent, summing to 10000.
type Shares struct {
	Below8 uint16 `json:"below8"` // average < 8
	From8  uint16 `json:"from8"`  // 8 <= average < 12
	From12 uint16 `json:"from12"` // 12 <= average
}

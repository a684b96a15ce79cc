package jury

import "livret/domain/mark"

// grade is a mark as a row keeps it: hundredths plus one, 0 for nothing recorded, or a negative number for
// one of the states without mark.
type grade int16

const (
	notMarked grade = -1 - iota
	absent
	dispensed
)

func gradeOf(m mark.Mark) grade {
	if h, ok := m.Hundredths(); ok {
		return grade(h + 1)
	}
	switch m {
	case mark.Absent():
		return absent
	case mark.Dispensed():
		return dispensed
	}
	return notMarked
}

// mark is nil if nothing was recorded.
func (g grade) mark() *mark.Mark {
	var m mark.Mark
	switch {
	case g == 0:
		return nil
	case g == absent:
		m = mark.Absent()
	case g == dispensed:
		m = mark.Dispensed()
	case g > 0:
		m, _ = mark.Hundredths(int(g) - 1)
	}
	return &m
}

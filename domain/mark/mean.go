package mark

// Rounding names how an exact average becomes a mark. There is no default: who asks for an average says
// which.
type Rounding uint8

// The roundings in use.
const (
	HalfUpHundredth Rounding = iota // averages of periods and groups, as the marks software writes them
	HalfUpTenth                     // averages shown with one decimal
	CeilTenth                       // contrôle continu: « au dixième de point supérieur »
	FloorHundredth                  // never better than what was earned
)

// Sum is an exact average in the making: the sum of marks and how many there are. Those who are not marked
// do not enter it. The zero value is the sum of none; sums add up in any order.
type Sum struct {
	Hundredths int64 `json:"hundredths"`
	Count      int64 `json:"count"`
}

// Add gives the sum with one more mark, and the same sum for a pupil without mark.
func (s Sum) Add(m Mark) Sum {
	if h, ok := m.Hundredths(); ok {
		s.Hundredths += int64(h)
		s.Count++
	}
	return s
}

// Merge gives the sum of both.
func (s Sum) Merge(other Sum) Sum {
	return Sum{s.Hundredths + other.Hundredths, s.Count + other.Count}
}

// Mean is the average, rounded once, from the exact fraction. The mean of none is NotMarked.
func (s Sum) Mean(rounding Rounding) Mark {
	if s.Count <= 0 {
		return Mark{}
	}
	n, d := s.Hundredths, s.Count
	var h int64
	switch rounding {
	case HalfUpHundredth:
		h = (2*n + d) / (2 * d)
	case HalfUpTenth:
		h = 10 * ((n + 5*d) / (10 * d))
	case CeilTenth:
		h = 10 * ((n + 10*d - 1) / (10 * d))
	case FloorHundredth:
		h = n / d
	default:
		panic("mark: unknown rounding")
	}
	return Mark{int16(h) + 1}
}

// Mean is the average of those of the marks that are marks.
func Mean(rounding Rounding, marks ...Mark) Mark {
	var s Sum
	for _, m := range marks {
		s = s.Add(m)
	}
	return s.Mean(rounding)
}

// Annual is the annual average of a pupil when none is given as such: the mean of his periods that have a
// mark, each counting the same, to the hundredth. It is the rule of every view and of the statistics.
func Annual(periods ...Mark) Mark { return Mean(HalfUpHundredth, periods...) }

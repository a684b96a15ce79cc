package mark

// Bin is one of the three bins of annual averages that a livret shows for a group.
type Bin uint8

// The three bins of the paper model (arrêté of 30 March 2012).
const (
	Below8 Bin = iota // average < 8
	From8             // 8 <= average < 12
	From12            // 12 <= average
)

// Bin gives the bin of a mark, and false for the states without one.
func (m Mark) Bin() (Bin, bool) {
	h, ok := m.Hundredths()
	switch {
	case h < 800:
		return Below8, ok
	case h < 1200:
		return From8, ok
	}
	return From12, ok
}

// Distribution counts the annual averages of a group by bin. Those without average are not of the group.
type Distribution [3]int64

// Add gives the distribution with one more annual average.
func (d Distribution) Add(m Mark) Distribution {
	if bin, ok := m.Bin(); ok {
		d[bin]++
	}
	return d
}

// Merge gives the distribution of both groups.
func (d Distribution) Merge(other Distribution) Distribution {
	for i := range d {
		d[i] += other[i]
	}
	return d
}

// Count is the headcount of the group: those who have an annual average.
func (d Distribution) Count() int64 { return d[Below8] + d[From8] + d[From12] }

// Shares is how a group's annual averages fall into the three bins of the livret, in hundredths of a per
// cent, summing to 10000.
type Shares struct {
	Below8 uint16 `json:"below8"` // average < 8
	From8  uint16 `json:"from8"`  // 8 <= average < 12
	From12 uint16 `json:"from12"` // 12 <= average
}

// Shares computes the shares as marks software does: the first two are rounded half up, the third is what
// is missing to 100 %. It answers false for a group of nobody.
func (d Distribution) Shares() (Shares, bool) {
	n := d.Count()
	if n <= 0 {
		return Shares{}, false
	}
	round := func(part int64) uint16 { return uint16((20000*part + n) / (2 * n)) }
	first, second := round(d[Below8]), round(d[From8])
	second = min(second, 10000-first) // 1 and 31 pupils of 32 would round to 100,01 %
	return Shares{Below8: first, From8: second, From12: 10000 - first - second}, true
}

// AddUp tells whether shares given by others sum to 100 %, to a tenth of a per cent: each was rounded.
func (s Shares) AddUp() bool {
	sum := int(s.Below8) + int(s.From8) + int(s.From12)
	return sum >= 9990 && sum <= 10010
}

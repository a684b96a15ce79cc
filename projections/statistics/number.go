package statistics

import (
	"math/big"

	"livret/domain/mark"
)

// mean is the average of a group, to the hundredth.
func (m Moments) mean() mark.Mark {
	return mark.Sum{Hundredths: m.Sum, Count: m.Count}.Mean(mark.HalfUpHundredth)
}

// deviation is the standard deviation of a group (of the group itself, not an estimate for a larger one), in
// hundredths of a point, rounded half up from the exact root: the largest d with (2d-1)·n <= 2·√(n²·variance).
func (m Moments) deviation() int64 {
	root := new(big.Int).Mul(big.NewInt(4), spread(m.Count, m.Sum, m.Sum, m.Squares))
	root.Sqrt(root)
	root.Add(root, big.NewInt(m.Count))
	return root.Div(root, big.NewInt(2*m.Count)).Int64()
}

// alike tells whether the whole group has the same mark, which the mean then tells of each.
func (m Moments) alike() bool { return spread(m.Count, m.Sum, m.Sum, m.Squares).Sign() == 0 }

// coefficient is Pearson's coefficient of correlation in thousandths, from -1000 to 1000, rounded half away
// from zero from the exact root; it answers false where one of the two averages is the same for all.
func (p Products) coefficient() (int, bool) {
	a, b := spread(p.Count, p.SumA, p.SumA, p.SquaresA), spread(p.Count, p.SumB, p.SumB, p.SquaresB)
	if a.Sign() == 0 || b.Sign() == 0 {
		return 0, false
	}
	c := spread(p.Count, p.SumA, p.SumB, p.Products)
	sign := c.Sign()
	root := new(big.Int).Mul(c, c)
	root.Mul(root, big.NewInt(4_000_000))
	root.Div(root, a.Mul(a, b))
	root.Sqrt(root)
	return sign * int((root.Int64()+1)/2), true
}

// spread is n·Σxy − Σx·Σy: n² times the covariance, exact beyond what 64 bits hold.
func spread(n, sumX, sumY, products int64) *big.Int {
	s := new(big.Int).Mul(big.NewInt(n), big.NewInt(products))
	return s.Sub(s, new(big.Int).Mul(big.NewInt(sumX), big.NewInt(sumY)))
}

package mark_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/mark"
)

func of(h int) mark.Mark { return mark.Must(mark.Hundredths(h)) }

// anyMark draws marks and the three states without one.
var anyMark = rapid.Custom(func(t *rapid.T) mark.Mark {
	if rapid.IntRange(0, 5).Draw(t, "state") == 0 {
		return rapid.SampledFrom([]mark.Mark{mark.NotMarked(), mark.Absent(), mark.Dispensed()}).Draw(t, "unmarked")
	}
	return of(rapid.IntRange(0, mark.Max).Draw(t, "hundredths"))
})

func TestParse(t *testing.T) {
	for text, want := range map[string]int{
		"12": 1200, "12.3": 1230, "12.340": 1234, "0": 0, "20": 2000, "20.000": 2000, "012.5": 1250,
		" 12.5\n": 1250, "+3": 300, ".5": 50, "7.": 700, "-0": 0,
	} {
		if got, err := mark.Parse(text); err != nil || got != of(want) {
			t.Errorf("Parse(%q) = %v, %v; want %d", text, got, err, want)
		}
	}
	for text, rule := range map[string]string{
		"12,5": "note-illisible", "1e1": "note-illisible", "": "note-illisible", ".": "note-illisible", "-": "note-illisible",
		"12.345": "note-illisible", "NaN": "note-illisible", "1 2": "note-illisible", "١٢": "note-illisible", "12.3.4": "note-illisible",
		"-1": "note-hors-bornes", "20.01": "note-hors-bornes", "25.5": "note-hors-bornes",
		"99999999999999999999999999": "note-hors-bornes", "18446744073709551616": "note-hors-bornes",
	} {
		_, err := mark.Parse(text)
		if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Rule != rule {
			t.Errorf("Parse(%q): %v, want a refusal by %s", text, err, rule)
		}
	}
}

func TestOnlyAPeriodMayBeMinusOne(t *testing.T) {
	for _, text := range []string{"-1", "-1.0", "-1.00", " -1 "} {
		if got, err := mark.ParsePeriod(text); err != nil || got != mark.NotMarked() {
			t.Errorf("ParsePeriod(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"-1.01", "-2", "-7", "--1"} {
		if got, err := mark.ParsePeriod(text); err == nil {
			t.Errorf("ParsePeriod(%q) = %v", text, got)
		}
	}
}

func TestWhatATeacherTypes(t *testing.T) {
	for text, want := range map[string]mark.Mark{
		"12,5": of(1250), "12.5": of(1250), " 7 ": of(700), "": mark.NotMarked(), "Abs": mark.Absent(), "disp": mark.Dispensed(),
	} {
		if got, err := mark.ParseTyped(text); err != nil || got != want {
			t.Errorf("ParseTyped(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"1,2,3", "douze", "-1", "21"} {
		if got, err := mark.ParseTyped(text); err == nil {
			t.Errorf("ParseTyped(%q) = %v", text, got)
		}
	}
}

func TestFrenchAndJSON(t *testing.T) {
	for _, c := range []struct {
		m            mark.Mark
		french, json string
	}{
		{mark.Mark{}, "Non noté", `"not-marked"`},
		{mark.Absent(), "Absent", `"absent"`},
		{mark.Dispensed(), "Dispensé", `"dispensed"`},
		{of(0), "0,00", `0`},
		{of(5), "0,05", `5`},
		{of(1250), "12,50", `1250`},
		{of(2000), "20,00", `2000`},
	} {
		if c.m.String() != c.french {
			t.Errorf("French %q, want %q", c.m, c.french)
		}
		data, err := json.Marshal(c.m)
		if err != nil || string(data) != c.json {
			t.Errorf("JSON %s, %v; want %s", data, err, c.json)
		}
		var back mark.Mark
		if err := json.Unmarshal(data, &back); err != nil || back != c.m {
			t.Errorf("read back %v, %v; want %v", back, err, c.m)
		}
	}
	for _, bad := range []string{"null", "2001", "-1", "12.5", "1e3", `""`, `"Absent"`, "true", "[1]", "12345678901234567890"} {
		m := of(100)
		if err := json.Unmarshal([]byte(bad), &m); err == nil {
			t.Errorf("%s was read as %v", bad, m)
		}
	}
}

func TestZeroIsNotUnmarked(t *testing.T) {
	if of(0) == mark.NotMarked() || !of(0).IsMarked() || (mark.Mark{}).IsMarked() {
		t.Error("0/20 and not marked are confused")
	}
	if got := mark.Mean(mark.HalfUpHundredth, of(0), mark.NotMarked(), of(1000)); got != of(500) {
		t.Errorf("mean of 0, nothing and 10 is %v", got)
	}
	if got := mark.Annual(mark.NotMarked(), mark.Absent(), mark.Dispensed()); got != mark.NotMarked() {
		t.Errorf("mean of none is %v", got)
	}
}

func TestRoundings(t *testing.T) {
	third := mark.Sum{Hundredths: 3605, Count: 3} // 12.01666…
	half := mark.Sum{Hundredths: 2481, Count: 2}  // 12.405
	for _, c := range []struct {
		sum      mark.Sum
		rounding mark.Rounding
		want     int
	}{
		{third, mark.HalfUpHundredth, 1202}, {third, mark.HalfUpTenth, 1200}, {third, mark.CeilTenth, 1210}, {third, mark.FloorHundredth, 1201},
		{half, mark.HalfUpHundredth, 1241}, {half, mark.HalfUpTenth, 1240}, {half, mark.CeilTenth, 1250}, {half, mark.FloorHundredth, 1240},
		{mark.Sum{Hundredths: 1210, Count: 1}, mark.CeilTenth, 1210},
		{mark.Sum{Hundredths: 3999, Count: 2}, mark.CeilTenth, 2000},
	} {
		if got := c.sum.Mean(c.rounding); got != of(c.want) {
			t.Errorf("%v by rounding %d = %v, want %d", c.sum, c.rounding, got, c.want)
		}
	}
}

// A rounded mean is the exact fraction moved by less than its step, to the side its name says.
func TestMeanAgreesWithExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		marks := rapid.SliceOfN(anyMark, 0, 12).Draw(t, "marks")
		var sum mark.Sum
		exact, n := new(big.Rat), int64(0)
		for _, m := range marks {
			sum = sum.Add(m)
			if h, ok := m.Hundredths(); ok {
				exact.Add(exact, big.NewRat(int64(h), 1))
				n++
			}
		}
		for _, rounding := range []mark.Rounding{mark.HalfUpHundredth, mark.HalfUpTenth, mark.CeilTenth, mark.FloorHundredth} {
			got, ok := sum.Mean(rounding).Hundredths()
			if ok != (n > 0) {
				t.Fatalf("marked %v for %d marks", ok, n)
			}
			if n == 0 {
				continue
			}
			step := int64(1)
			if rounding == mark.HalfUpTenth || rounding == mark.CeilTenth {
				step = 10
			}
			moved := new(big.Rat).Sub(big.NewRat(int64(got), 1), new(big.Rat).Quo(exact, big.NewRat(n, 1)))
			low, high := big.NewRat(-step, 2), big.NewRat(step, 2) // (-step/2, step/2]
			switch rounding {
			case mark.CeilTenth:
				low, high = big.NewRat(-1, 1_000_000), big.NewRat(step*1000-1, 1000)
			case mark.FloorHundredth:
				low, high = big.NewRat(-1, 1), new(big.Rat)
			}
			if moved.Cmp(low) <= 0 || moved.Cmp(high) > 0 || int64(got)%step != 0 {
				t.Fatalf("rounding %d of %v/%d gives %d, moved by %v", rounding, exact, n, got, moved)
			}
		}
		slices.Reverse(marks)
		if mark.Mean(mark.HalfUpHundredth, marks...) != sum.Mean(mark.HalfUpHundredth) {
			t.Fatal("the order of marks changes their mean")
		}
	})
}

func TestSharesAlwaysSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d, left, right mark.Distribution
		for i, m := range rapid.SliceOfN(anyMark, 0, 80).Draw(t, "marks") {
			d = d.Add(m)
			if i%2 == 0 {
				left = left.Add(m)
			} else {
				right = right.Add(m)
			}
		}
		if left.Merge(right) != d {
			t.Fatal("distributions do not add up")
		}
		s, ok := d.Shares()
		if ok != (d.Count() > 0) {
			t.Fatal("shares of nobody")
		}
		if sum := int(s.Below8) + int(s.From8) + int(s.From12); ok && (sum != 10000 || !s.AddUp()) {
			t.Fatalf("shares %v sum to %d", s, sum)
		}
	})
}

func TestShares(t *testing.T) {
	for _, c := range []struct {
		d    mark.Distribution
		want mark.Shares
	}{
		{mark.Distribution{1, 1, 1}, mark.Shares{Below8: 3333, From8: 3333, From12: 3334}},
		{mark.Distribution{0, 0, 1}, mark.Shares{From12: 10000}},
		{mark.Distribution{1, 31, 0}, mark.Shares{Below8: 313, From8: 9687}}, // both would round up
	} {
		if got, ok := c.d.Shares(); !ok || got != c.want {
			t.Errorf("shares of %v are %v, want %v", c.d, got, c.want)
		}
	}
	if (mark.Shares{Below8: 1000, From8: 4500, From12: 4400}).AddUp() {
		t.Error("99 % adds up")
	}
	for h, want := range map[int]mark.Bin{0: mark.Below8, 799: mark.Below8, 800: mark.From8, 1199: mark.From8, 1200: mark.From12, 2000: mark.From12} {
		if got, ok := of(h).Bin(); !ok || got != want {
			t.Errorf("bin of %d is %d", h, got)
		}
	}
}

func TestARefusalKeepsTheMarkOutOfTheError(t *testing.T) {
	if _, err := mark.Parse("99.87"); err == nil || strings.Contains(err.Error(), "99") {
		t.Errorf("error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"12.34", "-1", "1e1", "", "20.0000", "+.5", "\t7\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := mark.Parse(text)
		if err != nil {
			return
		}
		h, ok := m.Hundredths()
		exact, isNumber := new(big.Rat).SetString(strings.Trim(text, " \t\r\n"))
		if !ok || !isNumber || exact.Cmp(big.NewRat(int64(h), 100)) != 0 {
			t.Fatalf("%q was read as %v", text, m)
		}
	})
}

func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{`1250`, `"absent"`, `"not-marked"`, `01`, `2001`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := mark.ReadJSON(data); err == nil && string(m.AppendJSON(nil)) != string(data) {
			t.Fatalf("%q was read and is written %s", data, m.AppendJSON(nil))
		}
	})
}

func BenchmarkReadJSON(b *testing.B) {
	data := []byte("1250")
	for b.Loop() {
		if _, err := mark.ReadJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}

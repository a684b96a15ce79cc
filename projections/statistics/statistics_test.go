package statistics_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/projections/statistics"
)

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func load(t fataler) nomenclature.Nomenclature {
	t.Helper()
	n, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func day(d int) domain.Date { return domain.NewDate(2016, time.July, d) }

// mefs of Terminale, and the course that the attack looks at.
var (
	mefs       = map[nomenclature.Serie]nomenclature.MEF{"ES": "20212005110", "L": "20213019110", "S": "20211010110", "ST2S": "21233104110"}
	philosophy = statistics.Course{Matiere: "010300", Modalite: "S", Rank: 1}
	english    = statistics.Course{Matiere: "030201", Modalite: "O", Rank: 1}
	maths2     = statistics.Course{Matiere: "061300", Modalite: "S", Rank: 2}
)

func of(h int) mark.Mark { return mark.Must(mark.Hundredths(h)) }

// populate makes statistics of pupils who have an average of philosophy in given bins, and of others who have
// an avis.
func populate(t fataler, n nomenclature.Nomenclature, marks, avis population) statistics.Sufficient {
	var s statistics.Sufficient
	for serie, bins := range marks {
		for bin, count := range bins {
			for i := range count {
				m := of([]int{100, 800, 1200}[bin] + int(i))
				s.Add(statistics.Contribution{Session: 2016, Years: []statistics.Year{{Year: 2015, MEF: mefs[serie], Averages: []statistics.Average{{Course: philosophy, Mark: m}}}}}, n)
			}
		}
	}
	for serie, counts := range avis {
		for i, count := range counts {
			for range count {
				s.Add(statistics.Contribution{Session: 2016, Years: []statistics.Year{{Year: 2015, MEF: mefs[serie]}}, Avis: []record.Avis{"T", "F", "A", "D"}[i]}, n)
			}
		}
	}
	return s
}

// reread gives a publication as the ledger keeps it.
func reread(t fataler, p statistics.Publication) statistics.Publication {
	t.Helper()
	document, err := p.Document()
	if err != nil {
		t.Fatal(err)
	}
	back, err := statistics.Read(document)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.Document()
	if err != nil || !bytes.Equal(document, again) {
		t.Fatal("a publication is written in two ways")
	}
	return back
}

func marksCells(p statistics.Publication) (all []cell) {
	for _, r := range p.Marks {
		all = append(all, cell{r.Serie, r.Figures})
	}
	return all
}

func avisCells(p statistics.Publication) (all []cell) {
	for _, r := range p.Avis {
		all = append(all, cell{r.Serie, r.Figures})
	}
	return all
}

func TestARowKeepsWhatCanBeCounted(t *testing.T) {
	p := statistics.Projection()
	folder := p.New(record.Category)
	line := func(year nomenclature.SchoolYear, c statistics.Course) record.Enseignement {
		return record.Enseignement{Year: year, Matiere: c.Matiere, Modalite: c.Modalite, Rank: c.Rank}
	}
	philo := line(2015, philosophy)
	for i, event := range []domain.Event{
		record.LivretOpened{Session: 2016},
		record.SchoolingRecorded{Year: 2014, UAI: "0860038Z", MEF: "20111010110", Division: "1S-CANARI"},
		record.SchoolingRecorded{Year: 2015, UAI: "0860038Z", MEF: "20211010110", Division: "TS-CANARI"},
		record.AverageRecorded{Enseignement: philo, Period: 1, Mark: of(1000), Imported: true},
		record.AverageRecorded{Enseignement: philo, Period: 2, Mark: mark.NotMarked()},
		record.AverageRecorded{Enseignement: philo, Period: 3, Mark: of(500)},
		record.AverageCorrected{Enseignement: philo, Period: 3, Mark: of(1501), Reason: "CANARI : erreur"},
		record.AverageRecorded{Enseignement: line(2015, english), Period: 1, Mark: of(700)},
		record.AnnualAverageRecorded{Enseignement: line(2015, english), Mark: of(1300)},
		record.AverageRecorded{Enseignement: line(2015, maths2), Period: 1, Mark: mark.Absent()},
		record.AppreciationWritten{Enseignement: philo, Text: "CANARI travaille."},
		record.TeachersNamed{Enseignement: philo, Staff: []uuid.UUID{uuid.Max}},
		record.AvisIssued{Avis: "F"},
	} {
		fact := domain.Fact{Sequence: uint64(i) + 1, Actor: domain.Actor{Role: "CANARI", Person: uuid.Max}, Event: event}
		if err := folder.Apply(fact); err != nil {
			t.Fatal(err)
		}
		plain, err := folder.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 { // a row is written and read back in the middle of a fold
			folder = p.New(record.Category)
			if err := folder.Unmarshal(plain); err != nil {
				t.Fatal(err)
			}
		}
		for _, canary := range []string{"CANARI", "0860038Z", uuid.Max.String()} {
			if strings.Contains(string(plain), canary) {
				t.Fatalf("the row keeps %s: %s", canary, plain)
			}
		}
	}
	got := statistics.ContributionOf(folder)
	want := statistics.Contribution{Session: 2016, Avis: "F", Years: []statistics.Year{
		{Year: 2014, MEF: "20111010110"},
		{Year: 2015, MEF: "20211010110", Averages: []statistics.Average{{Course: philosophy, Mark: of(1251)}, {Course: english, Mark: of(1300)}}},
	}}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) {
		t.Errorf("contribution %s\nwant %s", a, b)
	}
	for _, restricted := range []bool{true, false} {
		var event domain.Event = record.RestrictionLifted{}
		if restricted {
			event = record.ProcessingRestricted{Reason: record.AccuracyContested}
		}
		if err := folder.Apply(domain.Fact{Sequence: 100, Event: event}); err != nil {
			t.Fatal(err)
		}
		if c := statistics.ContributionOf(folder); (c.Session == 0) != restricted {
			t.Errorf("restricted %v: contributes %+v", restricted, c)
		}
	}
	if labels := folder.Labels(); len(labels) > 0 {
		t.Errorf("labels %v", labels)
	}
}

// anyContribution draws a livret of one of two sessions.
var anyContribution = rapid.Custom(func(t *rapid.T) statistics.Contribution {
	session := rapid.SampledFrom([]nomenclature.SchoolYear{2016, 2017}).Draw(t, "session")
	c := statistics.Contribution{Session: session, Outcome: rapid.SampledFrom(append(resultsOf, statistics.Outcome{})).Draw(t, "result"), Avis: rapid.SampledFrom([]record.Avis{"", "T", "F", "A", "D"}).Draw(t, "avis")}
	c.Orientation = rapid.SampledFrom(append(kinds, "")).Draw(t, "orientation")
	mef := map[nomenclature.Serie][2]nomenclature.MEF{
		"S": {"20111010110", "20211010110"}, "ES": {"20112005110", "20212005110"}, "?": {"24799901321", "24799901331"},
	}[rapid.SampledFrom([]nomenclature.Serie{"S", "ES", "?"}).Draw(t, "serie")]
	for i, year := range []nomenclature.SchoolYear{session - 3, session - 2, session - 1} {
		y := statistics.Year{Year: year, MEF: mef[max(0, i-1)]}
		for _, course := range []statistics.Course{philosophy, english, maths2} {
			if rapid.Bool().Draw(t, "marked") {
				y.Averages = append(y.Averages, statistics.Average{Course: course, Mark: of(rapid.IntRange(0, mark.Max).Draw(t, "mark"))})
			}
		}
		c.Years = append(c.Years, y)
	}
	return c
})

func seq(all []statistics.Contribution) iter.Seq2[statistics.Contribution, error] {
	return func(yield func(statistics.Contribution, error) bool) {
		for _, c := range all {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func compute(t fataler, n nomenclature.Nomenclature, all []statistics.Contribution) statistics.Sufficient {
	t.Helper()
	s, err := statistics.Compute(seq(all), n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func written(t fataler, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Statistics of two ledgers merge into those of all their livrets, in any order and grouping.
func TestStatisticsAddUp(t *testing.T) {
	n := load(t)
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(anyContribution, 0, 12).Draw(t, "livrets")
		i := rapid.IntRange(0, len(all)).Draw(t, "i")
		j := rapid.IntRange(i, len(all)).Draw(t, "j")
		a, b, c := all[:i], all[i:j], all[j:]
		whole := written(t, compute(t, n, all))

		left := compute(t, n, a) // (a+b)+c
		left.Merge(compute(t, n, b))
		left.Merge(compute(t, n, c))
		right := compute(t, n, c) // (c+b)+a
		right.Merge(compute(t, n, b))
		right.Merge(compute(t, n, a))
		bc := compute(t, n, b) // a+(b+c)
		bc.Merge(compute(t, n, c))
		nested := compute(t, n, a)
		nested.Merge(bc)
		for _, s := range []statistics.Sufficient{left, right, nested} {
			if got := written(t, s); got != whole {
				t.Fatalf("%s\nwant\n%s", got, whole)
			}
		}
		var back statistics.Sufficient
		if err := json.Unmarshal([]byte(whole), &back); err != nil || written(t, back) != whole {
			t.Fatalf("read back: %v\n%s\nwant\n%s", err, written(t, back), whole)
		}
	})
}

// What is published agrees with the textbook, computed in floating point.
func TestFiguresAgreeWithTheTextbook(t *testing.T) {
	n := load(t)
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(11, 60).Draw(t, "pupils")
		var all []statistics.Contribution
		var x, y []float64
		for range count {
			a := rapid.IntRange(0, mark.Max).Draw(t, "philosophy")
			b := min(mark.Max, max(0, a+rapid.IntRange(-600, 600).Draw(t, "noise")))
			x, y = append(x, float64(a)), append(y, float64(b))
			all = append(all, statistics.Contribution{Session: 2016, Years: []statistics.Year{{Year: 2015, MEF: mefs["S"], Averages: []statistics.Average{{Course: philosophy, Mark: of(a)}, {Course: english, Mark: of(b)}}}}})
		}
		p, err := statistics.Publish(compute(t, n, all), 2016, statistics.Policy{}, day(5), nil, n)
		if err != nil {
			t.Fatal(err)
		}
		mx, sx, my, sy, r := textbook(x, y)
		for _, row := range p.Marks {
			if row.Withheld {
				continue
			}
			m, s := mx, sx
			if row.Course == english {
				m, s = my, sy
			}
			h, _ := row.Mean.Hundredths()
			if row.Count != int64(count) || math.Abs(float64(h)-m) > 0.501 || math.Abs(float64(row.Deviation)-s) > 0.501 {
				t.Fatalf("%+v; mean %f, deviation %f", row, m, s)
			}
		}
		for _, c := range p.Correlations {
			if pair := c.Pairs[0]; math.Abs(float64(pair.Coefficient)-1000*r) > 0.501 || pair.Count != int64(count) {
				t.Fatalf("%+v; r %f", pair, r)
			}
		}
		if len(p.Correlations) == 0 && sx > 0 && sy > 0 && math.Abs(r) < 0.999 {
			t.Fatal("no correlation")
		}
	})
}

func textbook(x, y []float64) (mx, sx, my, sy, r float64) {
	n := float64(len(x))
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	var c float64
	for i := range x {
		sx, sy, c = sx+(x[i]-mx)*(x[i]-mx), sy+(y[i]-my)*(y[i]-my), c+(x[i]-mx)*(y[i]-my)
	}
	r = c / math.Sqrt(sx*sy)
	return mx, math.Sqrt(sx / n), my, math.Sqrt(sy / n), r
}

func TestNoThresholdUnderFive(t *testing.T) {
	_, err := statistics.NewPolicy(4)
	if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Rule != "seuil-trop-bas" {
		t.Errorf("threshold 4: %v", err)
	}
	if p, err := statistics.NewPolicy(5); err != nil || p.Threshold() != 5 {
		t.Errorf("threshold 5: %v, %v", p, err)
	}
	if got := (statistics.Policy{}).Threshold(); got != 11 {
		t.Errorf("threshold by default %d", got)
	}
}

// The publication of a small lycée, to the byte; UPDATE=1 writes it anew.
func TestAPublicationIsAlwaysTheSame(t *testing.T) {
	n := load(t)
	marks := population{"ES": {2, 14, 12}, "L": {1, 2, 1}, "S": {12, 13, 14}, "ST2S": {0, 11, 12}}
	avis := population{"ES": {5, 15, 3, 2}, "S": {12, 13, 0, 14}}
	s := populate(t, n, marks, avis)
	for i := range 12 { // 12 pupils of Terminale S with three averages, one of them a spécialité
		s.Add(statistics.Contribution{Session: 2016, Years: []statistics.Year{{Year: 2015, MEF: mefs["S"], Averages: []statistics.Average{
			{Course: english, Mark: of(800 + 50*i)}, {Course: maths2, Mark: of(1500 - 40*i + 100*(i%3))}, {Course: statistics.Course{Matiere: "100100", Modalite: "F", Rank: 1}, Mark: of(1500)},
		}}}}, n)
	}
	graduated := population{"S": {14, 12, 30, 40, 2, 21, 3}, "ES": {2, 12, 20, 26, 0, 13, 1}}
	s.Merge(graduates(n, graduated, graduated))
	p, err := statistics.Publish(s, 2016, statistics.Policy{}, day(5), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	document, err := p.Document()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	_ = json.Indent(&got, document, "", "\t")
	const golden = "testdata/publication.v2.json"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%v\n%s", err, got.String())
	}
}

// What was published by an earlier catalogue is read for ever, to the byte.
func TestEarlierCataloguesAreRead(t *testing.T) {
	var document bytes.Buffer
	golden, err := os.ReadFile("testdata/publication.json")
	if err != nil || json.Compact(&document, golden) != nil {
		t.Fatal(err)
	}
	p, err := statistics.Read(document.Bytes())
	if err != nil || p.Catalogue != 1 {
		t.Fatalf("catalogue %d: %v", p.Catalogue, err)
	}
	if again, err := p.Document(); err != nil || !bytes.Equal(again, document.Bytes()) {
		t.Errorf("written again: %v\n%s", err, again)
	}
	n := load(t)
	next, err := statistics.Publish(populate(t, n, population{"ES": {2, 14, 12}}, nil), 2016, statistics.Policy{}, day(6), []statistics.Publication{p}, n)
	if err != nil || next.Number != 2 || next.Catalogue != statistics.Catalogue || next.Previous != p.Digest() || len(p.Digest()) != 64 {
		t.Errorf("the next: number %d of catalogue %d after %s, %v", next.Number, next.Catalogue, next.Previous, err)
	}
	for _, spoilt := range []string{`"previous":"00",`, `"results":[{"band":0,"label":"","count":20}],`} {
		if _, err := statistics.Read([]byte(strings.Replace(document.String(), `"marks"`, spoilt+`"marks"`, 1))); !errors.Is(err, statistics.ErrDocument) {
			t.Errorf("%s in catalogue 1: %v", spoilt, err)
		}
	}
}

// The mean of pupils who all have the same mark is the mark of each: it is withheld, and can not be had by
// subtracting the other cells from the total.
func TestPupilsWhoAreAllAlike(t *testing.T) {
	n := load(t)
	s := populate(t, n, population{"L": {0, 14, 12}, "S": {12, 13, 14}, "ST2S": {12, 12, 12}}, nil)
	for range 20 {
		s.Add(statistics.Contribution{Session: 2016, Years: []statistics.Year{{Year: 2015, MEF: mefs["ES"], Averages: []statistics.Average{{Course: philosophy, Mark: of(1500)}}}}}, n)
	}
	p, err := statistics.Publish(s, 2016, statistics.Policy{}, day(5), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	withheld, total := []nomenclature.Serie{}, false
	for _, c := range marksCells(p) {
		if c.Withheld {
			withheld = append(withheld, c.serie)
		}
		total = total || c.serie == "" && !c.Withheld
	}
	if !slices.Equal(withheld, []nomenclature.Serie{"ES", "L"}) || !total {
		t.Errorf("withheld %v, total shown %v; want the alike, the smallest other, and the total", withheld, total)
	}
}

func TestOnlyTheTwoYearsBeforeTheExamCount(t *testing.T) {
	n := load(t)
	year := func(y nomenclature.SchoolYear, mef nomenclature.MEF) statistics.Year {
		return statistics.Year{Year: y, MEF: mef, Averages: []statistics.Average{{Course: english, Mark: of(1000)}}}
	}
	premiere, terminale := nomenclature.MEF("20111010110"), mefs["S"]
	first := statistics.Contribution{Session: 2016, Years: []statistics.Year{year(2014, premiere), year(2015, terminale)}}
	repeated := statistics.Contribution{Session: 2017, Years: []statistics.Year{year(2014, premiere), year(2015, terminale), year(2016, terminale)}}
	got := written(t, compute(t, n, []statistics.Contribution{first, repeated}))
	if strings.Count(got, `"year":2014`) != 1 || strings.Count(got, `"year":2016`) != 1 {
		t.Errorf("the Première of a repeater counts twice, or his new year not at all: %s", got)
	}
	s := compute(t, n, []statistics.Contribution{first, repeated, {Session: 2017, Years: []statistics.Year{year(2016, "24799901331")}}})
	if all, unresolved := s.Livrets(2017); all != 2 || unresolved != 1 || !slices.Equal(s.Sessions(), []nomenclature.SchoolYear{2016, 2017}) {
		t.Errorf("%d livrets, %d without formation, sessions %v", all, unresolved, s.Sessions())
	}
}

func TestPublicationsMustFollow(t *testing.T) {
	n := load(t)
	s := populate(t, n, population{"S": {12, 12, 12}}, nil)
	high, err := statistics.NewPolicy(30)
	if err != nil {
		t.Fatal(err)
	}
	one, err := statistics.Publish(s, 2016, high, day(5), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	two, err := statistics.Publish(s, 2016, statistics.Policy{}, day(6), []statistics.Publication{one}, n)
	if err != nil || two.Number != 2 || two.Threshold != 30 {
		t.Errorf("second publication: number %d, threshold %d, %v", two.Number, two.Threshold, err)
	}
	for name, earlier := range map[string][]statistics.Publication{"a gap": {two}, "in disorder": {two, one}} {
		if _, err := statistics.Publish(s, 2016, high, day(7), earlier, n); !errors.Is(err, statistics.ErrSequence) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := statistics.Publish(s, 2017, high, day(7), []statistics.Publication{one}, n); !errors.Is(err, statistics.ErrSequence) {
		t.Errorf("another session: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	golden, err := os.ReadFile("testdata/publication.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add([]byte(`{"catalogue":1,"session":2016,"number":1,"correlations":[{"pairs":[{"a":5}]}]}`))
	f.Add([]byte(`{"catalogue":2,"session":2016,"number":1,"links":[{"links":[{"course":-1}]}]}`))
	n := load(f)
	s := populate(f, n, population{"S": {12, 12, 12}, "L": {5, 5, 5}}, population{"S": {12, 12, 12, 12}})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := statistics.Read(data)
		if err != nil {
			return
		}
		if _, err := statistics.Publish(s, p.Session, statistics.Policy{}, day(9), []statistics.Publication{p}, n); err != nil && !errors.Is(err, statistics.ErrSequence) {
			t.Fatal(err)
		}
	})
}

package instance_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// What does not fit in one event is frozen in several, and adds up to the same; frozen again, it adds nothing.
func TestManyLivretsAreFrozenInParts(t *testing.T) {
	dir := t.TempDir()
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	i, err := instance.Open(t.Context(), dir, instance.Options{Now: func() time.Time { return time.Date(2018, 9, 10, 8, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	const mef nomenclature.MEF = "20211010110"
	programme, err := i.Nomenclature.Programme(2017, mef)
	if err != nil {
		t.Fatal(err)
	}
	var livrets []statistics.Contribution
	var want statistics.Sufficient
	for n := range 300 { // each with averages of its own choice of courses: their pairs are what fills the events
		year := statistics.Year{Year: 2017, MEF: mef}
		for k, line := range programme.Lines {
			if (n+k*k)%3 == 0 {
				course := statistics.Course{Matiere: line.Matiere, Modalite: line.Modalite, Rank: uint8(n%100) + 1}
				year.Averages = append(year.Averages, statistics.Average{Course: course, Mark: mark.Must(mark.Hundredths(1000 + n))})
			}
		}
		c := statistics.Contribution{Livret: uuid.New(), Session: 2018, Years: []statistics.Year{year}}
		livrets = append(livrets, c)
		want.Add(c, i.Nomenclature)
	}
	for range 2 {
		if err := i.FreezeContributions(t.Context(), 2018, livrets); err != nil {
			t.Fatal(err)
		}
		sums, frozen, parts, err := i.FrozenSums(t.Context(), 2018)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := sums.MarshalJSON(); frozen != len(livrets) || parts < 2 || string(got) != string(must(want.MarshalJSON())) {
			t.Errorf("%d livrets in %d parts, %d bytes", frozen, parts, len(got))
		}
	}
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

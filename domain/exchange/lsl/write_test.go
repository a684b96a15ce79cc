package lsl_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/exchange/lsl"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

var (
	anyText   = rapid.StringOfN(rapid.RuneFrom([]rune("aeé ’'œŒ€«»&<>\"\n\u00a0\u202f—日😀.")), 1, 300, -1).Filter(func(s string) bool { return record.Tidy(s) == s && s != "" })
	anyName   = rapid.StringOfN(rapid.RuneFrom([]rune("ABÉï'’-")), 1, 50, -1)
	anyMark   = rapid.Custom(func(t *rapid.T) mark.Mark { return mark.Must(mark.Hundredths(rapid.IntRange(0, 2000).Draw(t, "h"))) })
	anyPerson = rapid.Custom(func(t *rapid.T) lsl.Person {
		return lsl.Person{Name: anyName.Draw(t, "name"), First: anyName.Draw(t, "first")}
	})
	anyDate    = rapid.Custom(func(t *rapid.T) domain.Date { return domain.NewDate(2016, 5, rapid.IntRange(0, 31).Draw(t, "day")) }) // 0: none
	anyMastery = rapid.SampledFrom(record.Masteries())
)

func anyEvaluation(periods uint8) *rapid.Generator[lsl.Evaluation] {
	return rapid.Custom(func(t *rapid.T) lsl.Evaluation {
		e := lsl.Evaluation{
			Matiere:  nomenclature.Matiere(fmt.Sprintf("%06d", rapid.IntRange(1, 4).Draw(t, "matiere"))),
			Modalite: rapid.SampledFrom([]nomenclature.Modalite{"S", "O", "F"}).Draw(t, "modalite"),
			Date:     anyDate.Draw(t, "date"),
			Teachers: rapid.SliceOfNDistinct(anyPerson, 1, 3, rapid.ID).Draw(t, "teachers"),
		}
		if rapid.Bool().Draw(t, "written") {
			e.Appreciation = anyText.Draw(t, "appreciation")
		}
		for period := range periods {
			if average := (lsl.Average{Period: period + 1}); rapid.Bool().Draw(t, "given") {
				if rapid.Bool().Draw(t, "marked") {
					average.Mark = anyMark.Draw(t, "mark")
				}
				e.Averages = append(e.Averages, average)
			}
		}
		for _, code := range rapid.SliceOfNDistinct(rapid.IntRange(0, 9999), 0, 4, rapid.ID).Draw(t, "codes") {
			e.Competences = append(e.Competences, lsl.Competence{Code: nomenclature.Competence(fmt.Sprintf("%04d", code)), Mastery: anyMastery.Draw(t, "mastery")})
		}
		if rapid.Bool().Draw(t, "group") {
			e.Group.Headcount = rapid.Uint16Range(0, 9999).Draw(t, "headcount")
			e.Group.Mean = mark.Must(mark.Hundredths(rapid.IntRange(1, 2000).Draw(t, "mean"))) // 0 with all above 12 is the group of nobody
			first := rapid.Uint16Range(0, 10000).Draw(t, "below 8")
			second := rapid.Uint16Range(0, 10000-first).Draw(t, "from 8")
			e.Group.Shares = &mark.Shares{Below8: first, From8: second, From12: 10000 - first - second}
		}
		return e
	})
}

func anyYear(year int) *rapid.Generator[lsl.Year] {
	return rapid.Custom(func(t *rapid.T) lsl.Year {
		y := lsl.Year{Year: nomenclature.SchoolYear(year), Periods: rapid.Uint8Range(2, 3).Draw(t, "periods")}
		for _, kind := range []record.Observation{record.ObservationCPE, record.ObservationTeam, record.ObservationHead} {
			if rapid.Bool().Draw(t, "observed") {
				y.Observations = append(y.Observations, lsl.Observation{Kind: kind, Text: anyText.Draw(t, "text"), Author: anyPerson.Draw(t, "author"), Date: anyDate.Draw(t, "date")})
			}
		}
		y.Evaluations = rapid.SliceOfN(anyEvaluation(y.Periods), 1, 4).Draw(t, "evaluations")
		for i := range y.Evaluations {
			e := &y.Evaluations[i]
			for _, before := range y.Evaluations[:i+1] {
				if before.Matiere == e.Matiere && before.Modalite == e.Modalite {
					e.Ordinal++
				}
			}
		}
		return y
	})
}

var anyPupil = rapid.Custom(func(t *rapid.T) lsl.Pupil {
	p := lsl.Pupil{
		ID:          rapid.Uint64Range(1, 1<<40).Draw(t, "id"),
		Engagements: rapid.SliceOfDistinct(rapid.SampledFrom(record.Engagements()), rapid.ID).Draw(t, "engagements"),
		Avis:        rapid.SampledFrom([]record.Avis{"", "T", "F", "A", "D"}).Draw(t, "avis"),
	}
	if rapid.Bool().Draw(t, "other") {
		p.OtherEngagement = anyText.Draw(t, "other engagement")
	}
	for _, year := range rapid.SliceOfNDistinct(rapid.IntRange(2000, 9999), 1, 3, rapid.ID).Draw(t, "years") {
		p.Years = append(p.Years, anyYear(year).Draw(t, "year"))
	}
	return p
})

// What is written is read back, in every encoding, and nothing is refused.
func TestReadGivesBackWhatWriteWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pupils := rapid.SliceOfNDistinct(anyPupil, 1, 3, func(p lsl.Pupil) uint64 { return p.ID }).Draw(t, "pupils")
		e := rapid.SampledFrom([]exchange.Encoding{exchange.UTF8, exchange.Latin9, exchange.Latin1, exchange.Windows1252}).Draw(t, "encoding")
		header := lsl.Header{Editeur: "É & fils", Application: "<notes>", UAI: "0000123J"}
		var file bytes.Buffer
		if err := lsl.Write(&file, e, header, slices.Values(pupils)); err != nil {
			t.Fatal(err)
		}
		f, err := lsl.Read(&file)
		if err != nil || f.Header != header {
			t.Fatalf("%v, %+v", err, f)
		}
		var got []lsl.Pupil
		for p, err := range f.Pupils() {
			if err != nil {
				t.Fatal(err)
			}
			for _, finding := range p.Findings {
				if finding.Refused() {
					t.Fatalf("%+v", finding)
				}
			}
			got = append(got, p)
		}
		if diff := cmp.Diff(pupils, got, ignored, cmp.Comparer(func(a, b domain.Date) bool { return a == b }), cmp.Comparer(func(a, b mark.Mark) bool { return a == b }), empties); diff != "" {
			t.Fatal(diff)
		}
	})
}

// ignored are lines and findings: the first are of the file, and the second are warnings.
var ignored = cmp.FilterPath(func(p cmp.Path) bool {
	name := p.Last().String()
	return name == ".Line" || name == ".Findings"
}, cmp.Ignore())

// empties are equal, nil or not.
var empties = cmp.FilterValues(func(a, b []record.Engagement) bool { return len(a)+len(b) == 0 }, cmp.Ignore())

func TestAFileMayBeInAnArchive(t *testing.T) {
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	w, err := archive.Create("LSL_30-05-2016_10:32.xml")
	if err == nil {
		err = errors.Join(lsl.Write(w, exchange.Latin9, lsl.Header{UAI: "0000123J"}, sample(200)), archive.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := lsl.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for p, err := range f.Pupils() {
		if count++; err != nil || p.Refused || p.Findings != nil {
			t.Fatalf("%v, %+v", err, p.Findings)
		}
	}
	if count != 200 {
		t.Errorf("%d pupils", count)
	}
}

func TestPropose(t *testing.T) {
	pupils, _ := read(full)
	known := uuid.UUID{1}
	c := pupils[0].Propose(func(p lsl.Person) uuid.UUID {
		if p.Name == "ABEL" && p.First == "" {
			return uuid.Nil
		}
		return known
	})
	year := c.Years[0]
	if c.Avis != "F" || c.Other != "Tutorat" || len(c.Engagements) != 2 || year.Periods != 3 || len(year.Observations) != 3 || year.Observations[0].Author != known {
		t.Errorf("%+v", c)
	}
	maths, english := year.Evaluations[0], year.Evaluations[1]
	if maths.Matiere != "061300" || maths.Headcount != 32 || len(maths.Averages) != 2 || len(maths.Teachers) != 1 || english.Teachers != nil || english.Shares != nil {
		t.Errorf("%+v", year.Evaluations)
	}
}

// sample is n pupils of two years, of about 20,000 bytes each, as marks software writes them.
func sample(n int) iter.Seq[lsl.Pupil] {
	average := mark.Must(mark.Hundredths(1234))
	var lines []lsl.Evaluation
	for i := range 10 {
		e := lsl.Evaluation{
			Matiere: nomenclature.Matiere(fmt.Sprintf("0613%02d", i)), Modalite: "S", Ordinal: 1, Date: domain.NewDate(2016, 5, 28),
			Appreciation: strings.Repeat("Un travail sérieux et régulier. ", 3), Teachers: []lsl.Person{{Name: "LE GOFF", First: "Ysée"}},
			Averages: []lsl.Average{{Period: 1, Mark: average}, {Period: 2}, {Period: 3, Mark: average}},
			Group:    lsl.Group{Headcount: 32, Mean: average, Shares: &mark.Shares{Below8: 1000, From8: 4500, From12: 4500}},
		}
		e.Appreciation = strings.TrimSpace(e.Appreciation)
		for c := range 6 {
			e.Competences = append(e.Competences, lsl.Competence{Code: nomenclature.Competence(fmt.Sprintf("%04d", c+90)), Mastery: "3"})
		}
		lines = append(lines, e)
	}
	years := []lsl.Year{{Year: 2015, Periods: 3, Evaluations: lines}, {Year: 2014, Periods: 3, Evaluations: lines}}
	return func(yield func(lsl.Pupil) bool) {
		for id := range n {
			if !yield(lsl.Pupil{ID: uint64(id + 1), Avis: "F", Years: years}) {
				return
			}
		}
	}
}

// A file of any size is read in memory that does not depend on it. LIVRET_LARGE=1 makes it one of 200 MB.
func TestMemoryIsBounded(t *testing.T) {
	size, most := int64(50<<20), uint64(100<<20)
	if testing.Short() {
		size = 5 << 20
	}
	if os.Getenv("LIVRET_LARGE") != "" {
		size = 200 << 20
	}
	r, w := io.Pipe()
	written := &counter{w: w}
	go func() {
		w.CloseWithError(lsl.Write(written, exchange.Latin9, lsl.Header{UAI: "0000123J"}, func(yield func(lsl.Pupil) bool) {
			for p := range sample(1 << 30) {
				if written.n > size || !yield(p) {
					return
				}
			}
		}))
	}()
	f, err := lsl.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	count, peak := 0, uint64(0)
	for p, err := range f.Pupils() {
		if err != nil || p.Refused || evaluations(p) != 20 {
			t.Fatalf("%v, %v", err, p.Findings)
		}
		if count++; count%50 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
		}
	}
	t.Logf("%d pupils, %d MB, heap at most %d MB", count, written.n>>20, peak>>20)
	if written.n < size || peak > most {
		t.Errorf("%d MB read in %d MB", written.n>>20, peak>>20)
	}
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// BenchmarkRead reads 400 pupils of two years, the Terminale of a large lycée.
func BenchmarkRead(b *testing.B) {
	for _, e := range []exchange.Encoding{exchange.UTF8, exchange.Latin9} {
		b.Run(string(e), func(b *testing.B) {
			var file bytes.Buffer
			if err := lsl.Write(&file, e, lsl.Header{UAI: "0000123J"}, sample(400)); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(file.Len()))
			b.ReportAllocs()
			for b.Loop() {
				f, err := lsl.Read(bytes.NewReader(file.Bytes()))
				if err != nil {
					b.Fatal(err)
				}
				for _, err := range f.Pupils() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

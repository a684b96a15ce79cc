package intake_test

import (
	"bytes"
	"context"
	"testing"

	"livret/eventstore/ledger/intake"
)

// BenchmarkMarks imports the marks of 400 pupils in two years into livrets that their base opened; again is the
// second import of the same file, which adds nothing.
func BenchmarkMarks(b *testing.B) {
	s := school{uai: lycee, pupils: 400, teachers: 40}
	file := s.marksFile(b, s.marks(open(b).Nomenclature, 2015, 2016)).Bytes()
	take := func(b *testing.B, o *office) {
		if report, err := o.LSL(context.Background(), "lsl.xml", bytes.NewReader(file), intake.Options{}); err != nil || len(report.Refused) > 0 {
			b.Fatal(err, report.Refused)
		}
	}
	ready := func(b *testing.B) *office {
		o := open(b)
		o.take(b, s.files(b, 2015)...)
		o.take(b, s.files(b, 2016)...)
		return o
	}
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(file)))
		for b.Loop() {
			b.StopTimer()
			o := ready(b)
			b.StartTimer()
			take(b, o)
		}
	})
	b.Run("again", func(b *testing.B) {
		o := ready(b)
		take(b, o)
		b.ReportAllocs()
		b.SetBytes(int64(len(file)))
		for b.Loop() {
			take(b, o)
		}
	})
}

// BenchmarkBase imports the base of 400 pupils into an empty ledger.
func BenchmarkBase(b *testing.B) {
	s := school{uai: lycee, pupils: 400, teachers: 40}
	b.ReportAllocs()
	for b.Loop() {
		o := open(b)
		o.take(b, s.files(b, 2015)...)
	}
}

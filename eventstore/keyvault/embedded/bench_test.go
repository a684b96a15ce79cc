package embedded_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

func BenchmarkOpen(b *testing.B) {
	v := open(b, b.TempDir())
	births := make([]keyvault.Birth, 10_000)
	for i := range births {
		births[i] = birth(uuid.New())
	}
	infos, err := v.Create(b.Context(), births...)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetParallelism(32) // 64 callers on two cores
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			key, err := v.Open(b.Context(), infos[i*7919%len(infos)].ID)
			if err != nil {
				b.Fatal(err)
			}
			key.Zero()
		}
	})
}

func BenchmarkCreate(b *testing.B) {
	v := open(b, b.TempDir())
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := v.Create(b.Context(), birth(uuid.New())); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCreate500(b *testing.B) {
	v := open(b, b.TempDir())
	births := make([]keyvault.Birth, 500)
	for b.Loop() {
		for i := range births {
			births[i] = birth(uuid.New())
		}
		if _, err := v.Create(b.Context(), births...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*500)/b.Elapsed().Seconds(), "keys/s")
}

// BenchmarkReopen opens a vault of 20,000 keys.
func BenchmarkReopen(b *testing.B) {
	v := open(b, b.TempDir())
	births := make([]keyvault.Birth, 20_000)
	for i := range births {
		births[i] = birth(uuid.New())
	}
	if _, err := v.Create(b.Context(), births...); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		v = reopen(b, v).(*box)
	}
}

// BenchmarkRotate700000 wraps the keys of a country anew: those of some 240,000 pupils, three each.
func BenchmarkRotate700000(b *testing.B) { benchmarkRotate(b, 700_000) }

// BenchmarkRotate120000 wraps those of an académie.
func BenchmarkRotate120000(b *testing.B) { benchmarkRotate(b, 120_000) }

func benchmarkRotate(b *testing.B, keys int) {
	v := open(b, b.TempDir())
	for left := keys; left > 0; left -= 10_000 {
		births := make([]keyvault.Birth, 10_000)
		for i := range births {
			births[i] = birth(uuid.New())
		}
		if _, err := v.Create(b.Context(), births...); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := v.Rotate(b.Context(), time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(keys)*float64(b.N)/b.Elapsed().Seconds(), "keys/s")
}

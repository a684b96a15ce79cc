package masking_test

import (
	"fmt"
	"strings"
	"testing"

	"livret/domain/masking"
)

// school gives the names of a lycée of 400 pupils with two guardians each and 60 members of staff, and 8,000
// texts of up to 300 characters, one in four naming somebody.
func school(b *testing.B) (masking.Names, []string) {
	contexts := readContexts(b)
	var families, firsts []string
	for _, c := range []string{"A", "B", "C"} {
		for _, p := range contexts[c].People {
			families, firsts = append(families, p.Family), append(firsts, p.First...)
		}
	}
	names := contexts["A"]
	for i := range 1260 {
		family := fmt.Sprintf("%s%s", families[i*7%len(families)], strings.ToLower(families[i*13%len(families)][:2]))
		names.People = append(names.People, masking.Person{Family: family, First: []string{firsts[i*11%len(firsts)]}})
	}
	gold := readGold(b)
	texts := make([]string, 8000)
	for i := range texts {
		var t strings.Builder
		for k := 0; ; k++ {
			next := gold[(i*31+k*17)%len(gold)]
			if k%4 != 0 {
				next = gold[380+(i*7+k*5)%90]
			}
			if t.Len()+len(next.text) > 300 {
				break
			}
			t.WriteString(next.text + " ")
		}
		texts[i] = t.String()
	}
	return names, texts
}

func BenchmarkMaskSchool(b *testing.B) {
	names, texts := school(b)
	m := masking.Compile(names)
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			m.Mask(text)
		}
	}
	b.ReportMetric(float64(len(texts)*b.N)/b.Elapsed().Seconds(), "texts/s")
}

func BenchmarkCompileSchool(b *testing.B) {
	names, _ := school(b)
	for b.Loop() {
		masking.Compile(names)
	}
}

// Package lycee invents a lycée: the exchange files of a school that does not exist, as the software of a real
// one writes them, for demonstrations, tests and benchmarks.
//
// Pupils differ as real ones do: marks go together, group figures are those of the pupils in the file, texts
// agree with marks and sometimes name somebody. Some pupils are special cases, found again by their SIECLE
// identifier: Minor, Repeater… Everything is drawn with integers from one seed, so that the same seed makes
// the same bytes on every machine.
package lycee

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"livret/domain/exchange"
	"livret/domain/exchange/lsl"
	"livret/domain/nomenclature"
)

// The school, which is of the département 000: that of examples, accepted everywhere.
const (
	UAI  nomenclature.UAI = "0000123J"
	Name                  = "LYCEE GENERAL ET TECHNOLOGIQUE SOLANGE-TERVAUX"
	Town                  = "VALMOMBRE-SUR-ONDRE"
)

// Session is the exam session that all pupils prepare.
const Session nomenclature.SchoolYear = 2018

// The school years of the files, and the earlier one in which Repeater was in Première.
const (
	premiere  = Session - 2
	terminale = Session - 1
	earlier   = Session - 3
)

// lycee is the school and all that is drawn, save the texts, which are drawn as they are written.
type lycee struct {
	seed   uint64
	lists  nomenclature.Nomenclature
	names  names
	words  words
	pupils []*pupil // who prepare the session
	gone   *pupil
	staff  []*member
	units  map[nomenclature.SchoolYear][]*unit // divisions and groups, each with what it is taught
}

// Generate writes into dir the files of a lycée where so many pupils, at least one, prepare Session:
// siecle/2016 and siecle/2017 hold the exports of the base élèves and the sts_emp of both school years, lsl
// the livrets. Files that are there already are overwritten.
func Generate(dir string, pupils int, seed uint64) error {
	l, err := invent(pupils, seed)
	if err != nil {
		return err
	}
	for _, year := range []nomenclature.SchoolYear{premiere, terminale} {
		folder := filepath.Join(dir, "siecle", strconv.Itoa(int(year)))
		for name, write := range map[string]func(io.Writer, nomenclature.SchoolYear) error{
			"ElevesSansAdresses.xml":                   l.writePupils,
			"ResponsablesAvecAdresses.xml":             l.writeGuardians,
			"Structures.xml":                           l.writeStructures,
			"Nomenclature.xml":                         l.writeNomenclature,
			fmt.Sprintf("sts_emp_%s_%d.xml", UAI, year): l.writeStaff,
		} {
			if err := create(folder, name, func(w io.Writer) error { return write(w, year) }); err != nil {
				return err
			}
		}
	}
	return create(filepath.Join(dir, "lsl"), fmt.Sprintf("LSL_%s.xml", UAI), l.writeLivrets)
}

// WriteLSL writes only the livrets of the same lycée, to a writer: 400 pupils make 8 MB.
func WriteLSL(w io.Writer, pupils int, seed uint64) error {
	l, err := invent(pupils, seed)
	if err != nil {
		return err
	}
	return l.writeLivrets(w)
}

func (l *lycee) writeLivrets(w io.Writer) error {
	header := lsl.Header{Editeur: "Éditeur fictif", Application: "Notes 2018", UAI: UAI}
	return lsl.Write(w, exchange.Latin9, header, l.livrets())
}

func create(folder, name string, write func(io.Writer) error) (err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

func invent(pupils int, seed uint64) (*lycee, error) {
	if pupils < 1 {
		return nil, fmt.Errorf("lycee: %d pupils", pupils)
	}
	lists, err := nomenclature.Load()
	if err != nil {
		return nil, err
	}
	l := &lycee{seed: seed, lists: lists, names: readNames(), words: readWords(), units: map[nomenclature.SchoolYear][]*unit{}}
	l.hire()
	for i := range pupils {
		l.pupils = append(l.pupils, l.enrol(firstID+uint64(i), i))
	}
	l.gone = l.enrol(Gone, 0)
	l.bend()
	for _, p := range l.pupils {
		if err := l.attend(p); err != nil {
			return nil, err
		}
	}
	for _, year := range []nomenclature.SchoolYear{premiere, terminale} {
		l.divide(year)
		l.teach(year)
	}
	return l, nil
}

// dice draws for one purpose: what is drawn for one pupil does not depend on how many others there are.
func (l *lycee) dice(purpose string, n uint64) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", purpose, n)
	return rand.New(rand.NewPCG(l.seed, h.Sum64()))
}

// bell draws a number around zero, more often near than far, of that standard deviation.
func bell(r *rand.Rand, deviation int) (n int) {
	for range 3 {
		n += r.IntN(2*deviation+1) - deviation
	}
	return n
}

func percent(r *rand.Rand, chance int) bool { return r.IntN(100) < chance }

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

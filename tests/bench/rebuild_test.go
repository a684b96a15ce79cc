package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	eventsembedded "livret/eventstore/embedded"
	vaultmemory "livret/eventstore/keyvault/memory"
	"livret/projections"
	"livret/projections/embedded"
	"livret/projections/family"
	"livret/projections/viewtest"
)

// The ledger of these benchmarks: the livrets of some seventeen lycées.
const (
	livrets         = 6700
	eventsPerLivret = 150
)

// shelf is a ledger of 1 M sealed events.
type shelf struct {
	log *viewtest.Log
	ids []uuid.UUID
}

// fillShelf writes a ledger: pupil by pupil, as a first import does, or scattered, where the events of a pupil
// came trimester after trimester among those of all others.
func fillShelf(b *testing.B, scattered bool) shelf {
	b.Helper()
	store, err := eventsembedded.Open(filepath.Join(b.TempDir(), "events.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	log, err := viewtest.NewLog(store, vaultmemory.New())
	if err != nil {
		b.Fatal(err)
	}
	s := shelf{log: log}
	staff := make([]uuid.UUID, 400)
	for i := range staff {
		staff[i] = uuid.New()
		log.Write(b, staff[i], staff[i], identity.StaffIdentified{Civility: "MME", Name: fmt.Sprint("PROFESSEUR ", i), First: "Anne"})
	}
	parts := 1
	if scattered {
		parts = 6
	}
	chapters := make([][]domain.Event, livrets)
	for i := range chapters {
		s.ids = append(s.ids, uuid.New())
		who, what := oneLivret(i, staff)
		log.Write(b, s.ids[i], s.ids[i], who...)
		chapters[i] = what
	}
	for part := range parts {
		for i, what := range chapters {
			if from, to := part*len(what)/parts, (part+1)*len(what)/parts; from < to {
				log.Write(b, s.ids[i], s.ids[i], what[from:to]...)
			}
		}
	}
	return s
}

// oneLivret is the 150 events of one livret: 8 of identity and 142 of record.
func oneLivret(n int, staff []uuid.UUID) (who, what []domain.Event) {
	const school = nomenclature.UAI("0000123J")
	random := rand.New(rand.NewPCG(uint64(n), 1))
	who = []domain.Event{
		identity.CivilIdentityRecorded{FamilyName: fmt.Sprint("NOM", n), FirstNames: []string{"Rose", "Anne"}, BirthDate: "1998-05-12", BirthPlace: "Valmont", Sex: "2"},
		identity.INERecorded{INE: fmt.Sprintf("%010dA", n)},
		identity.SiecleIDRecorded{UAI: school, SiecleID: uint64(100000 + n)},
		identity.GuardianRecorded{PersonID: uint64(2 * n), Civility: "MME", Name: fmt.Sprint("NOM", n), First: "Claire", Legal: 1, Parente: "10"},
		identity.GuardianRecorded{PersonID: uint64(2*n + 1), Civility: "M.", Name: fmt.Sprint("NOM", n), First: "Luc", Legal: 2, Parente: "20"},
		identity.SchoolAttended{Year: 2009, Name: "Collège des Pins", Town: "Valmont", Division: "6A", Level: "6e"},
		identity.SchoolAttended{Year: 2014, UAI: school, Name: "Lycée Jean-Moulin", Town: "Valmont", Division: "1S2", Level: "1re"},
		identity.SchoolAttended{Year: 2015, UAI: school, Name: "Lycée Jean-Moulin", Town: "Valmont", Division: "TS2", Level: "Tle"},
	}
	what = append(what, record.LivretOpened{Session: 2016})
	matieres := []nomenclature.Matiere{"061300", "062300", "062900", "030201", "030602", "043700", "100100", "020700", "010300", "042900", "373100"}
	for year := nomenclature.SchoolYear(2014); year <= 2015; year++ {
		mef := nomenclature.MEF("20111010110")
		if year == 2015 {
			mef = "20211010110"
		}
		what = append(what, record.SchoolingRecorded{Year: year, UAI: school, MEF: mef, Division: fmt.Sprint("S", n%170)}, record.PeriodsSet{Year: year, Count: 3})
		for _, m := range matieres {
			e := record.Enseignement{Year: year, Matiere: m, Modalite: "S", Rank: 1}
			for period := uint8(1); period <= 3; period++ {
				what = append(what, record.AverageRecorded{Enseignement: e, Period: period, Mark: mark.Must(mark.Hundredths(random.IntN(2001))), Imported: true})
			}
			what = append(what,
				record.GroupFiguresRecorded{Enseignement: e, Headcount: 31, Mean: mark.Must(mark.Hundredths(1132)), Shares: &mark.Shares{Below8: 968, From8: 4516, From12: 4516}},
				record.AppreciationWritten{Enseignement: e, Text: "Un travail sérieux et régulier, des progrès sensibles à l’écrit ; il faut participer davantage à l’oral."},
				record.TeachersNamed{Enseignement: e, Staff: []uuid.UUID{staff[random.IntN(len(staff))]}},
			)
		}
	}
	what = append(what,
		record.ObservationWritten{Kind: record.ObservationTeam, Year: 2014, Text: "Ensemble satisfaisant.", Author: staff[n%len(staff)]},
		record.ObservationWritten{Kind: record.ObservationHead, Year: 2015, Text: "Bon dossier.", Author: staff[n%len(staff)]},
		record.EngagementDeclared{Code: "C"}, record.AvisIssued{Avis: record.Favorable}, record.HeadVisaGiven{Year: 2015},
	)
	if len(who)+len(what) != eventsPerLivret {
		panic(fmt.Sprint(len(who)+len(what), " events are not one livret"))
	}
	return who, what
}

// BenchmarkRebuildFamilyView folds 1 M sealed events into the family's view: read, open, check the commitment,
// decode, fold, seal, write. It reports the median round. The target is 500,000 events/s on two cores, in less than 1 GB.
func BenchmarkRebuildFamilyView(b *testing.B) {
	for _, layout := range []string{"pupil by pupil", "scattered"} {
		b.Run(layout, func(b *testing.B) {
			s := fillShelf(b, layout == "scattered")
			var rates []float64
			for b.Loop() {
				views, err := embedded.Open(b.TempDir())
				if err != nil {
					b.Fatal(err)
				}
				runtime.GC()
				start := time.Now()
				if _, err := projections.Rebuild(b.Context(), s.log.Source(), views, family.Projection()); err != nil {
					b.Fatal(err)
				}
				rates = append(rates, livrets*eventsPerLivret/time.Since(start).Seconds())
				if err := views.Close(); err != nil {
					b.Fatal(err)
				}
			}
			slices.Sort(rates)
			b.ReportMetric(rates[len(rates)/2], "events/s")
			b.ReportMetric(peakMiB(), "peak-MiB")
		})
	}
}

// BenchmarkShowLivret reads one livret of 150 events among 1 M, as a page does. The target is a p99 under 2 ms.
func BenchmarkShowLivret(b *testing.B) {
	s := fillShelf(b, true)
	views, err := embedded.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer views.Close()
	if _, err := projections.Run(b.Context(), s.log.Source(), views, family.Projection()); err != nil {
		b.Fatal(err)
	}
	lists, err := nomenclature.Load()
	if err != nil {
		b.Fatal(err)
	}
	reader := family.NewReader(views, s.log.Vault, lists)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if _, err := reader.Show(b.Context(), s.ids[i*7919%len(s.ids)]); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// peakMiB is the most memory that the process ever had resident, 0 where nobody tells.
func peakMiB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kib float64
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			return kib / 1024
		}
	}
	return 0
}

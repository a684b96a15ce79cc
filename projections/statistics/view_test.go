package statistics_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	vaultmemory "livret/eventstore/keyvault/memory"
	"livret/eventstore/memory"
	"livret/projections"
	viewmemory "livret/projections/memory"
	"livret/projections/statistics"
	"livret/projections/viewtest"
)

// From the ledger to a publication: livrets are folded, sealed, read back and added up.
func TestFromTheLedgerToAPublication(t *testing.T) {
	n := load(t)
	log, err := viewtest.NewLog(memory.New(), vaultmemory.New())
	if err != nil {
		t.Fatal(err)
	}
	views := viewmemory.New()
	for i := range 15 {
		id := uuid.New()
		philo := record.Enseignement{Year: 2015, Matiere: philosophy.Matiere, Modalite: philosophy.Modalite, Rank: philosophy.Rank}
		lv1 := record.Enseignement{Year: 2015, Matiere: english.Matiere, Modalite: english.Modalite, Rank: english.Rank}
		log.Write(t, id, id, identity.CivilIdentityRecorded{FamilyName: "DURAND", FirstNames: []string{"Rose"}})
		log.Write(t, id, id,
			record.LivretOpened{Session: 2016},
			record.SchoolingRecorded{Year: 2015, UAI: "0000123J", MEF: "20211010112", Division: "TS1"},
			record.AverageRecorded{Enseignement: philo, Period: 1, Mark: of(600 + 50*i)},
			record.AverageRecorded{Enseignement: philo, Period: 2, Mark: of(700 + 50*i)},
			record.AverageRecorded{Enseignement: lv1, Period: 1, Mark: of(1500 - 50*i)},
			record.AppreciationWritten{Enseignement: philo, Text: "Rose progresse."},
			record.AvisIssued{Avis: record.Favorable},
		)
	}
	if _, err := projections.Run(t.Context(), log.Source(), views, statistics.Projection()); err != nil {
		t.Fatal(err)
	}
	s, err := statistics.Compute(statistics.Contributions(t.Context(), views, log.Vault), n)
	if err != nil {
		t.Fatal(err)
	}
	p, err := statistics.Publish(s, 2016, statistics.Policy{}, day(5), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	got := written(t, reread(t, p))
	// Philosophy is 6.50 to 13.50 by halves: mean 10.00, deviation √(50²·(15²−1)/12) = 216 hundredths; four
	// are under 8 and four from 12 on, too few to be told apart from the others. English goes down as philosophy
	// goes up: one mark would tell the other, so there is no coefficient.
	want := `{"catalogue":2,"session":2016,"number":1,"dated":"2016-07-05","threshold":11,"marks":[` +
		`{"year":2015,"niveau":"Terminale","matiere":"010300","modalite":"S","rank":1,"label":"PHILOSOPHIE","serie":"S","count":15,"mean":1000,"deviation":216},` +
		fmt.Sprintf(`{"year":2015,"niveau":"Terminale","matiere":"030201","modalite":"O","rank":1,"label":"%s","serie":"S","count":15,"mean":1150,"deviation":216}],`, "LANGUE ÉTUDIÉE\u00a0: ANGLAIS (LV1)") +
		`"correlations":[],"avis":[{"serie":"S","count":15}]}`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// BenchmarkAdd adds livrets of fifteen enseignements to the statistics of an académie.
func BenchmarkAdd(b *testing.B) {
	n := load(b)
	p, err := n.Programme(2015, "20211010110")
	if err != nil {
		b.Fatal(err)
	}
	c := statistics.Contribution{Session: 2016, Years: []statistics.Year{{Year: 2014, MEF: "20111010110"}, {Year: 2015, MEF: "20211010110"}}, Avis: "T"}
	for i, l := range p.Lines[:15] {
		a := statistics.Average{Course: statistics.Course{Matiere: l.Matiere, Modalite: l.Modalite, Rank: l.Rank}, Mark: of(800 + i)}
		c.Years[i%2].Averages = append(c.Years[i%2].Averages, a)
	}
	var s statistics.Sufficient
	for b.Loop() {
		s.Add(c, n)
	}
	_, _ = s.Livrets(nomenclature.SchoolYear(2016))
}

// What came of a livret is that of its last round and last deliberation; a candidate who is forgotten has none.
func TestTheLastDeliberationCounts(t *testing.T) {
	log, err := viewtest.NewLog(memory.New(), vaultmemory.New())
	if err != nil {
		t.Fatal(err)
	}
	registered := func(livret uuid.UUID, round string) deliberation.CandidateRegistered {
		return deliberation.CandidateRegistered{Livret: livret, Session: 2016, Round: round, Number: "04815162"}
	}
	result := func(d uint8, r deliberation.Result, m deliberation.Mention) deliberation.ResultRecorded {
		return deliberation.ResultRecorded{Deliberation: d, Group: deliberation.Premier, Result: r, Mention: m}
	}
	want := map[uuid.UUID]statistics.Outcome{}
	livret := func(o statistics.Outcome) uuid.UUID {
		id := uuid.New()
		log.Write(t, id, id, record.LivretOpened{Session: 2016})
		want[id] = o
		return id
	}
	twice := livret(statistics.Outcome{Result: "admis", Orientation: "dut"})
	log.Write(t, twice, uuid.New(), registered(twice, "septembre"), result(1, "admis", ""))
	log.Write(t, twice, uuid.New(), registered(twice, "juin"), result(1, "ajourne", ""), deliberation.OrientationProposed{Orientation: "bts"}, deliberation.OrientationProposed{Orientation: "dut"})
	again := livret(statistics.Outcome{Result: "admis", Mention: "B"})
	log.Write(t, again, uuid.New(), registered(again, "juin"), result(1, "ajourne", ""), deliberation.DeliberationReopened{Deliberation: 2}, result(2, "admis", "B"))
	undone := livret(statistics.Outcome{})
	log.Write(t, undone, uuid.New(), registered(undone, "juin"), result(1, "admis", "TB"), deliberation.DeliberationReopened{Deliberation: 2})
	livret(statistics.Outcome{})

	views := viewmemory.New()
	if _, err := projections.Run(t.Context(), log.Source(), views, statistics.Projection()); err != nil {
		t.Fatal(err)
	}
	for c, err := range statistics.Contributions(t.Context(), views, log.Vault) {
		if err != nil {
			t.Fatal(err)
		}
		if expected, known := want[c.Livret]; !known || c.Outcome != expected {
			t.Errorf("outcome %+v, want %+v", c.Outcome, expected)
		}
		delete(want, c.Livret)
	}
	if len(want) > 0 {
		t.Errorf("%d livrets are missing", len(want))
	}
}

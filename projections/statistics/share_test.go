package statistics_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// shareOf is that of a ledger: its sums, and the only publication it made of them.
func shareOf(t fataler, n nomenclature.Nomenclature, policy statistics.Policy, s statistics.Sufficient) statistics.Share {
	t.Helper()
	p, err := statistics.Publish(s, 2016, policy, day(5), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	return statistics.Share{Ledger: uuid.New(), Session: 2016, Sums: s, Published: reread(t, p)}
}

// The tables of a country do not depend on the order in which ledgers are added, and are those of one ledger that
// holds all, but for what is withheld besides.
func TestLedgersAddUpToACountry(t *testing.T) {
	n := load(t)
	rapid.Check(t, func(t *rapid.T) {
		var shares []statistics.Share
		var all statistics.Sufficient
		for range rapid.IntRange(1, 4).Draw(t, "ledgers") {
			s := compute(t, n, rapid.SliceOfN(anyContribution, 0, 40).Draw(t, "livrets"))
			share := shareOf(t, n, statistics.Policy{}, s)
			wire, err := json.Marshal(share)
			if err != nil {
				t.Fatal(err)
			}
			var read statistics.Share
			if err := json.Unmarshal(wire, &read); err != nil {
				t.Fatal(err)
			}
			shares = append(shares, read)
			all.Merge(s)
		}
		country, err := statistics.National(shares, statistics.Policy{}, day(9), nil, n)
		if err != nil {
			t.Fatal(err)
		}
		again, err := statistics.National(rapid.Permutation(shares).Draw(t, "order"), statistics.Policy{}, day(9), nil, n)
		if err != nil || written(t, again) != written(t, country) {
			t.Fatalf("in another order: %v\n%s\nwant\n%s", err, written(t, again), written(t, country))
		}
		whole, err := statistics.Publish(all, 2016, statistics.Policy{}, day(9), nil, n)
		if err != nil || len(whole.Marks) != len(country.Marks) {
			t.Fatalf("%d rows, want %d: %v", len(country.Marks), len(whole.Marks), err)
		}
		for i, row := range country.Marks {
			if w := whole.Marks[i]; !row.Withheld && !w.Withheld && (row.Mean != w.Mean || row.Count != w.Count || row.Deviation != w.Deviation) {
				t.Fatalf("%+v\nof one ledger: %+v", row, w)
			}
		}
	})
}

// Nobody is found who holds the tables of the country beside those of the ledgers it adds up.
func TestNobodyIsFoundInACountry(t *testing.T) {
	n := load(t)
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.IntRange(statistics.LowestThreshold, 11).Draw(t, "threshold")
		policy, err := statistics.NewPolicy(threshold)
		if err != nil {
			t.Fatal(err)
		}
		k := int64(threshold)
		pupils := rapid.SampledFrom([]int64{0, 0, 1, 3, k - 1, k, k + 1, 2 * k, 40})
		ledgers, series := []string{"A", "B"}, []nomenclature.Serie{"ES", "L", "S"}
		if rapid.Bool().Draw(t, "three ledgers") {
			ledgers, series = []string{"A", "B", "C"}, series[1:]
		}
		a := attacker{categories: 3}
		truth := population{}
		var shares []statistics.Share
		var cells []cell
		for _, ledger := range ledgers {
			marks := population{}
			for _, serie := range series {
				marks[serie] = []int64{pupils.Draw(t, "pupils"), pupils.Draw(t, "pupils"), pupils.Draw(t, "pupils")}
				name := nomenclature.Serie(ledger+"/") + serie
				a.series, truth[name] = append(a.series, name), marks[serie]
			}
			share := shareOf(t, n, policy, populate(t, n, marks, nil))
			shares = append(shares, share)
			for _, c := range marksCells(share.Published) {
				cells = append(cells, cell{nomenclature.Serie(ledger+"/") + c.serie, c.Figures})
			}
		}
		country, err := statistics.National(shares, policy, day(9), nil, n)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range marksCells(reread(t, country)) {
			if c.serie != "" {
				c.serie = "/" + c.serie
			}
			cells = append(cells, c)
		}
		if found := a.attack(k, []population{truth}, [][]cell{cells}); len(found) > 0 {
			t.Fatalf("found out: %q\n%v\nshown %+v", found, truth, cells)
		}
	})
}

func TestSharesMustBelongTogether(t *testing.T) {
	n := load(t)
	many := populate(t, n, population{"S": {20, 20, 20}}, nil)
	one, two := shareOf(t, n, statistics.Policy{}, many), shareOf(t, n, statistics.Policy{}, many)
	other := two
	other.Session = 2017
	for _, c := range []struct {
		shares []statistics.Share
		want   error
	}{
		{[]statistics.Share{one, two, one}, statistics.ErrTwice},
		{[]statistics.Share{one, other}, statistics.ErrOtherSession},
		{nil, statistics.ErrNoShare},
		{[]statistics.Share{one, two}, nil},
	} {
		if _, err := statistics.National(c.shares, statistics.Policy{}, day(9), nil, n); !errors.Is(err, c.want) {
			t.Errorf("%d shares: %v, want %v", len(c.shares), err, c.want)
		}
	}
	country, err := statistics.National([]statistics.Share{one, two}, statistics.Policy{}, day(9), nil, n)
	if err != nil || country.Ledgers != 2 || country.Marks[0].Count != 120 {
		t.Errorf("%v: %+v", err, country)
	}
	if _, err := statistics.National([]statistics.Share{one, two}, statistics.Policy{}, day(9), []statistics.Publication{one.Published}, n); !errors.Is(err, statistics.ErrSequence) {
		t.Errorf("after the publication of a ledger: %v", err)
	}
}

// A sealed share opens with the key it was sealed to, and with no other.
func TestAShareTravelsSealed(t *testing.T) {
	n := load(t)
	key, other := statistics.NewServiceKey(), statistics.NewServiceKey()
	share := shareOf(t, n, statistics.Policy{}, populate(t, n, population{"S": {20, 20, 1}}, nil))
	sealed, err := statistics.SealShare(key.Public(), share)
	if err != nil || strings.Contains(string(sealed), share.Ledger.String()) || strings.Contains(string(sealed), "PHILO") {
		t.Fatalf("%v: %.80s", err, sealed)
	}
	read, err := statistics.ParseServiceKey(key.String())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := statistics.OpenShare(read, sealed)
	if err != nil || written(t, opened) != written(t, share) {
		t.Fatalf("opened: %v", err)
	}
	if _, err := statistics.OpenShare(other, sealed); !errors.Is(err, statistics.ErrSealed) {
		t.Errorf("with another key: %v", err)
	}
	spoilt := slices.Clone(sealed)
	spoilt[len(spoilt)/2] ^= 1
	if _, err := statistics.OpenShare(key, spoilt); !errors.Is(err, statistics.ErrSealed) {
		t.Errorf("spoilt: %v", err)
	}
	for _, text := range []string{"", "AAAA", "é", key.String()} {
		if _, err := statistics.SealShare(text, share); !errors.Is(err, statistics.ErrServiceKey) {
			t.Errorf("sealed to %.8q: %v", text, err)
		}
	}
	if _, err := statistics.ParseServiceKey(key.Public()); !errors.Is(err, statistics.ErrServiceKey) {
		t.Errorf("the public half read as the private one: %v", err)
	}
}

func FuzzOpenShare(f *testing.F) {
	key := statistics.NewServiceKey()
	sealed, err := statistics.SealShare(key.Public(), statistics.Share{Session: 2016})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := statistics.OpenShare(key, data); err != nil && !errors.Is(err, statistics.ErrSealed) {
			t.Errorf("%v", err)
		}
	})
}

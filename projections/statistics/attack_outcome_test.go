package statistics_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// What came of pupils is attacked as their marks are: by band, série and category; and, where averages are linked
// to it, by answer to a question, the answers standing for séries.

// resultsOf are the outcomes of the categories of the fourth table, in order; kinds those of the fifth.
var (
	resultsOf = []statistics.Outcome{
		{Result: "admis", Mention: "TB"}, {Result: "admis", Mention: "B"}, {Result: "admis", Mention: "AB"}, {Result: "admis"},
		{Result: "second-groupe"}, {Result: "ajourne"}, {Result: "absent"},
	}
	kinds = []deliberation.Orientation{"cpge", "ecole", "licence", "dut", "bts", "autre", "aucune"}
)

// graduates makes statistics of pupils of the band from 10 to 12: of each série so many with each result, and so
// many with each orientation.
func graduates(n nomenclature.Nomenclature, results, orientations population) statistics.Sufficient {
	var s statistics.Sufficient
	for serie, mef := range mefs {
		var all []statistics.Outcome
		for category, count := range results[serie] {
			for range count {
				all = append(all, resultsOf[category])
			}
		}
		i := 0
		for category, count := range orientations[serie] {
			for range count {
				if i == len(all) {
					all = append(all, statistics.Outcome{})
				}
				all[i].Orientation = kinds[category]
				i++
			}
		}
		for i, outcome := range all {
			average := statistics.Average{Course: english, Mark: of(1000 + i%200)}
			s.Add(statistics.Contribution{Session: 2016, Years: []statistics.Year{{Year: 2015, MEF: mef, Averages: []statistics.Average{average}}}, Outcome: outcome}, n)
		}
	}
	return s
}

func outcomeCells(rows []statistics.OutcomeRow) (all []cell) {
	for _, r := range rows {
		all = append(all, cell{r.Serie, r.Figures})
	}
	return all
}

// answerCells is what a publication shows of the answers to one question in a série. Answers that are not
// listed are withheld, unless those that are already make up all who were asked.
func answerCells(p statistics.Publication, serie nomenclature.Serie, answers []nomenclature.Serie) (all []cell) {
	shown := map[nomenclature.Serie]int64{}
	asked := int64(-1)
	for _, l := range p.Links {
		for _, link := range l.Links {
			if i := nomenclature.Serie(link.Indicator); l.Serie == serie && slices.Contains(answers, i) {
				shown[i], asked = link.Yes, link.Count
				if len(answers) == 2 {
					shown[answers[1]] = link.Count - link.Yes
				}
			}
		}
	}
	rest := asked
	for _, n := range shown {
		rest -= n
	}
	for _, answer := range answers {
		n, ok := shown[answer]
		all = append(all, cell{answer, statistics.Figures{Count: n, Withheld: !ok && rest != 0}})
	}
	if asked >= 0 {
		all = append(all, cell{"", statistics.Figures{Count: asked}})
	}
	return all
}

func TestNobodyIsFoundByWhatCameOfHim(t *testing.T) {
	n := load(t)
	series := []nomenclature.Serie{"ES", "S"}
	var orientationAnswers []nomenclature.Serie
	for _, kind := range kinds {
		orientationAnswers = append(orientationAnswers, nomenclature.Serie(kind))
	}
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.IntRange(statistics.LowestThreshold, 11).Draw(t, "threshold")
		policy, err := statistics.NewPolicy(threshold)
		if err != nil {
			t.Fatal(err)
		}
		k := int64(threshold)
		start := rapid.SampledFrom([]int64{0, 0, 1, 3, k - 1, k, k + 1, 2 * k, 40})
		change := rapid.SampledFrom([]int64{0, 0, 0, 0, 0, 1, -1, 3, k, -k})
		results, orientations := population{}, population{}
		var publications []statistics.Publication
		truths, shown := map[string][]population{}, map[string][][]cell{}
		for i := range rapid.IntRange(1, 3).Draw(t, "publications") {
			for _, p := range []population{results, orientations} {
				for _, serie := range series {
					counts := slices.Clone(p[serie])
					if i == 0 {
						counts = make([]int64, len(kinds))
					}
					for c := range counts {
						if i == 0 {
							counts[c] = start.Draw(t, "pupils")
						} else {
							counts[c] = max(0, counts[c]+change.Draw(t, "change"))
						}
					}
					p[serie] = counts
				}
			}
			p, err := statistics.Publish(graduates(n, results, orientations), 2016, policy, day(5+i), publications, n)
			if err != nil {
				t.Fatal(err)
			}
			publications = append(publications, reread(t, p))
			look := func(table string, truth population, cells []cell) {
				truths[table], shown[table] = append(truths[table], truth), append(shown[table], cells)
			}
			look("results", clone(results), outcomeCells(p.Results))
			look("orientations", clone(orientations), outcomeCells(p.Orientations))
			for _, serie := range series {
				r, o := results[serie], population{}
				admitted := r[0] + r[1] + r[2] + r[3]
				look("admis "+string(serie), population{"admis": {admitted}, "non": {r[5]}}, answerCells(p, serie, []nomenclature.Serie{"admis", "non"}))
				look("mention "+string(serie), population{"mention": {admitted - r[3]}, "non": {r[3]}}, answerCells(p, serie, []nomenclature.Serie{"mention", "non"}))
				for c, kind := range orientationAnswers {
					o[kind] = []int64{orientations[serie][c]}
				}
				look("kinds "+string(serie), o, answerCells(p, serie, orientationAnswers))
			}
		}
		for table, truth := range truths {
			a := attacker{series: series, categories: len(kinds)}
			if _, byBand := truth[0]["ES"]; !byBand {
				a.series, a.categories = nil, 1
				for answer := range truth[0] {
					a.series = append(a.series, answer)
				}
			}
			if found := a.attack(k, truth, shown[table]); len(found) > 0 {
				t.Fatalf("%s: found out: %q\n%v\nshown %+v", table, found, truth, shown[table])
			}
		}
	})
}

// Something is shown when there are pupils enough: what withholds all protects too well.
func TestWhatCameOfManyIsShown(t *testing.T) {
	n := load(t)
	many := population{"S": {20, 30, 40, 50, 12, 30, 15}, "ES": {12, 20, 20, 40, 11, 20, 11}}
	p, err := statistics.Publish(graduates(n, many, many), 2016, statistics.Policy{}, day(5), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range map[string][]statistics.OutcomeRow{"results": p.Results, "orientations": p.Orientations} {
		if len(rows) != 3 || rows[0].Label != "de 10 à moins de 12" {
			t.Fatalf("%s: %+v", name, rows)
		}
		for _, r := range rows {
			if r.Withheld || len(r.Distribution) != len(kinds) {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
	if got := p.Results[1].Distribution[5]; got.Label != "ajourné" || got.Count != 30 || got.Share != 1523 {
		t.Errorf("ajournés of S: %+v", got)
	}
	for _, l := range p.Links {
		if len(l.Links) != 9 || l.Courses[0].Course != english {
			t.Errorf("links of %s: %+v", l.Serie, l)
		}
	}
	if len(p.Links) != 2 || p.Links[1].Links[0] != (statistics.Link{Indicator: "admis", Count: 170, Yes: 140, Coefficient: p.Links[1].Links[0].Coefficient}) {
		t.Errorf("%+v", p.Links)
	}
}

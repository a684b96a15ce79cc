package tests

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// publishGraduates publishes the statistics of a session of which the results are known: pupils of two séries,
// the more of them admitted the better their marks, and one of them in a band of his own.
func (s *webSite) publishGraduates(session nomenclature.SchoolYear) {
	s.t.Helper()
	n := s.instance.Nomenclature
	var sums statistics.Sufficient
	add := func(mef nomenclature.MEF, hundredths int, o statistics.Outcome) {
		programme, err := n.Programme(session-1, mef)
		if err != nil {
			s.t.Fatal(err)
		}
		year := statistics.Year{Year: session - 1, MEF: mef}
		for i, line := range programme.Lines[:3] {
			course := statistics.Course{Matiere: line.Matiere, Modalite: line.Modalite, Rank: line.Rank}
			year.Averages = append(year.Averages, statistics.Average{Course: course, Mark: mark.Must(mark.Hundredths(hundredths + 7*i))})
		}
		sums.Add(statistics.Contribution{Session: session, Years: []statistics.Year{year}, Outcome: o}, n)
	}
	for i := range 60 {
		o := statistics.Outcome{Result: deliberation.Admis, Orientation: deliberation.Licence}
		if i%3 == 0 {
			o = statistics.Outcome{Result: deliberation.Ajourne, Orientation: deliberation.BTS}
		}
		add("20211010110", 900+i, o)
		add("20212005110", 1250+i, statistics.Outcome{Result: deliberation.Admis, Mention: deliberation.Mentions()[i%2], Orientation: deliberation.DUT})
	}
	add("20211010110", 1900, statistics.Outcome{Result: deliberation.Admis, Mention: deliberation.TresBien, Orientation: deliberation.CPGE})
	p, err := statistics.Publish(sums, session, statistics.Policy{}, s.instance.Today(), nil, n)
	if err != nil {
		s.t.Fatal(err)
	}
	document, err := p.Document()
	if err != nil {
		s.t.Fatal(err)
	}
	execute(s, access.Actor{Actor: domain.Actor{Role: access.Systeme}}, access.PublishStatistics, deliberation.PublicationDecider, deliberation.PublicationStream(session),
		deliberation.PublishStatistics{Session: session, Number: p.Number, Dated: p.Dated, Document: document})
}

// What came of pupils is drawn, each picture with its name and its table; what is withheld is said to be, in both.
func TestStatisticsAreDrawn(t *testing.T) {
	s := newWebSite(t)
	body := s.get("/statistiques/2019", "statistician").body
	pictures, secrets, tables, shares := 0, 0, 0, 0
	for n := range parse(t, body).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.Data == "svg" && attribute(n, "role") == "img":
			pictures++
			if attribute(n, "aria-labelledby") == "" || attribute(n, "aria-describedby") == "" {
				t.Error("a picture without name")
			}
		case n.Data == "figure":
			for m := range n.Descendants() {
				if m.Type == html.ElementNode && m.Data == "table" {
					tables++
				}
			}
		case n.Data == "text" && attribute(n, "class") == "unshown" && text(n) == "secret statistique":
			secrets++
		case n.Data == "text" && strings.HasPrefix(attribute(n, "class"), "share"):
			shares++
		}
	}
	// Both outcomes have a picture for each série, ES without a total in its band; S has one average too good to be
	// told of; and the marks of S are linked to both results.
	if pictures != tables || pictures < 5 || secrets < 2 || shares < 4 {
		t.Errorf("%d pictures with %d tables, %d secret bars, %d shares", pictures, tables, secrets, shares)
	}
	for _, said := range []string{"33\u202f%", "mention bien", "de 8 à moins de 10", "60 élèves", "n°&nbsp;1"} {
		if !strings.Contains(body, said) {
			t.Errorf("the page does not say %q", said)
		}
	}
}

package retention_test

import (
	"testing"

	"livret/domain"
	"livret/domain/retention"
)

func day(s string) domain.Date {
	d, err := domain.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// The dates of the arrêté of 8 February 2016, art. 9, worked out by hand.
func TestTermsCountFromTheProclamation(t *testing.T) {
	for _, c := range []struct{ proclaimed, active, livret, log string }{
		{"2019-07-05", "2019-09-05", "2020-03-05", "2020-03-05"},
		{"2016-07-31", "2016-09-30", "2017-03-31", "2017-03-31"}, // and not the 30th: see LivretTerm
		{"2019-06-29", "2019-08-29", "2020-02-29", "2020-02-29"}, // leap year
		{"2018-06-30", "2018-08-30", "2019-02-28", "2019-02-28"}, // February ends first
		{"2017-09-20", "2017-11-20", "2018-05-20", "2018-05-20"}, // the September session
	} {
		p := day(c.proclaimed)
		if got := retention.ActiveUntil(p); got != day(c.active) {
			t.Errorf("%s: active until %s, want %s", p, got, c.active)
		}
		if got := retention.LivretTerm(p); got != day(c.livret) || got != retention.Livret.Term(p) {
			t.Errorf("%s: livret until %s, want %s", p, got, c.livret)
		}
		if got := retention.ConsultationTerm(p); got != day(c.log) || got != retention.Consultations.Term(p) {
			t.Errorf("%s: log until %s, want %s", p, got, c.log)
		}
	}
	if got := retention.Rule("autre").Term(day("2019-07-05")); !got.IsZero() {
		t.Errorf("an unknown rule ends on %s", got)
	}
}

// A real case: the blâme of 4 September 2017 outlives the livret it is written on by six months.
func TestASanctionHasItsOwnClock(t *testing.T) {
	blame := retention.SanctionTerm(day("2017-09-04"), domain.Date{})
	if blame != day("2018-09-04") || !retention.LivretTerm(day("2017-07-05")).Before(blame) {
		t.Errorf("a blâme ends on %s", blame)
	}
	if got := retention.SanctionTerm(day("2017-09-04"), day("2019-09-03")); got != day("2019-09-03") {
		t.Errorf("a ban ends on %s", got)
	}
	if got := retention.SanctionTerm(day("2016-02-29"), domain.Date{}); got != day("2017-02-28") {
		t.Errorf("a blâme of 29 February ends on %s", got)
	}
}

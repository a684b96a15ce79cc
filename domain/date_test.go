package domain_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"livret/domain"
)

func day(t *testing.T, s string) domain.Date {
	t.Helper()
	d, err := domain.ParseDate(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return d
}

func TestAnniversary(t *testing.T) {
	for _, c := range []struct {
		from  string
		years int
		want  string
	}{
		{"1999-06-10", 18, "2017-06-10"},
		{"1999-12-31", 18, "2017-12-31"},
		{"2000-02-29", 18, "2018-03-01"}, // a common year: accomplished once 28 February is over
		{"2000-02-29", 20, "2020-02-29"},
		{"2000-02-29", 100, "2100-03-01"}, // divisible by 100, not by 400
		{"2000-02-28", 18, "2018-02-28"},
	} {
		if got := day(t, c.from).Anniversary(c.years).String(); got != c.want {
			t.Errorf("%d years after %s: %s, want %s", c.years, c.from, got, c.want)
		}
	}
	if got := (domain.Date{}).Anniversary(18); !got.IsZero() {
		t.Errorf("an unknown day has an anniversary: %s", got)
	}
}

func TestParseDateRefusesWhatIsNoDay(t *testing.T) {
	for _, s := range []string{
		"", "2015-02-29", "2015-13-01", "2015-00-10", "2015-06-31", "15-06-01", "2015-6-1", "01/06/2015",
		"2015-06-01Z", " 2015-06-01", "2015-06-01T00:00:00Z", "0000-01-01", "+2015-06-01",
	} {
		if d, err := domain.ParseDate(s); !errors.Is(err, domain.ErrDate) || !d.IsZero() {
			t.Errorf("%q is read as %s, %v", s, d, err)
		}
	}
}

// A day survives its JSON, and days are ordered as their text is.
func TestDateLaws(t *testing.T) {
	days := rapid.Custom(func(t *rapid.T) domain.Date {
		return domain.DateOf(time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "second"), 0).UTC())
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := days.Draw(t, "a"), days.Draw(t, "b")
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back domain.Date
		if err := json.Unmarshal(data, &back); err != nil || back != a {
			t.Fatalf("%s comes back from JSON as %s, %v", a, back, err)
		}
		if a.Before(b) != (a.String() < b.String()) || (a.Compare(b) == 0) != (a == b) || a.Compare(b) != -b.Compare(a) {
			t.Fatalf("%s and %s are not ordered as days are", a, b)
		}
	})
}

func TestMonthsEndWhereTheyEnd(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2019-07-05", 2, "2019-09-05"}, {"2019-07-05", 8, "2020-03-05"}, {"2016-07-31", 2, "2016-09-30"}, {"2016-07-31", 8, "2017-03-31"},
		{"2019-06-30", 8, "2020-02-29"}, {"2018-06-30", 8, "2019-02-28"}, {"2016-12-31", 1, "2017-01-31"}, {"2017-05-31", 0, "2017-05-31"},
		{"2017-03-31", -1, "2017-02-28"}, {"2017-01-15", -1, "2016-12-15"},
	} {
		from, err := domain.ParseDate(c.from)
		if got := from.PlusMonths(c.months).String(); err != nil || got != c.want {
			t.Errorf("%s and %d months: %s, want %s", c.from, c.months, got, c.want)
		}
	}
	if got := (domain.Date{}).PlusMonths(8); !got.IsZero() {
		t.Errorf("an unknown day and 8 months: %s", got)
	}
}

func TestUnknownDayIsEmptyInJSON(t *testing.T) {
	var d domain.Date
	data, err := json.Marshal(d)
	if err != nil || string(data) != `""` {
		t.Fatalf("%s, %v", data, err)
	}
	d = domain.NewDate(2016, time.June, 10)
	if err := json.Unmarshal(data, &d); err != nil || !d.IsZero() {
		t.Fatalf("%s, %v", d, err)
	}
	if err := json.Unmarshal([]byte(`"10/06/2016"`), &d); err == nil {
		t.Fatal("a French date is read as ISO 8601")
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2016-06-10", "2015-02-29", "0001-01-01", "9999-12-31", "10/06/2016", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := domain.ParseDate(s); err == nil && d.String() != s {
			t.Errorf("%q is read as %s", s, d)
		}
	})
}

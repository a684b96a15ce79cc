package domain

import (
	"errors"
	"fmt"
	"time"
)

// Date is a day of the civil calendar, without hour or zone: what the law counts majority and deadlines in.
// The zero Date is an unknown day; it is before all others. Dates are comparable with ==.
type Date struct {
	year       int16
	month, day uint8
}

// ErrDate says that a text is not a day of the civil calendar in the form 2016-06-10.
var ErrDate = errors.New("domain: not a date")

// NewDate is that day, or the zero Date if the calendar has no such day from year 1 to 9999.
func NewDate(year int, month time.Month, day int) Date {
	if year < 1 || year > 9999 || month < time.January || month > time.December || day < 1 || day > daysIn(year, month) {
		return Date{}
	}
	return Date{int16(year), uint8(month), uint8(day)}
}

// DateOf is the day of t on the calendar of t's own location. Deadlines of French law are counted in
// Europe/Paris: the caller, who has a clock, brings t there first.
func DateOf(t time.Time) Date { return NewDate(t.Date()) }

// ParseDate reads an ISO 8601 day, "2016-06-10", and nothing else. Its error is ErrDate and never quotes
// what was read, which may be a birth date.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, ErrDate
	}
	return DateOf(t), nil
}

// IsZero tells whether the day is unknown.
func (d Date) IsZero() bool { return d == Date{} }

// Year is the calendar year of the day, zero if it is unknown.
func (d Date) Year() int { return int(d.year) }

// Compare is negative if d is before e, positive if it is after, and zero if they are the same day.
func (d Date) Compare(e Date) int {
	return (int(d.year)<<16 | int(d.month)<<8 | int(d.day)) - (int(e.year)<<16 | int(e.month)<<8 | int(e.day))
}

// Before tells whether d is before e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// Anniversary is the day on which that many whole years since d are accomplished. For a 29 February, it is
// 1 March in a common year: the last day of the year to accomplish is then 28 February, which has to be over
// first. It is zero for the zero Date.
func (d Date) Anniversary(years int) Date {
	if d.IsZero() {
		return d
	}
	year := int(d.year) + years
	if d.month == uint8(time.February) && d.day == 29 && daysIn(year, time.February) == 28 {
		return NewDate(year, time.March, 1)
	}
	return NewDate(year, time.Month(d.month), int(d.day))
}

// PlusMonths is the day of that many months later which bears the same number; a month that has no such day
// answers its last one, as French law counts terms (Code de procédure civile, art. 641): 31 July and two months
// is 30 September. It is zero for the zero Date.
func (d Date) PlusMonths(months int) Date {
	if d.IsZero() {
		return d
	}
	first := time.Date(int(d.year), time.Month(d.month)+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return NewDate(first.Year(), first.Month(), min(int(d.day), daysIn(first.Year(), first.Month())))
}

// String is the day in ISO 8601, empty if unknown.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// MarshalText is String: in JSON, "2016-06-10", or "" for an unknown day.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

package lsl

import (
	"strings"

	"livret/domain"
)

const xmlBlanks = " \t\r\n"

// isOne tells whether an xs:decimal is 1: "1", "1.0", " +01.00 ".
func isOne(text string) bool {
	text = strings.TrimPrefix(strings.Trim(text, xmlBlanks), "+")
	whole, fraction, _ := strings.Cut(text, ".")
	return strings.TrimLeft(whole, "0") == "1" && strings.Trim(fraction, "0") == ""
}

// xsDate reads an xs:date, with or without a zone: "2016-05-30", "2016-05-30Z", "2016-05-30+02:00". The day
// is the one written: whoever signs dates by the calendar of the place.
func xsDate(text string) (domain.Date, bool) {
	text = strings.Trim(text, xmlBlanks)
	if len(text) < 10 || !isZone(text[10:]) {
		return domain.Date{}, false
	}
	day, err := domain.ParseDate(text[:10])
	return day, err == nil
}

// isZone reads "", "Z" or an offset of at most 14 hours.
func isZone(text string) bool {
	if text == "" || text == "Z" {
		return true
	}
	if len(text) != 6 || text[0] != '+' && text[0] != '-' || text[3] != ':' || strings.Trim(text[1:3]+text[4:], "0123456789") != "" {
		return false
	}
	hours, minutes := text[1:3], text[4:]
	return hours < "14" && minutes < "60" || hours == "14" && minutes == "00"
}

// Package eventjson reads the JSON of events several times faster than encoding/json, and never otherwise.
//
// It knows one form only, the one json.Marshal gives a struct: fields in order, no white space, strings
// without escapes. Bytes of that form are most of a ledger. Whatever else comes, from a foreign writer, an
// upcaster or an enemy, is handed to domain.ReadStrict, which says what it means or that it means nothing.
// So what is accepted, and with what value, is exactly what ReadStrict accepts.
package eventjson

import (
	"math"
	"unicode/utf8"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
)

// Scanner walks over the JSON of one event. Once something is not of the form it knows, it answers zero
// values until Finish, so that a reader needs no error handling in between.
type Scanner struct {
	rest []byte
	lost bool
}

// Scan starts at the beginning of the JSON.
func Scan(data []byte) Scanner { return Scanner{rest: data} }

// Finish ends a reading into an event: all bytes are consumed in the form that the scanner knows, or else
// the whole event is read again by domain.ReadStrict.
func Finish[E any](s *Scanner, data []byte, event *E) error {
	if !s.lost && len(s.rest) == 0 {
		return nil
	}
	var zero E
	*event = zero
	return domain.ReadStrict(data, event)
}

// Lose gives up on the fast form.
func (s *Scanner) Lose() { s.lost = true }

// Skip passes over bytes that must follow: braces, and the names of fields with their colon.
func (s *Scanner) Skip(expected string) {
	if !s.May(expected) {
		s.Lose()
	}
}

// May passes over bytes that may follow, and tells whether they did: the name of a field that can be omitted.
func (s *Scanner) May(expected string) bool {
	if len(s.rest) < len(expected) || string(s.rest[:len(expected)]) != expected {
		return false
	}
	s.rest = s.rest[len(expected):]
	return true
}

// Uint reads a whole number from 0 to most.
func (s *Scanner) Uint(most uint64) uint64 {
	n, i := uint64(0), 0
	for i < len(s.rest) && s.rest[i] >= '0' && s.rest[i] <= '9' && n <= (math.MaxUint64-9)/10 {
		n = n*10 + uint64(s.rest[i]-'0')
		i++
	}
	if i == 0 || i > 1 && s.rest[0] == '0' || n > most {
		s.Lose()
		return 0
	}
	s.rest = s.rest[i:]
	return n
}

// Uint8 reads a whole number that fits.
func (s *Scanner) Uint8() uint8 { return uint8(s.Uint(math.MaxUint8)) }

// Uint16 reads a whole number that fits.
func (s *Scanner) Uint16() uint16 { return uint16(s.Uint(math.MaxUint16)) }

// Bool reads true or false.
func (s *Scanner) Bool() bool {
	yes := s.May("true")
	if !yes {
		s.Skip("false")
	}
	return yes
}

// Text reads a string in which nothing is escaped.
func (s *Scanner) Text() string { return string(s.quoted()) }

// UUID reads a UUID in its usual form.
func (s *Scanner) UUID() uuid.UUID {
	text := s.quoted()
	id, err := uuid.ParseBytes(text)
	if err != nil || len(text) != 36 {
		s.Lose()
		return uuid.Nil
	}
	return id
}

// Mark reads a mark.
func (s *Scanner) Mark() mark.Mark {
	i := 0
	for i < len(s.rest) && s.rest[i] != ',' && s.rest[i] != '}' {
		i++
	}
	m, err := mark.ReadJSON(s.rest[:i])
	if err != nil {
		s.Lose()
	}
	s.rest = s.rest[i:]
	return m
}

// quoted passes over a string without escapes and gives what is between the quotes.
func (s *Scanner) quoted() []byte {
	if len(s.rest) < 2 || s.rest[0] != '"' {
		s.Lose()
		return nil
	}
	ascii := true
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			text := s.rest[1:i]
			if !ascii && !utf8.Valid(text) {
				s.Lose()
				return nil
			}
			s.rest = s.rest[i+1:]
			return text
		case c == '\\' || c < ' ':
			s.Lose()
			return nil
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	s.Lose()
	return nil
}

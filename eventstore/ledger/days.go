package ledger

import (
	"encoding/binary"
	"time"

	"livret/domain"
	"livret/eventstore"
)

// Days is the category of days. A reaction that names it hears each civil day in Europe/Paris once, on the day or
// as soon as the ledger is open again, in order and several at once: a term may be reached although nobody did
// anything. Nobody appends days; they are no part of the ledger.
const Days = "days"

// DaysStream is the stream of days: the sequence of a day counts them from 1 January 1970.
const DaysStream eventstore.StreamID = Days + "-paris"

// DayBegan is the beginning of a day. It is only ever heard.
type DayBegan struct{ Day domain.Date }

// EventType is the name that a log would give it.
func (DayBegan) EventType() string { return "ledger.DayBegan" }

// HearDays gives the days that began after a position of their own, up to today by the ledger's clock, so many
// at most. After the zero position, that is today: a reaction that is new has missed no day.
func (l *Ledger) HearDays(after eventstore.Position, limit int) Heard {
	year, month, day := l.now().In(l.paris).Date()
	today := uint64(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
	next := binary.BigEndian.Uint64(after[8:]) + 1
	if after == (eventstore.Position{}) {
		next = today
	}
	heard := Heard{Through: after}
	for ; next <= today && len(heard.Facts) < limit; next++ {
		fact := Fact{State: Readable}
		fact.Sequence = next
		fact.Event = DayBegan{domain.DateOf(time.Unix(int64(next)*secondsPerDay, 0).UTC())}
		fact.Envelope.Stream, fact.Envelope.Sequence = DaysStream, eventstore.Version(next)
		fact.Envelope.Position = Day(fact.Envelope.Sequence)
		heard.Facts, heard.Through = append(heard.Facts, fact), fact.Envelope.Position
	}
	heard.Read = len(heard.Facts)
	return heard
}

// secondsPerDay is the length of a day in UTC, in which days are counted.
const secondsPerDay = 24 * 60 * 60

// Day is the position of a day, by its sequence.
func Day(sequence eventstore.Version) (at eventstore.Position) {
	binary.BigEndian.PutUint64(at[8:], uint64(sequence))
	return at
}

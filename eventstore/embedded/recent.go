package embedded

import (
	"bytes"
	"sync"

	"livret/eventstore"
)

// recentRows is how many of the last events are kept in memory as they were written: some thirty megabytes.
// SQLite throws a reader's pages away at each commit of somebody else, so while many write, reading back what
// was just written would cost more than writing it; and it is what the next order, the reactions and the views
// read first.
const recentRows = 1 << 16

// recent is the last rows, each at its number modulo their count. Sealed bytes stay sealed here.
type recent struct {
	mu   sync.RWMutex
	rows []kept
}

// kept is a row as it was committed; number 0 is none.
type kept struct {
	number        uint64
	front, sealed []byte
}

func newRecent(rows int) *recent { return &recent{rows: make([]kept, rows)} }

// keep remembers rows that were committed.
func (r *recent) keep(rows []kept) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, row := range rows {
		r.rows[row.number%uint64(len(r.rows))] = row
	}
}

// get answers the row of a number, if it is still here.
func (r *recent) get(number uint64) (kept, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	row := r.rows[number%uint64(len(r.rows))]
	return row, row.number == number && number != 0
}

// forget drops all rows: sealed bytes that were purged must not be read again.
func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.rows)
}

// back reads the last events of a stream from memory, from the end of events on, as far as they are here. It
// answers how many are still to be read, and the number of the last of those.
func (r *recent) back(events []eventstore.Envelope, last uint64) (left int, next uint64, err error) {
	next = last
	for left = len(events); left > 0; left-- {
		row, ok := r.get(next)
		if !ok {
			return left, next, nil
		}
		e := &events[left-1]
		share(events, left-1)
		if next, err = rowBefore(e, row.number, row.front, bytes.Clone(row.sealed)); err != nil {
			return left, next, err
		}
	}
	return 0, 0, nil
}

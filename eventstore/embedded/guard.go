package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"

	"github.com/gofrs/flock"

	"livret/eventstore"
)

// guard stands beside the database: it keeps other processes out, and it knows what was acknowledged. SQLite
// takes a damaged or missing log for one that a crash cut short, and drops its end without a word; the
// guard's file, written after each commit and never before, says how far the store had come. It is not
// synced: after a power cut it may be behind, never ahead.
type guard struct {
	lock *flock.Flock
	last *os.File
}

func newGuard(path string) (*guard, error) {
	lock := flock.New(path+"-lock", flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !locked {
		return nil, ErrLocked
	}
	last, err := os.OpenFile(path+"-last", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return &guard{lock: lock, last: last}, nil
}

// acknowledge notes that everything up to an event is durable.
func (g *guard) acknowledge(number uint64) error {
	var b [12]byte
	binary.BigEndian.PutUint64(b[:8], number)
	binary.BigEndian.PutUint32(b[8:], crc32.Checksum(b[:8], castagnoli))
	_, err := g.last.WriteAt(b[:], 0)
	return err
}

// check compares where the store ends with what was acknowledged. A note that cannot be read says nothing:
// it may be the one thing that a power cut hurt.
func (g *guard) check(number uint64) error {
	if noted := g.noted(); noted > number {
		return fmt.Errorf("%w: events %d to %d were acknowledged and are missing", eventstore.ErrCorrupt, number+1, noted)
	}
	return nil
}

// noted is the last event that was acknowledged, 0 if it is not known.
func (g *guard) noted() uint64 {
	var b [12]byte
	if _, err := g.last.ReadAt(b[:], 0); err != nil || binary.BigEndian.Uint32(b[8:]) != crc32.Checksum(b[:8], castagnoli) {
		return 0
	}
	return binary.BigEndian.Uint64(b[:8])
}

func (g *guard) close() error { return errors.Join(g.last.Close(), g.lock.Unlock()) }

package embedded

import (
	"context"
	"fmt"
)

// Limits, for tests that go beyond them.
const (
	SnapshotEvery   = snapshotEvery
	CheckpointPages = checkpointPages
	PageSize        = pageSize
)

// Snapshot is the last event whose heads are saved, and how many streams moved since.
func (s *Store) Snapshot() (number uint64, dirty int) {
	err := s.exclusively(context.Background(), func() error {
		number, dirty = s.db.snapshot, len(s.db.dirty)
		return nil
	})
	if err != nil {
		panic(err)
	}
	return number, dirty
}

// LimitPages makes the disk full once the database has so many pages more than now; 0: no limit.
func (s *Store) LimitPages(more int64) error {
	return s.exclusively(context.Background(), func() error {
		pages, err := s.db.integer("PRAGMA page_count")
		if err != nil {
			return err
		}
		if more == 0 {
			pages = 1 << 31
		}
		return s.db.conn.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+more))
	})
}

// Hold keeps everybody from writing until release is called.
func (s *Store) Hold() (release func()) {
	s.writing <- struct{}{}
	return s.release
}

// MaxRequests is how many appends share one commit.
const MaxRequests = maxRequests

// KeepRecent bounds how many of the last rows stay in memory.
func (s *Store) KeepRecent(rows int) { s.recent = newRecent(rows) }

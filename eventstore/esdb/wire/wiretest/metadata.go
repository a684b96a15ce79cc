package wiretest

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"livret/eventstore/esdb/wire"
)

// settings are what a stream's metadata hide of it.
type settings struct {
	MaxCount int    `json:"$maxCount"` // of events, the last ones
	MaxAge   int    `json:"$maxAge"`   // in seconds
	Before   uint64 `json:"$tb"`       // revisions before this one are hidden
}

// hidden tells whether a stream was deleted and not written to since.
func (st *stream) hidden() bool { return st.metadata.Before == math.MaxInt64 }

// settle has a write take its effect on metadata: those of another stream if it is one of metadata, and, if a deleted
// stream is written to, what was deleted stays hidden and the rest is seen.
func (s *Store) settle(name string, first uint64, last wire.Record) {
	of, isMetadata := strings.CutPrefix(name, "$$")
	if !isMetadata {
		if st := s.streams[name]; st.hidden() {
			st.metadata = settings{Before: first}
		}
		return
	}
	if last.Type != wire.MetadataType {
		return
	}
	var m settings
	if json.Unmarshal(last.Data, &m) != nil {
		m = settings{}
	}
	st := s.streams[of]
	if st == nil {
		st = &stream{}
		s.streams[of] = st
	}
	st.metadata = m
}

// view is what is seen of a stream.
type view struct {
	log    []wire.Record
	at     []int // indexes into log
	first  uint64
	oldest time.Time // what is older is skipped
}

// visible is what the metadata of a stream do not hide.
func (s *Store) visible(name string) (view, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[name]
	switch {
	case st != nil && st.tombstone:
		return view{}, &wire.StreamDeletedError{Stream: name}
	case st == nil, len(st.at) == 0, st.hidden():
		return view{}, wire.ErrStreamNotFound
	}
	first := min(st.metadata.Before, uint64(len(st.at)))
	if n := st.metadata.MaxCount; n > 0 && n < len(st.at) {
		first = max(first, uint64(len(st.at)-n))
	}
	v := view{log: s.log, at: st.at[first:], first: first}
	if age := st.metadata.MaxAge; age > 0 {
		v.oldest = s.now().Add(-time.Duration(age) * time.Second)
	}
	return v, nil
}

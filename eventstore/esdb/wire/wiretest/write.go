package wiretest

import (
	"context"
	"encoding/json"
	"math"

	"github.com/google/uuid"

	"livret/eventstore/esdb/wire"
)

// Append implements wire.Writer.
func (s *Store) Append(ctx context.Context, name string, expected wire.Expected, records []wire.Record) (wire.Written, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return wire.Written{}, err
	}
	return s.append(name, expected, records)
}

func (s *Store) append(name string, expected wire.Expected, records []wire.Record) (wire.Written, error) {
	st := s.streams[name]
	if st != nil && st.tombstone {
		return wire.Written{}, &wire.StreamDeletedError{Stream: name}
	}
	next := uint64(0) // where the records go
	if st != nil {
		next = uint64(len(st.at))
	}
	if err := s.agrees(name, st, expected); err != nil {
		if first, again := s.again(st, expected, records); again {
			return s.written(st, first+uint64(len(records))-1), nil
		}
		return wire.Written{}, err
	}
	if first, again := s.again(st, expected, records); again && expected.Kind != wire.Exactly {
		return s.written(st, first+uint64(len(records))-1), nil
	}
	if len(records) == 0 {
		if next == 0 {
			return wire.Written{}, nil
		}
		return s.written(st, next-1), nil
	}
	if st == nil {
		st = &stream{}
		s.streams[name] = st
	}
	for _, r := range records {
		r.Revision = uint64(len(st.at))
		st.at = append(st.at, len(s.log))
		s.add(name, r)
	}
	s.settle(name, next, records[len(records)-1])
	close(s.more)
	s.more = make(chan struct{})
	return s.written(st, uint64(len(st.at))-1), nil
}

// add puts a record at the end of the log.
func (s *Store) add(name string, r wire.Record) {
	r.Stream, r.Created = name, s.now().UTC()
	r.Position = wire.Position{Commit: s.offset, Prepare: s.offset}
	s.offset += uint64(100 + len(name) + len(r.Type) + len(r.Data) + len(r.Metadata))
	s.log = append(s.log, r)
}

func (s *Store) written(st *stream, revision uint64) wire.Written {
	return wire.Written{Revision: revision, Position: s.log[st.at[revision]].Position}
}

// agrees tells whether a stream stands where it is expected.
func (s *Store) agrees(name string, st *stream, expected wire.Expected) error {
	wrong := &wire.WrongVersionError{Stream: name, Expected: expected}
	if st != nil && len(st.at) > 0 {
		wrong.Exists, wrong.Actual = true, uint64(len(st.at))-1
	}
	fits := true
	switch expected.Kind {
	case wire.NoStream:
		fits = !wrong.Exists || st.hidden()
	case wire.StreamExists:
		fits = wrong.Exists && !st.hidden() || !wrong.Exists && s.streams["$$"+name] != nil
	case wire.Exactly:
		fits = wrong.Exists && wrong.Actual == expected.Revision
	}
	if fits {
		return nil
	}
	return wrong
}

// recent is how far back a server looks for the events of a writer who expects no revision.
const recent = 1000

// again tells whether the records stand already, one behind the other, where they were expected, or anywhere among the recent
// ones, if nothing was expected.
func (s *Store) again(st *stream, expected wire.Expected, records []wire.Record) (first uint64, found bool) {
	if st == nil || len(records) == 0 {
		return 0, false
	}
	stand := func(first uint64) bool {
		for i, r := range records {
			if at := first + uint64(i); at >= uint64(len(st.at)) || s.log[st.at[at]].ID != r.ID {
				return false
			}
		}
		return true
	}
	switch expected.Kind {
	case wire.Exactly:
		return expected.Revision + 1, stand(expected.Revision + 1)
	case wire.NoStream:
		return 0, stand(0)
	}
	end := uint64(len(st.at))
	for first = end - min(end, recent); first < end; first++ {
		if stand(first) {
			return first, true
		}
	}
	return 0, false
}

// Delete implements wire.Writer: events so far are hidden, and the next one has the next revision.
func (s *Store) Delete(_ context.Context, name string, expected wire.Expected) (wire.Written, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.streams[name]; st != nil && st.tombstone {
		return wire.Written{}, &wire.StreamDeletedError{Stream: name}
	}
	if err := s.agrees(name, s.streams[name], expected); err != nil {
		return wire.Written{}, err
	}
	hide, err := json.Marshal(map[string]any{"$tb": int64(math.MaxInt64)})
	if err != nil {
		return wire.Written{}, err
	}
	return s.append("$$"+name, wire.Expected{Kind: wire.Any}, []wire.Record{
		{ID: uuid.New(), Type: wire.MetadataType, ContentType: "application/json", Data: hide},
	})
}

// Tombstone implements wire.Writer.
func (s *Store) Tombstone(_ context.Context, name string, expected wire.Expected) (wire.Written, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[name]
	if st != nil && st.tombstone {
		return wire.Written{}, &wire.StreamDeletedError{Stream: name}
	}
	if err := s.agrees(name, st, expected); err != nil {
		return wire.Written{}, err
	}
	if st == nil {
		st = &stream{}
		s.streams[name] = st
	}
	st.tombstone = true
	s.add(name, wire.Record{ID: uuid.New(), Type: wire.TombstoneType, ContentType: "application/octet-stream", Revision: math.MaxInt64})
	close(s.more)
	s.more = make(chan struct{})
	return wire.Written{Revision: math.MaxInt64, Position: s.log[len(s.log)-1].Position}, nil
}

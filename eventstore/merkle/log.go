package merkle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"livret/eventstore"
)

// Origin names the ledger in its checkpoints.
func Origin(ledger uuid.UUID) string { return "livret/" + ledger.String() }

// Events is the part of a store that a Log reads.
type Events interface {
	Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error]
}

// Anchor keeps the last signed checkpoint apart from the event store, so that an older store put back in its place
// can not be signed again from there: the log would have forked, and nobody would know. Replace fails if what is
// kept is not old; nil is what a new anchor keeps. Once it has answered, the checkpoint is durable.
type Anchor interface {
	Load(ctx context.Context) ([]byte, error)
	Replace(ctx context.Context, old, signed []byte) error
}

// Config is what a log is made of.
type Config struct {
	Dir    string    // of tiles and checkpoints
	Ledger uuid.UUID // whose it is
	Events Events
	Anchor Anchor
	Others []Anchor // further away: what they keep may lag behind, and never be ahead or of another tree
	Signer note.Signer
	Known  []note.Verifier // that of the signer, and of those before it
}

// Log is the tree of one ledger, its checkpoints and its proofs. It is safe for concurrent use; one process has it.
type Log struct {
	Config
	history history

	mu    sync.Mutex
	tree  *tree
	state state
	last  Checkpoint // signed; zero: none yet
	note  []byte     // of last
	doubt bool       // whether the anchor keeps last: its answer was an error
	read  bool       // at is known: all before it stood in the store when last was signed
	at    eventstore.Position
}

// state is how far the tree has read: written once the tiles it speaks of are durable.
type state struct {
	Size   int64               `json:"size"`
	Before eventstore.Position `json:"before"` // of the event before the last
	At     eventstore.Position `json:"at"`     // of the last event
}

// Open opens the log in a folder, or begins one. It fails with ErrForked if the anchor knows a later or another
// tree, or if the store does not hold the last event that the tree has read; with ErrDamaged if tiles are.
func Open(ctx context.Context, c Config) (*Log, error) {
	l := &Log{Config: c, history: history{filepath.Join(c.Dir, CheckpointsFolder)}}
	data, err := os.ReadFile(l.stateFile())
	if err == nil {
		err = json.Unmarshal(data, &l.state)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if l.tree, err = openTree(tiles{c.Dir}, l.state.Size); err != nil {
		return nil, err
	}
	if err := l.continues(ctx); err != nil {
		return nil, err
	}
	if err := l.resume(ctx); err != nil {
		return nil, err // a log that does not continue what was signed must not be had
	}
	return l, nil
}

// stateFile is the name of how far the tree goes, in its folder.
const stateFile = "state.json"

func (l *Log) stateFile() string { return filepath.Join(l.Dir, stateFile) }

// resume takes the last checkpoint signed from the anchor, once the tree is seen to go on from it.
func (l *Log) resume(ctx context.Context) error {
	signed, err := l.Anchor.Load(ctx)
	if err != nil {
		return err
	}
	if signed == nil {
		l.doubt = false
		return nil
	}
	last, err := OpenCheckpoint(signed, Origin(l.Ledger), l.Known...)
	if err != nil {
		return err
	}
	if last.Size > l.tree.size { // a tree made anew, beside a store that was restored
		if err := l.extend(ctx); err != nil {
			return err
		}
	}
	if err := l.continued(last); err != nil {
		return err
	}
	at, known, err := l.history.position(last.Size)
	if err != nil {
		return err
	}
	l.last, l.note, l.at, l.read, l.doubt = last, signed, at, known, false
	return nil
}

// continues checks that the store still holds the last event read, where it was.
func (l *Log) continues(ctx context.Context) error {
	if l.state.Size == 0 {
		return nil
	}
	for e, err := range l.Events.Read(ctx, l.state.Before) {
		if err != nil {
			return err
		}
		h, err := leafOf(&e)
		if err != nil {
			return err
		}
		if e.Position != l.state.At {
			break
		}
		return l.holds(l.state.Size-1, []Hash{h})
	}
	return fmt.Errorf("%w: the store lacks event %d", ErrForked, l.state.Size)
}

func leafOf(e *eventstore.Envelope) (Hash, error) {
	leaf, err := e.Leaf()
	if err != nil {
		return Hash{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return LeafHash(leaf), nil
}

// holds compares leaves with those of the tree from an index on.
func (l *Log) holds(from int64, leaves []Hash) error {
	indexes := make([]int64, len(leaves))
	for i := range leaves {
		indexes[i] = tlog.StoredHashIndex(0, from+int64(i))
	}
	known, err := l.tree.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i := range leaves {
		if leaves[i] != known[i] {
			return fmt.Errorf("%w: event %d", ErrForked, from+int64(i)+1)
		}
	}
	return nil
}

// flushEvery bounds how many full tiles wait in memory.
const flushEvery = 1 << 16

// Extend adds the events committed since the last call, and answers how many leaves there are. Killed anywhere, the
// next call goes on from what was durable.
func (l *Log) Extend(ctx context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.size, l.extend(ctx)
}

func (l *Log) extend(ctx context.Context) error {
	for e, err := range l.Events.Read(ctx, l.state.At) {
		if err != nil {
			return errors.Join(err, l.flush())
		}
		h, err := leafOf(&e)
		if err != nil {
			return errors.Join(err, l.flush())
		}
		l.tree.append(h)
		l.state = state{l.tree.size, l.state.At, e.Position}
		if l.tree.size%flushEvery == 0 {
			if err := l.flush(); err != nil {
				return err
			}
		}
	}
	return l.flush()
}

func (l *Log) flush() error {
	if err := l.tree.flush(); err != nil {
		return err
	}
	data, err := json.Marshal(l.state)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(l.stateFile()); err == nil && string(old) == string(data) {
		return nil
	}
	return WriteDurably(l.stateFile(), data)
}

// Checkpoint extends the tree and signs it, unless it stands as it was signed last, and answers the last checkpoint
// and its note. Before it signs, it looks at what other anchors keep, reads the events since the last checkpoint once
// more and hashes them anew: a leaf that changed between its reading and the signature would be signed for ever. A clock
// that was set back dates no checkpoint before the one that it continues. Once it has answered, every anchor keeps it.
func (l *Log) Checkpoint(ctx context.Context, now time.Time) (Checkpoint, []byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.doubt {
		if err := l.resume(ctx); err != nil {
			return Checkpoint{}, nil, err
		}
	}
	if err := l.extend(ctx); err != nil {
		return Checkpoint{}, nil, err
	}
	kept, err := l.elsewhere(ctx)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if l.tree.size > l.last.Size || l.note == nil {
		if err := l.sign(ctx, now); err != nil {
			return Checkpoint{}, nil, err
		}
	}
	for n, anchor := range l.Others {
		if bytes.Equal(kept[n], l.note) {
			continue
		}
		if err := anchor.Replace(ctx, kept[n], l.note); err != nil {
			return Checkpoint{}, nil, err
		}
	}
	return l.last, l.note, nil
}

// elsewhere answers what the other anchors keep. It fails with ErrForked if this log does not continue it.
func (l *Log) elsewhere(ctx context.Context) ([][]byte, error) {
	kept := make([][]byte, len(l.Others))
	for n, anchor := range l.Others {
		var err error
		if kept[n], err = anchor.Load(ctx); err != nil {
			return nil, err
		}
		if kept[n] == nil {
			continue
		}
		c, err := OpenCheckpoint(kept[n], Origin(l.Ledger), l.Known...)
		if err != nil {
			return nil, err
		}
		if err := l.continued(c); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// continued checks that a checkpoint is of this tree, or of a beginning of it.
func (l *Log) continued(c Checkpoint) error {
	if c.Size > l.tree.size {
		return fmt.Errorf("%w: it has %d leaves, and %d were signed on %s", ErrForked, l.tree.size, c.Size, c.Time.Format(time.RFC3339))
	}
	if root, err := tlog.TreeHash(c.Size, l.tree); err != nil || root != c.Root {
		return errors.Join(fmt.Errorf("%w: other events were signed on %s, when there were %d", ErrForked, c.Time.Format(time.RFC3339), c.Size), err)
	}
	return nil
}

func (l *Log) sign(ctx context.Context, now time.Time) error {
	if err := l.verify(ctx); err != nil {
		return err
	}
	root, err := tlog.TreeHash(l.tree.size, l.tree)
	if err != nil {
		return err
	}
	next := Checkpoint{Origin(l.Ledger), l.tree.size, root, now.UTC().Truncate(time.Microsecond)}
	if next.Time.Before(l.last.Time) {
		next.Time = l.last.Time
	}
	signed, err := next.Sign(l.Signer)
	if err != nil {
		return err
	}
	if err := l.history.add(next, l.state.At, signed); err != nil {
		return err
	}
	if err := l.Anchor.Replace(ctx, l.note, signed); err != nil {
		l.doubt = true // it may keep it nevertheless
		return err
	}
	l.last, l.note, l.at, l.read = next, signed, l.state.At, true
	return nil
}

// verify reads again what was added since the last checkpoint.
func (l *Log) verify(ctx context.Context) error {
	if !l.read { // nothing was signed yet, or the folder was lost, and made anew
		return l.same(ctx, eventstore.Position{}, 0)
	}
	return l.same(ctx, l.at, l.last.Size)
}

// same reads events after a position, hashes them anew, and compares them with the leaves from an index to the end.
func (l *Log) same(ctx context.Context, after eventstore.Position, from int64) error {
	var leaves []Hash
	for e, err := range l.Events.Read(ctx, after) {
		if err != nil {
			return err
		}
		if from == l.tree.size {
			return nil // committed since
		}
		h, err := leafOf(&e)
		if err != nil {
			return err
		}
		if leaves = append(leaves, h); len(leaves) == tileWidth || from+int64(len(leaves)) == l.tree.size {
			if err := l.holds(from, leaves); err != nil {
				return err
			}
			from, leaves = from+int64(len(leaves)), leaves[:0]
		}
	}
	if from < l.tree.size {
		return fmt.Errorf("%w: the store ends at event %d", ErrForked, from+int64(len(leaves)))
	}
	return nil
}

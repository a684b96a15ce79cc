package merkle

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"livret/eventstore"
)

// history is the folder of all checkpoints that were signed, a file each: what was shown at some instant is what
// stood under the last checkpoint before it. The name of a file is the size, and the position of the last event.
type history struct{ dir string }

func (h history) add(c Checkpoint, at eventstore.Position, signed []byte) error {
	return WriteDurably(filepath.Join(h.dir, fmt.Sprintf("%020d-%x", c.Size, at)), signed)
}

// entry is one file of the folder.
type entry struct {
	name string
	size int64
	at   eventstore.Position
}

// entries lists the checkpoints, the oldest first.
func (h history) entries() ([]entry, error) {
	files, err := os.ReadDir(h.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []entry
	for _, f := range files {
		size, position, ok := strings.Cut(f.Name(), "-")
		n, errSize := strconv.ParseInt(size, 10, 64)
		at, errAt := hex.DecodeString(position)
		if !ok || errors.Join(errSize, errAt) != nil || len(at) != len(eventstore.Position{}) {
			continue // left by a crash while it was written
		}
		all = append(all, entry{f.Name(), n, eventstore.Position(at)})
	}
	return all, nil
}

// position is that of the last event of the tree of a size that was signed, and whether it is known; the zero position
// for an empty tree.
func (h history) position(size int64) (at eventstore.Position, known bool, err error) {
	if size == 0 {
		return at, true, nil
	}
	e, found, err := h.find(size)
	return e.at, found, err
}

// find is the checkpoint of a size, and whether there is one.
func (h history) find(size int64) (e entry, found bool, err error) {
	entries, err := h.entries()
	at, found := slices.BinarySearchFunc(entries, size, func(e entry, size int64) int { return cmp.Compare(e.size, size) })
	if err != nil || !found {
		return e, false, err
	}
	return entries[at], true, nil
}

// Signed is a checkpoint as it was signed, and where it stands in this store.
type Signed struct {
	Checkpoint
	Note []byte
	At   eventstore.Position // of its last event
}

// AsOf is the last checkpoint signed at an instant or before it, and false if there was none yet.
func (l *Log) AsOf(instant time.Time) (Signed, bool, error) {
	entries, err := l.history.entries()
	if err != nil {
		return Signed{}, false, err
	}
	after := sort.Search(len(entries), func(n int) bool { // times never go back
		signed, failed := l.signed(entries[n])
		err = errors.Join(err, failed)
		return failed != nil || signed.Time.After(instant)
	})
	if err != nil || after == 0 {
		return Signed{}, false, err
	}
	signed, err := l.signed(entries[after-1])
	return signed, err == nil, err
}

func (l *Log) signed(e entry) (Signed, error) {
	text, err := os.ReadFile(filepath.Join(l.history.dir, e.name))
	if err != nil {
		return Signed{}, err
	}
	c, err := OpenCheckpoint(text, Origin(l.Ledger), l.Known...)
	if err == nil && c.Size != e.size {
		err = ErrCheckpoint
	}
	return Signed{c, text, e.at}, err
}

package merkle

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
)

// ErrMoved says that an anchor keeps another checkpoint than the one to be replaced.
var ErrMoved = errors.New("merkle: another checkpoint was signed meanwhile")

// FileAnchor keeps the last checkpoint in a file, which belongs on another volume and in another backup than the
// event store.
type FileAnchor struct {
	Path string
	mu   sync.Mutex
}

// Load implements Anchor.
func (a *FileAnchor) Load(context.Context) ([]byte, error) {
	signed, err := os.ReadFile(a.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return signed, err
}

// Replace implements Anchor.
func (a *FileAnchor) Replace(ctx context.Context, old, signed []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	kept, err := a.Load(ctx)
	if err != nil {
		return err
	}
	if !bytes.Equal(kept, old) {
		return ErrMoved
	}
	return WriteDurably(a.Path, signed)
}

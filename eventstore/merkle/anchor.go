package merkle

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// ErrMoved says that an anchor keeps another checkpoint than the one to be replaced.
var ErrMoved = errors.New("merkle: another checkpoint was signed meanwhile")

// FileAnchor keeps the last checkpoint in a file. Its folder must be there: a volume that is not mounted keeps
// nothing, and is no new anchor.
type FileAnchor struct {
	Path string
	mu   sync.Mutex
}

// Load implements Anchor.
func (a *FileAnchor) Load(context.Context) ([]byte, error) {
	signed, err := os.ReadFile(a.Path)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(filepath.Dir(a.Path))
		return nil, err
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

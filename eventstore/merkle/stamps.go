package merkle

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Bare is a signed checkpoint as the ledger signed it: its text, and the signatures in the name of its origin. A timestamp
// is over this, so that witnesses may sign before or after it.
func Bare(signed []byte) []byte {
	origin, _, _ := bytes.Cut(signed, []byte("\n"))
	text, signatures, _ := bytes.Cut(signed, []byte("\n\n"))
	bare := append(bytes.Clone(text), "\n\n"...)
	for line := range bytes.Lines(signatures) {
		if bytes.HasPrefix(line, []byte("— "+string(origin)+" ")) {
			bare = append(bare, line...)
		}
	}
	return bare
}

// The folders of a log that the events alone would not give back: a backup needs them, and not the tiles.
const (
	CheckpointsFolder = "checkpoints" // all that were signed, a file each
	StampsFolder      = "stamps"      // tokens of time-stamping authorities, beside the checkpoints they are over
	CosignedFolder    = "cosigned"    // checkpoints with the cosignatures of witnesses, a file each
)

// Stamped is a checkpoint as the ledger signed it, and a token over it.
type Stamped struct {
	Size        int64
	Note, Token []byte
}

// KeepStamp keeps a token that was verified, and the checkpoint that it is over, durably: whatever happens next, the
// authority needs not be asked again. The same token again is nothing.
func (l *Log) KeepStamp(s Stamped) error {
	dir := filepath.Join(l.Dir, StampsFolder, stampName(s))
	if err := replace(filepath.Join(dir, "note"), s.Note); err != nil {
		return err
	}
	return errors.Join(WriteDurably(filepath.Join(dir, "tst"), s.Token), syncFolder(filepath.Dir(dir)))
}

// stampName is the size, and enough of the token's digest to tell it from another over the same checkpoint.
func stampName(s Stamped) string {
	digest := sha256.Sum256(s.Token)
	return fmt.Sprintf("%020d-%x", s.Size, digest[:8])
}

// Stamps lists the tokens kept, by size. One that a crash cut short is left out.
func (l *Log) Stamps() ([]Stamped, error) {
	folders, err := os.ReadDir(filepath.Join(l.Dir, StampsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Stamped
	for _, f := range folders {
		dir := filepath.Join(l.Dir, StampsFolder, f.Name())
		note, err := os.ReadFile(filepath.Join(dir, "note"))
		token, errToken := os.ReadFile(filepath.Join(dir, "tst"))
		if err := errors.Join(err, errToken); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		c, err := OpenCheckpoint(note, Origin(l.Ledger), l.Known...)
		if err != nil {
			return nil, err
		}
		if s := (Stamped{c.Size, note, token}); stampName(s) == f.Name() {
			all = append(all, s)
		}
	}
	return all, nil
}

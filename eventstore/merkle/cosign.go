package merkle

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Errors of Cosign.
var (
	ErrOtherTree = errors.New("merkle: this is no checkpoint that the ledger signed")
	ErrForged    = errors.New("merkle: the cosignature of a known witness does not hold")
)

// Cosigned is a checkpoint and who cosigned it.
type Cosigned struct {
	Size    int64
	Note    []byte   // the ledger's, and all cosignatures that are kept
	Added   []string // names of witnesses whose cosignature is new
	Unknown int      // signatures by nobody that is known, left out
}

// Cosign keeps, beside a checkpoint, the cosignatures of witnesses over it (C2SP tlog-cosignature): a signed checkpoint,
// or signature lines alone, which are over the last one. Nothing is kept unless the text is, byte for byte, that of a
// checkpoint of this log and each signature of a known witness holds: else it fails with ErrOtherTree or ErrForged.
func (l *Log) Cosign(offered []byte, witnesses ...note.Verifier) (Cosigned, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	signatures := string(offered)
	signed := l.note
	if !bytes.HasPrefix(offered, []byte("— ")) {
		var text string
		text, signatures, _ = strings.Cut(signatures, "\n\n")
		var err error
		if signed, err = l.signedAs(text + "\n"); err != nil {
			return Cosigned{}, err
		}
	}
	c, err := OpenCheckpoint(signed, Origin(l.Ledger), l.Known...)
	if err != nil {
		return Cosigned{}, fmt.Errorf("%w: %w", ErrOtherTree, err)
	}
	kept, err := l.cosigned(c.Size, signed)
	if err != nil {
		return Cosigned{}, err
	}
	result := Cosigned{Size: c.Size, Note: kept}
	for line := range strings.Lines(signatures) {
		if strings.HasPrefix(line, "— "+c.Origin+" ") {
			continue // the ledger's own
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if err := result.add(line+"\n", signed, witnesses); err != nil {
			return Cosigned{}, err
		}
	}
	if len(result.Added) == 0 {
		return result, nil
	}
	return result, WriteDurably(l.cosignedFile(c.Size), result.Note)
}

// add adds a signature line, if a witness made it who is not among them yet.
func (c *Cosigned) add(line string, signed []byte, witnesses []note.Verifier) error {
	n, err := note.Open(append(bytes.Clone(signed), line...), note.VerifierList(witnesses...))
	var invalid *note.InvalidSignatureError
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &invalid):
		return fmt.Errorf("%w: %s", ErrForged, invalid.Name)
	case errors.As(err, &unverified):
		c.Unknown++
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", ErrForged, err)
	}
	by := n.Sigs[0]
	before, err := note.Open(c.Note, note.VerifierList(witnesses...))
	if err == nil {
		for _, s := range before.Sigs {
			if s.Name == by.Name && s.Hash == by.Hash {
				return nil
			}
		}
	}
	c.Added, c.Note = append(c.Added, by.Name), append(c.Note, line...)
	return nil
}

func (l *Log) cosignedFile(size int64) string {
	return filepath.Join(l.Dir, CosignedFolder, fmt.Sprintf("%020d", size))
}

// Cosigned answers the last checkpoint signed, or an older one by its size, with the cosignatures that are kept beside
// it. It fails with ErrFuture if none of that size was signed.
func (l *Log) Cosigned(size int64) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	signed, found, err := l.OfSize(size)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrFuture
	}
	return l.cosigned(size, signed.Note)
}

// CosignedSizes lists the sizes of the checkpoints that witnesses cosigned, in order.
func (l *Log) CosignedSizes() ([]int64, error) {
	files, err := os.ReadDir(filepath.Join(l.Dir, CosignedFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var sizes []int64
	for _, f := range files {
		if size, err := strconv.ParseInt(f.Name(), 10, 64); err == nil { // anything else was left by a crash while it was written
			sizes = append(sizes, size)
		}
	}
	return sizes, nil
}

// signedAs answers the checkpoint that was signed with a text.
func (l *Log) signedAs(text string) ([]byte, error) {
	c, err := parseCheckpoint(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOtherTree, err)
	}
	signed, found, err := l.OfSize(c.Size)
	if err == nil && (!found || signed.Checkpoint != c) {
		err = ErrOtherTree
	}
	return signed.Note, err
}

// cosigned adds to a checkpoint what is kept beside it: cosignatures of this very text.
func (l *Log) cosigned(size int64, signed []byte) ([]byte, error) {
	kept, err := os.ReadFile(l.cosignedFile(size))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.HasPrefix(kept, signed) {
		return bytes.Clone(signed), nil
	}
	return kept, err
}

package merkle

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// CheckpointPath is where a published log has its last checkpoint (C2SP tlog-tiles).
const CheckpointPath = "checkpoint"

// Published answers what a stranger may read of the log, by its path in C2SP tlog-tiles: the last checkpoint signed, with
// its cosignatures, and hash tiles of the tree that was signed, whole or cut to the width that is asked for. There are no
// entries, and nothing that is not signed yet: anything else is fs.ErrNotExist. A tile never changes.
func (l *Log) Published(path string) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if path == CheckpointPath && l.note != nil {
		return l.cosigned(l.last.Size, l.note)
	}
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok {
		return nil, fs.ErrNotExist
	}
	of, err := tlog.ParseTilePath("tile/" + strconv.Itoa(tileHeight) + "/" + rest)
	if err != nil || of.L < 0 || of.L > 7 || of.N > l.last.Size || of.N<<tileHeight+int64(of.W) > l.last.Size>>(tileHeight*of.L) {
		return nil, fs.ErrNotExist
	}
	data, err := l.tree.data(of)
	if err != nil {
		return nil, err
	}
	return data[:of.W*tlog.HashSize], nil
}

// Publish writes what Published answers into a folder, that a plain web server may serve: the tiles first, then the
// checkpoint that needs them. It fails with ErrForked or ErrCheckpoint if the folder has a checkpoint of another tree.
func (l *Log) Publish(ctx context.Context, dir string) (Checkpoint, error) {
	before, err := l.published(dir)
	if err != nil {
		return Checkpoint{}, err
	}
	note, err := l.Published(CheckpointPath)
	if err != nil {
		return Checkpoint{}, err
	}
	now, err := OpenCheckpoint(note, Origin(l.Ledger), l.Known...)
	if err != nil {
		return Checkpoint{}, err
	}
	for _, of := range tlog.NewTiles(tileHeight, before.Size, now.Size) {
		if err := ctx.Err(); err != nil {
			return Checkpoint{}, err
		}
		path := "tile/" + strings.TrimPrefix(of.Path(), "tile/"+strconv.Itoa(tileHeight)+"/")
		data, err := l.Published(path)
		if err != nil {
			return Checkpoint{}, err
		}
		if err := replace(filepath.Join(dir, filepath.FromSlash(path)), data); err != nil {
			return Checkpoint{}, err
		}
	}
	return now, WriteDurably(filepath.Join(dir, CheckpointPath), note)
}

// published is the checkpoint that a folder has, and that this log continues; zero if it has none.
func (l *Log) published(dir string) (Checkpoint, error) {
	note, err := os.ReadFile(filepath.Join(dir, CheckpointPath))
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{}, nil
	}
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := OpenCheckpoint(note, Origin(l.Ledger), l.Known...)
	if err != nil {
		return c, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return c, l.continued(c)
}

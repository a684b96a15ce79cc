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

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8 // of C2SP tlog-tiles
	tileWidth  = 1 << tileHeight
)

// tiles is a folder of hash tiles, as C2SP tlog-tiles lays them out: tile/<level>/<index>, and
// tile/<level>/<index>.p/<width> for the last one of a level, which is not full yet.
type tiles struct{ dir string }

func tile(level int, index int64, width int) tlog.Tile {
	return tlog.Tile{H: tileHeight, L: level, N: index, W: width}
}

// name is that of tlog without the height, which tlog-tiles fixes.
func (t tiles) name(of tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(of.Path(), "tile/"+strconv.Itoa(tileHeight)+"/")
}

func (t tiles) path(of tlog.Tile) string { return filepath.Join(t.dir, filepath.FromSlash(t.name(of))) }

// read answers the bytes of a tile, of exactly its width.
func (t tiles) read(of tlog.Tile) ([]byte, error) {
	data, err := os.ReadFile(t.path(of))
	if err == nil && len(data) != of.W*tlog.HashSize {
		err = fmt.Errorf("%w: %s has %d bytes", ErrDamaged, of.Path(), len(data))
	}
	return data, err
}

// write writes a tile, whose name is durable once the folder it answers is synced. A full one replaces all partial
// ones of its place, which are then of no use.
func (t tiles) write(of tlog.Tile, data []byte) (dir string, err error) {
	path := t.path(of)
	dir = filepath.Dir(path)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return dir, nil // of a flush before a crash
	}
	return dir, replace(path, data)
}

// tidy removes the partial tiles that one which is durable has made useless.
func (t tiles) tidy(of tlog.Tile) error {
	partial := t.path(tile(of.L, of.N, tileWidth)) + ".p"
	if of.W == tileWidth {
		return os.RemoveAll(partial)
	}
	return removeOthers(partial, strconv.Itoa(of.W))
}

func removeOthers(dir, keep string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if e.Name() != keep {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// WriteDurably replaces a file by another in one step: after a crash it is the old one or the new one, and once
// this has answered it is the new one.
func WriteDurably(path string, data []byte) error {
	if err := replace(path, data); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// replace does as WriteDurably, but for the name, which may be lost until the folder is synced.
func replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) {
		return errors.Join(err, d.Close()) // where folders can not be synced, renaming is all there is
	}
	return d.Close()
}

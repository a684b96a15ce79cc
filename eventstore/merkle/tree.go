package merkle

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is a Merkle tree that grows: full tiles on disk, and the right edge, one tile a level, in memory until it is
// flushed. It does not lock.
type tree struct {
	tiles tiles
	size  int64    // leaves
	edge  [][]Hash // by level: what the last tile of the level holds so far
	full  []filled // tiles filled since the last flush
}

type filled struct {
	tile tlog.Tile
	data []byte
}

// openTree opens the tree of a size of which the tiles were flushed.
func openTree(t tiles, size int64) (*tree, error) {
	tr := &tree{tiles: t, size: size}
	for level, n := 0, size; n > 0; level, n = level+1, n>>tileHeight {
		var row []Hash
		if width := int(n % tileWidth); width > 0 {
			data, err := t.edgeOf(level, n>>tileHeight, width)
			if err != nil {
				return nil, err
			}
			row = hashes(data)
		}
		tr.edge = append(tr.edge, row)
	}
	return tr, nil
}

// edgeOf reads the first hashes of a tile of which a wider form may have been flushed before a crash.
func (t tiles) edgeOf(level int, index int64, width int) ([]byte, error) {
	for wider := width; wider <= tileWidth; wider++ {
		data, err := t.read(tile(level, index, wider))
		if err == nil {
			return data[:width*tlog.HashSize], nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %s is missing", ErrDamaged, tile(level, index, width).Path())
}

// append adds the hash of a leaf.
func (t *tree) append(h Hash) {
	t.size++
	for level, n := 0, t.size; ; level, n = level+1, n>>tileHeight {
		if level == len(t.edge) {
			t.edge = append(t.edge, nil)
		}
		t.edge[level] = append(t.edge[level], h)
		if len(t.edge[level]) < tileWidth {
			return
		}
		t.full = append(t.full, filled{tile(level, n>>tileHeight-1, tileWidth), join(t.edge[level])})
		h = fold(t.edge[level])
		t.edge[level] = t.edge[level][:0]
	}
}

// fold is the hash of a full tile: that of the subtree whose leaves it holds.
func fold(row []Hash) Hash {
	level := append([]Hash(nil), row...)
	for len(level) > 1 {
		for i := 0; i < len(level); i += 2 {
			level[i/2] = tlog.NodeHash(level[i], level[i+1])
		}
		level = level[:len(level)/2]
	}
	return level[0]
}

// flush makes all tiles durable.
func (t *tree) flush() error {
	all := t.full
	for level, row := range t.edge {
		if len(row) > 0 {
			all = append(all, filled{tile(level, t.size>>(tileHeight*(level+1)), len(row)), join(row)})
		}
	}
	folders := make(map[string]bool)
	for _, f := range all {
		dir, err := t.tiles.write(f.tile, f.data)
		if err != nil {
			return err
		}
		folders[dir] = true
	}
	for dir := range folders {
		if err := syncFolder(dir); err != nil {
			return err
		}
	}
	for _, f := range all {
		if err := t.tiles.tidy(f.tile); err != nil {
			return err
		}
	}
	t.full = nil
	return nil
}

// ReadHashes makes the tree a tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	var last tlog.Tile
	var data []byte
	for i, index := range indexes {
		of := tlog.TileForIndex(tileHeight, index)
		if of.L != last.L || of.N != last.N || of.W > last.W {
			var err error
			if data, err = t.data(of); err != nil {
				return nil, err
			}
			last = tile(of.L, of.N, len(data)/tlog.HashSize)
		}
		h, err := tlog.HashFromTile(last, data, index)
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

// data is what a tile holds now.
func (t *tree) data(of tlog.Tile) ([]byte, error) {
	count := t.size >> (tileHeight * of.L) // hashes of that level
	switch start := of.N << tileHeight; {
	case start+int64(of.W) > count:
		return nil, ErrFuture
	case start+tileWidth > count:
		return join(t.edge[of.L]), nil
	}
	for i := len(t.full) - 1; i >= 0; i-- {
		if f := t.full[i]; f.tile.L == of.L && f.tile.N == of.N {
			return f.data, nil
		}
	}
	return t.tiles.read(tile(of.L, of.N, tileWidth))
}

func join(row []Hash) []byte {
	data := make([]byte, 0, len(row)*tlog.HashSize)
	for _, h := range row {
		data = append(data, h[:]...)
	}
	return data
}

func hashes(data []byte) []Hash {
	row := make([]Hash, 0, tileWidth)
	for ; len(data) >= tlog.HashSize; data = data[tlog.HashSize:] {
		row = append(row, Hash(data[:tlog.HashSize]))
	}
	return row
}

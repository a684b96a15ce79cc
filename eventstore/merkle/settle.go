package merkle

import (
	"crypto/sha256"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// settle compares the leaves of a block with the tile that holds them, decides which of the two is right, and goes on
// from there: levels above, checkpoints.
func (a *Audit) settle() {
	block := a.block
	a.block = a.block[:0]
	if len(block) == 0 {
		return
	}
	first := a.told - int64(len(block))
	for i, hash := range a.right(block, first) {
		if hash == (Hash{}) {
			a.blind = true
		}
		a.mine.append(hash)
		a.above()
		n := first + int64(i) + 1
		same := !block[i].lost && block[i].hash == hash
		if same && n == a.state.Size && block[i].at != a.state.At {
			a.find(Finding{Nature: NatureState, From: n, Through: n, File: stateFile})
		}
		for ; a.next < len(a.signed) && a.signed[a.next].Size <= n; a.next++ {
			if s := a.signed[a.next]; same && s.at != nil && s.Size == n && *s.at != block[i].at {
				a.find(Finding{Nature: NaturePlace, From: n, Through: n, File: s.file})
			}
			a.root(a.signed[a.next])
		}
	}
}

// root compares a checkpoint with the tree as it stands.
func (a *Audit) root(s signedRoot) {
	if !a.blind && s.Size == a.mine.size && rootOf(a.mine.edge) != s.Root {
		a.find(Finding{Nature: NatureFork, From: 1, Through: s.Size, File: s.file})
	}
}

// right answers the leaves of a block as they should be; the zero Hash for one that nobody knows.
func (a *Audit) right(block []toldLeaf, first int64) []Hash {
	told := make([]Hash, len(block))
	lost := false
	for i, l := range block {
		told[i], lost = l.hash, lost || l.lost
	}
	width := min(a.state.Size-first, int64(len(block)))
	if width <= 0 {
		return told
	}
	of := tile(0, first>>tileHeight, int(min(a.state.Size-first, tileWidth)))
	held, err := a.tiles.edgeOf(0, of.N, of.W)
	if err != nil {
		a.find(Finding{Nature: NatureTile, From: first + 1, Through: first + width, File: a.tiles.name(of)})
		return told
	}
	right := append(hashes(held)[:width], told[width:]...)
	if slices.Equal(right, told) {
		return told
	}
	if !lost && a.stands(told, first, of) {
		a.find(Finding{Nature: NatureTile, From: first + 1, Through: first + width, File: a.tiles.name(of)})
		return told
	}
	for i := range width {
		if n := first + i + 1; !block[i].lost && right[i] != told[i] {
			a.find(Finding{Nature: NatureLeaf, From: n, Through: n})
		}
	}
	return right
}

// stands tells whether leaves that are not those of their tile are the right ones nevertheless: what was hashed into the
// level above or, where the tile is not full, what was signed.
func (a *Audit) stands(told []Hash, first int64, of tlog.Tile) bool {
	if of.W == tileWidth && len(told) == tileWidth {
		row := int(min(a.state.Size>>tileHeight-of.N>>tileHeight<<tileHeight, tileWidth))
		above, err := a.tiles.edgeOf(1, of.N>>tileHeight, row)
		return err == nil && hashes(above)[of.N%tileWidth] == fold(told)
	}
	for _, s := range slices.Backward(a.signed) {
		if count := s.Size - first; count > 0 && count <= int64(len(told)) {
			trial := tree{size: a.mine.size}
			for _, row := range a.mine.edge {
				trial.edge = append(trial.edge, slices.Clone(row))
			}
			for _, h := range told[:count] {
				trial.append(h)
			}
			return rootOf(trial.edge) == s.Root
		}
	}
	return false
}

// above compares the full tiles of the levels above the leaves, once they are hashed.
func (a *Audit) above() {
	for _, f := range a.mine.full {
		if f.tile.L == 0 || (f.tile.N+1)<<(tileHeight*(f.tile.L+1)) > a.state.Size {
			continue
		}
		if held, err := a.tiles.read(f.tile); err != nil || string(held) != string(f.data) {
			a.findTile(f.tile)
		}
	}
	a.mine.full = a.mine.full[:0]
}

// edges compares the last tile of each level above the leaves, as far as it goes.
func (a *Audit) edges() {
	if a.blind || a.mine.size < a.state.Size {
		return // said
	}
	for level := 1; level < len(a.mine.edge); level++ {
		count := a.state.Size >> (tileHeight * level)
		width := int(count % tileWidth)
		if width == 0 || a.mine.size>>(tileHeight*(level+1)) != count>>tileHeight {
			continue
		}
		of := tile(level, count>>tileHeight, width)
		if held, err := a.tiles.edgeOf(level, of.N, width); err != nil || string(held) != string(join(a.mine.edge[level][:width])) {
			a.findTile(of)
		}
	}
}

func (a *Audit) findTile(of tlog.Tile) {
	if !a.blind {
		under := int64(1) << (tileHeight * of.L)
		a.find(Finding{Nature: NatureTile, From: of.N<<tileHeight*under + 1, Through: (of.N<<tileHeight + int64(of.W)) * under, File: a.tiles.name(of)})
	}
}

// rootOf is the root over the right edge of a tree (RFC 6962, 2.1): each row is cut into the largest powers of two,
// and what results is joined from the right.
func rootOf(edge [][]Hash) Hash {
	var root *Hash
	for _, row := range edge {
		for end := len(row); end > 0; {
			size := end & -end
			h := fold(row[end-size : end])
			if root != nil {
				h = tlog.NodeHash(h, *root)
			}
			root, end = &h, end-size
		}
	}
	if root == nil {
		return sha256.Sum256(nil)
	}
	return *root
}

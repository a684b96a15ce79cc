package merkle

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"livret/eventstore"
)

// Nature is what an Audit finds wrong: one of a closed list, which docs/check.md explains.
type Nature string

// The natures of what is wrong with a tree, or with the log that it was made of.
const (
	NatureLeaf       Nature = "event not the one that the tree holds"
	NatureShort      Nature = "log ends before what the tree holds or a checkpoint signed"
	NatureTile       Nature = "tile missing, or not what its leaves hash to"
	NatureState      Nature = "how far the tree goes is not known, or not so"
	NatureCheckpoint Nature = "checkpoint altered, or not signed by the ledger"
	NatureFork       Nature = "checkpoint of another tree"
	NaturePlace      Nature = "checkpoint at another position"
	NatureAnchor     Nature = "last checkpoint missing, or older than those signed"
)

// Finding is one thing that is not as it should be.
type Finding struct {
	Nature        Nature
	From, Through int64  // events that it concerns, in commit order from 1; 0: none
	File          string // in the folder of the tree, or the name of a note that was kept elsewhere
}

// Kept is a checkpoint as it is kept elsewhere than in the folder of the tree.
type Kept struct {
	Name string
	Note []byte
}

// AuditConfig is what an Audit looks at. It writes nothing.
type AuditConfig struct {
	Dir    string          // of tiles and checkpoints
	Ledger uuid.UUID       // whose it is
	Known  []note.Verifier // whose signatures are believed
	Anchor Kept            // the last checkpoint, apart; its Note is nil if there is none
	Others []Kept          // that others kept
}

// Audit holds a log against its tree, and the tree against each checkpoint that was ever signed. It is told every leaf
// of the log, hashes all levels anew from them, and lists everything that differs. Where an event was changed, the rest
// is judged by the leaf that the tree holds, so that one change is one finding; where a tile was, by the events, if
// these are what was hashed and signed.
type Audit struct {
	config AuditConfig
	tiles  tiles
	state  state
	signed []signedRoot // ascending
	next   int          // the first of these that was not reached
	block  []toldLeaf   // leaves of the tile that is not full yet
	told   int64        // leaves, lost ones included
	mine   tree         // hashed anew
	blind  bool         // a leaf is known to nobody: nothing can be said of later roots
	wrong  []Finding
}

// toldLeaf is what the log tells of a leaf.
type toldLeaf struct {
	hash Hash
	at   eventstore.Position
	lost bool
}

// signedRoot is a checkpoint to be compared.
type signedRoot struct {
	Checkpoint
	file string
	at   *eventstore.Position // nil: not known
}

// NewAudit begins an audit.
func NewAudit(c AuditConfig) (*Audit, error) {
	a := &Audit{config: c, tiles: tiles{c.Dir}}
	past := history{filepath.Join(c.Dir, CheckpointsFolder)}
	entries, err := past.entries()
	if err != nil {
		return nil, err
	}
	for n, e := range entries {
		text, err := os.ReadFile(filepath.Join(past.dir, e.name))
		if err != nil {
			return nil, err
		}
		a.take(Kept{CheckpointsFolder + "/" + e.name, text}, e.size, &entries[n].at)
	}
	newest := int64(0)
	if len(entries) > 1 { // the last may have been signed when the process died, and the one before it be the anchor
		newest = entries[len(entries)-2].size
	}
	switch anchor := c.Anchor; {
	case anchor.Note != nil:
		if size, ok := a.take(anchor, -1, nil); ok && size < newest {
			a.find(Finding{Nature: NatureAnchor, File: anchor.Name})
		}
	case len(entries) > 1:
		a.find(Finding{Nature: NatureAnchor, File: anchor.Name})
	}
	for _, kept := range c.Others {
		a.take(kept, -1, nil)
	}
	slices.SortStableFunc(a.signed, func(x, y signedRoot) int { return cmp.Compare(x.Size, y.Size) })
	data, err := os.ReadFile(filepath.Join(c.Dir, stateFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(entries) == 0:
	case errors.Is(err, fs.ErrNotExist), err == nil && json.Unmarshal(data, &a.state) != nil:
		a.find(Finding{Nature: NatureState, File: stateFile})
	case err != nil:
		return nil, err
	case len(entries) > 0 && a.state.Size < entries[len(entries)-1].size:
		a.find(Finding{Nature: NatureState, File: stateFile}) // what is signed was flushed before
	}
	return a, nil
}

// take takes in a signed checkpoint, of a size if it is known, and answers its size if it is believed.
func (a *Audit) take(k Kept, size int64, at *eventstore.Position) (int64, bool) {
	signed, err := OpenCheckpoint(k.Note, Origin(a.config.Ledger), a.config.Known...)
	if err != nil || size >= 0 && signed.Size != size {
		a.find(Finding{Nature: NatureCheckpoint, File: k.Name})
		return 0, false
	}
	a.signed = append(a.signed, signedRoot{signed, k.Name, at})
	return signed.Size, true
}

func (a *Audit) find(f Finding) {
	if n := len(a.wrong); n > 0 && f.Nature == NatureLeaf && a.wrong[n-1].Nature == NatureLeaf && a.wrong[n-1].Through+1 == f.From {
		a.wrong[n-1].Through = f.Through
		return
	}
	a.wrong = append(a.wrong, f)
}

// Leaf tells the next leaf of the log.
func (a *Audit) Leaf(at eventstore.Position, hash Hash) { a.tell(toldLeaf{hash: hash, at: at}) }

// Lost tells that the next leaves of the log can not be read.
func (a *Audit) Lost(count int64) {
	for range count {
		a.tell(toldLeaf{lost: true})
	}
}

func (a *Audit) tell(l toldLeaf) {
	a.told++
	if a.block = append(a.block, l); len(a.block) == tileWidth {
		a.settle()
	}
}

// Audited is what an audit went through.
type Audited struct {
	Leaves      int64 // of the tree
	Checkpoints int   // believed, and compared
	Findings    []Finding
}

// End ends the audit, once the log has been told to its end.
func (a *Audit) End() Audited {
	a.settle()
	end := a.state.Size
	for _, s := range a.signed[a.next:] {
		end = max(end, s.Size)
	}
	if end > a.told {
		a.find(Finding{Nature: NatureShort, From: a.told + 1, Through: end})
	}
	a.edges()
	return Audited{a.state.Size, a.next, a.wrong}
}

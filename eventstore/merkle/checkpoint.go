package merkle

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is the tree at a moment: how many leaves, and what they hash to. Signed, it is a note of C2SP
// tlog-checkpoint, with one extension line, "time ", for the ledger's clock: what the log says of time, which a
// timestamp of somebody else's may confirm.
type Checkpoint struct {
	Origin string // names the ledger: see Origin
	Size   int64
	Root   Hash
	Time   time.Time // UTC, microseconds
}

// ErrCheckpoint says that bytes are not a checkpoint signed by whom it should be.
var ErrCheckpoint = errors.New("merkle: not a signed checkpoint of this ledger")

const timeLayout = "2006-01-02T15:04:05.000000Z"

// text is what is signed.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\ntime %s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), c.Time.UTC().Format(timeLayout))
}

// Sign makes the signed note of a checkpoint.
func (c Checkpoint) Sign(signers ...note.Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: c.text()}, signers...)
}

// OpenCheckpoint reads a signed note. It fails with ErrCheckpoint unless one of the verifiers' signatures holds and
// the text is the one that the checkpoint it says would have.
func OpenCheckpoint(signed []byte, origin string, verifiers ...note.Verifier) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil || c.Origin != origin {
		return Checkpoint{}, ErrCheckpoint
	}
	return c, nil
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return Checkpoint{}, ErrCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, errRoot := base64.StdEncoding.DecodeString(lines[2])
	at, errTime := time.Parse("time "+timeLayout, lines[3])
	if errors.Join(err, errRoot, errTime) != nil || size < 0 || len(root) != len(Hash{}) {
		return Checkpoint{}, ErrCheckpoint
	}
	c := Checkpoint{lines[0], size, Hash(root), at}
	if c.text() != text {
		return Checkpoint{}, ErrCheckpoint // another form of the same
	}
	return c, nil
}

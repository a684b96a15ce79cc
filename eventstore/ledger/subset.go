package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"

	"livret/eventstore"
)

// Subset is a choice of streams: those of which the first eight bytes of SHA-256(seed ‖ stream), as a number, are below
// the share of 2⁶⁴. With a seed drawn for the check, nobody knows beforehand which they are; with the same seed they are
// the same again, on any machine.
type Subset struct {
	Percent float64 `json:"percent"` // 0 < percent < 100
	Seed    Seed    `json:"seed"`
}

// Seed is written in hexadecimal.
type Seed [16]byte

// MarshalText implements encoding.TextMarshaler.
func (s Seed) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Seed) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(s) {
		return ErrSubset
	}
	*s = Seed(b)
	return nil
}

// ErrSubset says that a text is no share, or no seed.
var ErrSubset = errors.New("ledger: a subset is a share between 0 and 100 %, as «10%», and its seed 32 hexadecimal digits")

// ParseShare reads a share in percent, as "10%" or "0.5%".
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(number, 64)
	if !percent || err != nil || !(share > 0 && share < 100) {
		return 0, ErrSubset
	}
	return share, nil
}

// Has tells whether a stream is in the subset.
func (s *Subset) Has(stream eventstore.StreamID) bool {
	h := sha256.New()
	h.Write(s.Seed[:])
	h.Write([]byte(stream))
	return float64(binary.BigEndian.Uint64(h.Sum(nil))) < s.Percent/100*math.MaxUint64
}

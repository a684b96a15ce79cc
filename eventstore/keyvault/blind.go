package keyvault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

const (
	claimLabel = "livret/claim/v1"
	labelLabel = "livret/label/v1"
)

// Secret keys the blind index and the labels of one vault: 32 random bytes, wrapped under its KEK. Without
// it, nobody can test whether a guessed name or identifier is in an index.
type Secret [KeySize]byte

// Blind is what a vault keeps of a claim's identifying parts.
type Blind [sha256.Size]byte

// Claim is the blind index of a kind and its parts. Every part is preceded by its length, so that no two
// different lists meet.
func (s *Secret) Claim(kind string, parts ...string) Blind {
	return s.mac(claimLabel, append([]string{kind}, parts...))
}

// Label is the keyed hash of some parts, apart from every claim.
func (s *Secret) Label(parts ...string) []byte {
	sum := s.mac(labelLabel, parts)
	return sum[:]
}

func (s *Secret) mac(label string, parts []string) (sum Blind) {
	message := binary.BigEndian.AppendUint32([]byte(label), uint32(len(parts)))
	for _, part := range parts {
		message = binary.BigEndian.AppendUint32(message, uint32(len(part)))
		message = append(message, part...)
	}
	m := hmac.New(sha256.New, s[:])
	m.Write(message)
	m.Sum(sum[:0])
	return sum
}

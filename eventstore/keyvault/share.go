package keyvault

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
)

const shareFormat = "livret-custody-share-v1"

// Share is one of the two halves in which the private key of a custody pair is handed to two custodians. One alone
// is 32 random bytes and says nothing of the key.
type Share struct {
	Pair   string
	Ref    KEKRef
	Number int // 1 or 2
	value  [KeySize]byte
}

// Split cuts the private key in two: the first share is drawn at random, the second is its sum with the key.
func (h *PrivateHalf) Split() ([2]Share, error) {
	private, err := h.private.Bytes()
	if err != nil {
		return [2]Share{}, err
	}
	defer clear(private)
	first := Share{Pair: h.Pair.Name, Ref: h.Pair.Ref, Number: 1}
	rand.Read(first.value[:])
	second := first
	second.Number = 2
	subtle.XORBytes(second.value[:], first.value[:], private)
	return [2]Share{first, second}, nil
}

// Combine puts the two shares of a pair together. It fails with ErrShares when they are not the two of one pair.
func Combine(a, b Share) (*PrivateHalf, error) {
	if a.Pair != b.Pair || a.Ref != b.Ref || a.Number+b.Number != 3 {
		return nil, ErrShares
	}
	raw := make([]byte, KeySize)
	defer clear(raw)
	subtle.XORBytes(raw, a.value[:], b.value[:])
	private, err := kem().NewPrivateKey(raw)
	if err != nil {
		return nil, ErrShares
	}
	h, err := privateHalf(a.Pair, private)
	if err != nil || h.Pair.Ref != a.Ref {
		return nil, ErrShares
	}
	return h, nil
}

// Text is the share as its custodian keeps it: six lines that can be printed, the last one the SHA-256 of the
// others.
func (s Share) Text() string {
	body := fmt.Sprintf("%s\npair %s\nref %x\nshare %d of 2\nvalue %x\n", shareFormat, s.Pair, s.Ref, s.Number, s.value)
	return fmt.Sprintf("%scheck %x\n", body, sha256.Sum256([]byte(body)))
}

// ParseShare reads what Text wrote, and nothing else: it fails with ErrShares.
func ParseShare(text string) (Share, error) {
	var s Share
	lines := strings.Split(text, "\n")
	if len(lines) != 7 {
		return s, ErrShares
	}
	name, ok := strings.CutPrefix(lines[1], "pair ")
	ref, isRef := hexLine(lines[2], "ref ", len(s.Ref))
	value, isValue := hexLine(lines[4], "value ", len(s.value))
	if !ok || !isRef || !isValue {
		return s, ErrShares
	}
	s.Pair, s.Ref, s.value = name, KEKRef(ref), [KeySize]byte(value)
	for s.Number = 1; s.Number <= 2; s.Number++ {
		if s.Text() == text {
			return s, nil
		}
	}
	return Share{}, ErrShares
}

func hexLine(line, prefix string, size int) ([]byte, bool) {
	digits, ok := strings.CutPrefix(line, prefix)
	if !ok {
		return nil, false
	}
	b, err := hex.DecodeString(digits)
	return b, err == nil && len(b) == size
}

package keyvault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

const (
	rowLabel  = "livret/row/v1"
	pairLabel = "livret/pair/v1"
)

// Seal authenticates what a vault keeps beside the wraps themselves: the first 16 bytes of an HMAC-SHA-256 under
// its secret. Without it, whoever can write the file could make a fenced key active again, or exchange a custody
// pair for one of his own.
type Seal [16]byte

// SealRow is the seal of a key's row: of the state as well as of all that the wrap is bound to.
func (s *Secret) SealRow(info Info, ref KEKRef, epoch uint32, wrapped []byte) Seal {
	b := make([]byte, 0, 256)
	b = appendKey(append(b, rowLabel...), info)
	b = binary.BigEndian.AppendUint16(b, uint16(len(info.State)))
	b = append(b, info.State...)
	b = append(b, ref[:]...)
	b = binary.BigEndian.AppendUint32(b, epoch)
	b = append(b, info.Fingerprint[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(wrapped)))
	return s.seal(append(b, wrapped...))
}

// SealPair is the seal of a custody pair.
func (s *Secret) SealPair(p *Pair) Seal { return s.seal(append([]byte(pairLabel), p.Ref[:]...)) }

func (s *Secret) seal(message []byte) Seal {
	m := hmac.New(sha256.New, s[:])
	m.Write(message)
	return Seal(m.Sum(nil)[:len(Seal{})])
}

// appendKey appends what every wrap of a key is bound to.
func appendKey(b []byte, info Info) []byte {
	b = append(b, info.ID[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(info.Class)))
	b = append(b, info.Class...)
	return append(b, info.Owner[:]...)
}

package tests

import (
	"bytes"
	"crypto/aes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/keyvault"
)

var forge = flag.Bool("forge", false, "forge the AES-GCM pair of the published vectors again")

// forgedPair is one ciphertext and tag which AES-256-GCM opens under two keys, with the same nonce and the
// same bound bytes, to two contents in canonical form whose JSON gives two different marks. Whoever holds the
// keys could seal one and show the other.
type forgedPair struct {
	Header   headerFields `json:"header"`
	Commit   hexBytes     `json:"commit"` // of no content: bound like a true one
	Nonce    hexBytes     `json:"nonce"`
	Sealed   hexBytes     `json:"sealed"`
	Openings [2]opening   `json:"openings"`
}

type opening struct {
	Key   hexBytes `json:"key"`
	Value int      `json:"value"` // hundredths, in the JSON of the content
	Plain hexBytes `json:"plain"` // salt and content
}

const forgedFile = "forged.json"

func TestForgedPairIsRefused(t *testing.T) {
	if *forge {
		forgePair(t)
	}
	data, err := os.ReadFile(filepath.Join(vectorsFolder, forgedFile))
	if err != nil {
		t.Fatal(err)
	}
	var pair forgedPair
	if err := json.Unmarshal(data, &pair); err != nil {
		t.Fatal(err)
	}
	h := pair.Header.header()
	header, err := h.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}

	// A reader that trusts AES-GCM, even one that checks every byte of the form, accepts both.
	var commits [2][32]byte
	for i, o := range pair.Openings {
		plain, err := gcm(t, o.Key).Open(nil, pair.Nonce, pair.Sealed[len(pair.Nonce):], append(bytes.Clone(header), pair.Commit...))
		if err != nil || !bytes.Equal(plain, o.Plain) {
			t.Fatalf("the fixture proves nothing: AES-GCM refuses key %d: %v", i, err)
		}
		content, err := eventstore.ParseContent(plain[eventstore.SaltSize:])
		if err != nil {
			t.Fatalf("the fixture proves nothing: key %d: %v", i, err)
		}
		var event struct {
			Value int    `json:"value"`
			Text  string `json:"text"`
		}
		if err := json.Unmarshal(content.Payload, &event); err != nil || event.Value != o.Value {
			t.Fatalf("the fixture proves nothing: key %d gives %d, %v", i, event.Value, err)
		}
		commits[i] = eventstore.Commitment(header, plain[:eventstore.SaltSize], plain[eventstore.SaltSize:])
	}
	if pair.Openings[0].Value == pair.Openings[1].Value || commits[0] == commits[1] {
		t.Fatal("the fixture proves nothing: both openings are one")
	}

	// Ours accepts neither under the commitment it was forged with, and never both under any other.
	for _, commit := range [][32]byte{[32]byte(pair.Commit), commits[0], commits[1], {}} {
		e, opened := eventstore.Envelope{Header: h, Commit: commit, Sealed: pair.Sealed}, 0
		for i, o := range pair.Openings {
			key, err := keyvault.NewKey(h.Key, keyvault.Record, [keyvault.KeySize]byte(o.Key))
			if err != nil {
				t.Fatal(err)
			}
			if _, err = keyvault.OpenEvent(key, &e); err == nil {
				opened++
			} else if !errors.Is(err, keyvault.ErrCorrupt) {
				t.Errorf("key %d is refused with %v", i, err)
			}
		}
		if opened == 2 || opened == 1 && commit == [32]byte(pair.Commit) {
			t.Errorf("the forged envelope opens under %d keys", opened)
		}
	}
}

// forgePair forges the pair. The first content has a role of seven letters and the second one of forty bytes,
// so that what each needs to say stands where the other holds any bytes (of a person, or inside a text): the
// ciphertext is chosen there for one key only. Both need the role's length and the end of the JSON, four bytes
// at the same places: a birthday search among keys. The salt is free, and one block of it makes both tags
// equal, which is one linear equation over GF(2^128).
func forgePair(t *testing.T) {
	const blocks, first = 18, eventstore.SaltSize / 16 // of the whole, and before the content
	pair := forgedPair{
		Header: headerFields{
			Ledger: uuid.MustParse("7c0d1f3a-5c52-4b7e-9d57-1b2a3c4d5e6f"), Stream: "record-6f1c2b3a-4d5e-4f60-8a7b-9c0d1e2f3a4b",
			Sequence: 3, Type: "record.PeriodAverageRecorded", Schema: 1, Event: uuid.MustParse("0f5e2d4c-7b6a-8d9e-8f10-112233445566"),
			Key: uuid.MustParse("b2a19f8e-7d6c-4b5a-9483-726150403f2e"), RecordedAt: 1782820800123456,
		},
		Commit: bytes.Repeat([]byte{0xc0}, 32), Nonce: bytes.Repeat([]byte{0x10}, 12),
	}
	h := pair.Header.header()
	header, err := h.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	bound := append(header, pair.Commit...)
	said := [2]*saying{say("teacher", 7, 1800), say("", 40, 800)}

	stream := func(key [32]byte, from, to int) []byte { // of blocks; the tag's mask is block -1
		c, err := aes.NewCipher(key[:])
		if err != nil {
			t.Fatal(err)
		}
		var out []byte
		for i := from; i < to; i++ {
			block := binary.BigEndian.AppendUint32(bytes.Clone(pair.Nonce), uint32(2+i))
			c.Encrypt(block, block)
			out = append(out, block...)
		}
		return out
	}
	candidate := func(i uint32) [32]byte {
		return sha256.Sum256(binary.BigEndian.AppendUint32([]byte("forged pair of AES-GCM, key "), i))
	}
	var keys [2][32]byte
	var sealed []byte
	seen := make(map[[4]byte]uint32)
	for i := uint32(0); sealed == nil; i++ {
		key := candidate(i)
		begin, end := stream(key, first, first+1), stream(key, blocks-1, blocks)
		met := [4]byte{begin[0], begin[1], end[14], end[15]}
		other, ok := seen[[4]byte{met[0] ^ said[0].must[0] ^ said[1].must[0], met[1] ^ said[0].must[1] ^ said[1].must[1], met[2], met[3]}]
		if seen[met] = i; !ok {
			continue
		}
		keys = [2][32]byte{candidate(other), key}
		if text := cipherFor(said, stream(keys[0], first, blocks), stream(keys[1], first, blocks)); text != nil {
			sealed = append(make([]byte, eventstore.SaltSize), text...)
		}
	}

	hashed := append(bytes.Clone(bound), make([]byte, -len(bound)&15)...)
	hashed = append(hashed, sealed...)
	hashed = binary.BigEndian.AppendUint64(hashed, uint64(len(bound)*8))
	hashed = binary.BigEndian.AppendUint64(hashed, uint64(len(sealed)*8))
	// tag = mask + GHASH, in which the salt's first block counts times h to the power of what follows it.
	var sum, factor element
	for _, key := range keys {
		c, _ := aes.NewCipher(key[:])
		var zero [16]byte
		c.Encrypt(zero[:], zero[:])
		hash, y, power := newElement(zero[:]), element{}, element{high: 1 << 63}
		for i := 0; i < len(hashed); i += 16 {
			y = y.add(newElement(hashed[i : i+16])).mul(hash)
		}
		for range blocks + 1 {
			power = power.mul(hash)
		}
		sum, factor = sum.add(y).add(newElement(stream(key, -1, 0))), factor.add(power)
	}
	copy(sealed, sum.mul(factor.inverse()).bytes())

	for i, key := range keys {
		plain := stream(key, 0, blocks)
		for j := range plain {
			plain[j] ^= sealed[j]
		}
		whole := gcm(t, key[:]).Seal(bytes.Clone(pair.Nonce), pair.Nonce, plain, bound)
		if i == 1 && !bytes.Equal(whole, pair.Sealed) {
			t.Fatal("the forgery failed")
		}
		pair.Sealed, pair.Openings[i] = whole, opening{key[:], said[i].value, plain}
	}
	data, err := json.MarshalIndent(pair, "", "\t")
	if err == nil {
		err = os.WriteFile(filepath.Join(vectorsFolder, forgedFile), append(data, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// saying is what a content of 256 bytes must say, and where.
type saying struct {
	value int
	must  map[int]byte
	text  int // from here on, all is the text of a JSON string, to the end that must says
}

func say(role string, roleSize, value int) *saying {
	s := &saying{value: value, must: make(map[int]byte)}
	put := func(at int, b []byte) int {
		for i := range b {
			s.must[at+i] = b[i]
		}
		return at + len(b)
	}
	put(put(0, binary.BigEndian.AppendUint16(nil, uint16(roleSize))), []byte(role))
	at := 2 + roleSize + 16 + 16 + 8 // person, cause and time are any
	at = put(at, binary.BigEndian.AppendUint32(nil, uint32(256-at-4)))
	s.text = put(at, fmt.Appendf(nil, `{"value":%d,"text":"`, value))
	put(254, []byte(`"}`))
	return s
}

// cipherFor finds the ciphertext that says both under two key streams, or nil.
func cipherFor(said [2]*saying, first, second []byte) []byte {
	under := [2][]byte{first, second}
	text := make([]byte, 256)
	for at := range text {
		best := -1
		for c := range 256 {
			rank := 2
			for i, s := range said {
				plain := byte(c) ^ under[i][at]
				must, ok := s.must[at]
				switch inText := at >= s.text && at < 254; {
				case ok && plain != must, inText && !ok && (plain < ' ' || plain == '"' || plain == '\\'):
					rank = -1
				case rank > 0 && inText && plain > '~':
					rank--
				}
				if rank < 0 {
					break
				}
			}
			if rank > best {
				best, text[at] = rank, byte(c)
			}
		}
		if best < 0 {
			return nil
		}
	}
	return text
}

// element is one of GF(2^128) in the bit order of GCM (NIST SP 800-38D, §6.3): the first bit of the first
// byte is the coefficient of x⁰.
type element struct{ high, low uint64 }

func newElement(b []byte) element {
	return element{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

func (x element) bytes() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, x.high), x.low)
}

func (x element) add(y element) element { return element{x.high ^ y.high, x.low ^ y.low} }

func (x element) mul(y element) (z element) {
	for i := range 128 {
		word := x.high
		if i >= 64 {
			word = x.low
		}
		if word>>(63-i%64)&1 == 1 {
			z = z.add(y)
		}
		carry := y.low & 1
		if y.high, y.low = y.high>>1, y.low>>1|y.high<<63; carry == 1 {
			y.high ^= 0xe1 << 56
		}
	}
	return z
}

// inverse is x to the power 2^128-2.
func (x element) inverse() element {
	result, square := element{high: 1 << 63}, x
	for range 127 {
		square = square.mul(square)
		result = result.mul(square)
	}
	return result
}

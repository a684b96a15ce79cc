package eventstore

import "encoding/json"

// Aside is what of an envelope stands beside its sealed bytes where a store or a wire has no place for it: as JSON, in the
// metadata of an event of which the sealed bytes are the data. docs/format.md has it.
type Aside struct {
	Header []byte `json:"header"`
	Commit []byte `json:"commit"`
	Digest []byte `json:"digest,omitempty"` // only of sealed bytes that were deleted
}

// Aside is that of an envelope, as JSON. It fails with the error of Header.AppendBinary.
func (e *Envelope) Aside() ([]byte, error) {
	header, err := e.Header.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	aside := Aside{Header: header, Commit: e.Commit[:]}
	if e.Sealed == nil {
		aside.Digest = e.Digest[:]
	}
	return json.Marshal(aside)
}

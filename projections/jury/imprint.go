package jury

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
)

// canonical is the bytes that a visa is for: the JSON of what is shown of the livret, without how far the jury is
// with the candidate, which each act of the jury changes.
func (d Dossier) canonical() ([]byte, error) {
	d.Standing, d.Imprint = Standing{}, ""
	return json.Marshal(struct {
		View string `json:"view"`
		Dossier
	}{Name, d})
}

// imprint hashes what is shown under a salt of the candidate's own: without the salt, which is his key's, nobody
// can try marks until one fits.
func imprint(salt, canonical []byte) []byte {
	m := hmac.New(sha256.New, salt)
	m.Write(canonical)
	return m.Sum(nil)
}

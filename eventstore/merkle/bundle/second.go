package bundle

import _ "embed"

//go:embed verifier.py
var verifier string

// SecondVerifier is the source of the second verifier, which every archive brings along: python3's standard library and
// openssl, nothing of this program.
func SecondVerifier() []byte { return []byte(verifier) }

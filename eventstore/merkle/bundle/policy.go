package bundle

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
)

// Policy is whom a verifier believes. It must come from elsewhere than the bundle: an archive that vouches for itself
// proves nothing.
type Policy struct {
	Log      []note.Verifier // keys of the ledger, the present one and those before
	Quorum   witness.Group   // of witnesses who must have cosigned; none by default
	Witness  []note.Verifier // keys of witnesses, of the quorum or not
	Roots    *x509.CertPool  // of time-stamping authorities; nil: none is believed
	Supplied bool            // by the verifier, and not by the bundle
}

// ParsePolicy reads a policy in the form of C2SP tlog-policy: "log" lines with keys of the ledger, "witness", "group"
// and "quorum" lines. Roots are PEM certificates, and may be empty.
func ParsePolicy(text, roots []byte) (Policy, error) {
	var p Policy
	var err error
	if p.Quorum, err = witness.ParsePolicy(text); err != nil {
		return p, fmt.Errorf("bundle: policy: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		switch {
		case len(fields) > 1 && fields[0] == "log":
			v, err := note.NewVerifier(fields[1])
			if err != nil {
				return p, fmt.Errorf("bundle: policy: %w", err)
			}
			p.Log = append(p.Log, v)
		case len(fields) > 2 && fields[0] == "witness":
			v, err := cosignature.NewVerifierForCosignatureV1(fields[2])
			if err != nil {
				return p, fmt.Errorf("bundle: policy: %w", err)
			}
			if slices.ContainsFunc(p.Witness, func(w note.Verifier) bool { return w.Name() == v.Name() && w.KeyHash() == v.KeyHash() }) {
				return p, fmt.Errorf("bundle: policy: witness %s stands twice, and would count as two", v.Name())
			}
			p.Witness = append(p.Witness, v)
		}
	}
	if len(p.Log) == 0 {
		return p, fmt.Errorf("bundle: policy: no key of the ledger")
	}
	if len(roots) > 0 {
		p.Roots = x509.NewCertPool()
		if !p.Roots.AppendCertsFromPEM(roots) {
			return p, fmt.Errorf("bundle: policy: no certificate among the roots")
		}
	}
	return p, nil
}

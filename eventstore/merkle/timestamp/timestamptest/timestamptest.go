// Package timestamptest is a time-stamping authority to test with: a real one, over HTTP, with a root of its own, that
// can be made to fail in each of the ways in which one does.
package timestamptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/digitorus/timestamp"
)

// Fault is a way in which the authority fails.
type Fault string

// The faults.
const (
	None       Fault = ""
	Slow       Fault = "slow" // it does not answer until who asked went away
	Down       Fault = "down" // HTTP 500
	Garbage    Fault = "garbage"
	Rejecting  Fault = "rejecting"   // a well-formed refusal (RFC 3161, 2.4.2)
	OtherNonce Fault = "other-nonce" // a token made for somebody else
	OtherBytes Fault = "other-bytes" // a token over something else
	Expired    Fault = "expired"     // its certificate is
	Stranger   Fault = "stranger"    // its certificate leads to another root
	NoChain    Fault = "no-chain"    // the token comes without certificate
)

// Faults lists them.
func Faults() []Fault {
	return []Fault{Slow, Down, Garbage, Rejecting, OtherNonce, OtherBytes, Expired, Stranger, NoChain}
}

// Authority is one that listens on loopback. Who makes it closes it.
type Authority struct {
	*httptest.Server
	Roots []byte // PEM

	fault                    atomic.Value
	signer, expired, unknown identity
}

type identity struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

// New makes an authority, which answers.
func New() (*Authority, error) {
	root, err := rooted(nil, "Racine", time.Now().AddDate(1, 0, 0))
	if err != nil {
		return nil, err
	}
	a := &Authority{Roots: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.certificate.Raw})}
	other, err := rooted(nil, "Autre racine", time.Now().AddDate(1, 0, 0))
	if err != nil {
		return nil, err
	}
	var failed [3]error
	a.signer, failed[0] = rooted(&root, "Horodatage", time.Now().AddDate(0, 1, 0))
	a.expired, failed[1] = rooted(&root, "Horodatage", time.Now().Add(-time.Hour))
	a.unknown, failed[2] = rooted(&other, "Horodatage", time.Now().AddDate(0, 1, 0))
	if err := errors.Join(failed[:]...); err != nil {
		return nil, err
	}
	a.Fail(None)
	a.Server = httptest.NewServer(http.HandlerFunc(a.answer))
	return a, nil
}

// Fail makes the authority fail from now on, or answer again.
func (a *Authority) Fail(f Fault) { a.fault.Store(f) }

// timeStamping is the one use of the authority's certificate, critical as RFC 3161, 2.3 wants it.
var timeStamping = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3, 8}}

// rooted makes a root, or a time-stamping certificate under one.
func rooted(root *identity, name string, until time.Time) (identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return identity{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: until, BasicConstraintsValid: true,
	}
	parent := &identity{key, template}
	if root == nil {
		template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign
	} else {
		parent, template.KeyUsage, template.ExtraExtensions = root, x509.KeyUsageDigitalSignature, []pkix.Extension{timeStamping}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.certificate, key.Public(), parent.key)
	if err != nil {
		return identity{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	return identity{key, certificate}, err
}

func (a *Authority) answer(w http.ResponseWriter, r *http.Request) {
	query, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	asked, err := timestamp.ParseRequest(query)
	if err != nil {
		http.Error(w, "not a query", http.StatusBadRequest)
		return
	}
	by := a.signer
	answer := timestamp.Timestamp{
		HashAlgorithm: asked.HashAlgorithm, HashedMessage: asked.HashedMessage, Nonce: asked.Nonce, Time: time.Now(),
		Accuracy: time.Second, Policy: asn1.ObjectIdentifier{1, 2, 3, 4, 1}, AddTSACertificate: true,
	}
	switch a.fault.Load() {
	case Slow:
		<-r.Context().Done()
		return
	case Down:
		http.Error(w, "down", http.StatusInternalServerError)
		return
	case Garbage:
		w.Write([]byte("<html>maintenance</html>"))
		return
	case Rejecting:
		refusal, _ := timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.BadAlgorithm)
		w.Write(refusal)
		return
	case OtherNonce:
		answer.Nonce = big.NewInt(1)
	case OtherBytes:
		answer.HashedMessage = append([]byte{^asked.HashedMessage[0]}, asked.HashedMessage[1:]...)
	case Expired:
		by = a.expired
	case Stranger:
		by = a.unknown
	case NoChain:
		answer.AddTSACertificate = false
	}
	response, err := answer.CreateResponseWithOpts(by.certificate, by.key, crypto.SHA256)
	if err != nil {
		http.Error(w, "cannot sign", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(response)
}

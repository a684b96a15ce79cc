package timestamp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	rfc3161 "github.com/digitorus/timestamp"

	"livret/eventstore/merkle/timestamp"
)

// authority is a time-stamping authority made of openssl, with a root of its own.
type authority struct {
	*httptest.Server
	dir   string
	roots *x509.CertPool
}

const openssl = `
[tsa]
default_tsa = authority
[authority]
serial = serial
signer_cert = tsa.pem
certs = root.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[stamping]
extendedKeyUsage = critical,timeStamping
`

func newAuthority(t *testing.T) *authority {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIPPED: no openssl here to be a time-stamping authority")
	}
	a := &authority{dir: t.TempDir(), roots: x509.NewCertPool()}
	a.write(t, "serial", "01")
	a.write(t, "ts.cnf", openssl)
	a.run(t, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Racine", "-days", "30")
	a.run(t, "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Horodatage")
	a.run(t, "openssl", "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-out", "tsa.pem", "-days", "20", "-extfile", "ts.cnf", "-extensions", "stamping")
	root, err := os.ReadFile(filepath.Join(a.dir, "root.pem"))
	if err != nil || !a.roots.AppendCertsFromPEM(root) {
		t.Fatal("no root", err)
	}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, _ := io.ReadAll(r.Body)
		a.write(t, "query.tsq", string(query))
		a.run(t, "openssl", "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr")
		http.ServeFile(w, r, filepath.Join(a.dir, "reply.tsr"))
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *authority) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a *authority) run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = a.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s %v: %v\n%s", name, args, err, out)
	}
}

func TestATokenIsBelievedOnceAllOfItHolds(t *testing.T) {
	a := newAuthority(t)
	over := []byte("livret/01000000-0000-0000-0000-000000000000\n42\n")
	token, stamp, err := timestamp.Authority{URL: a.URL, Roots: a.roots}.Ask(t.Context(), over)
	if err != nil {
		t.Fatal(err)
	}
	if since := time.Since(stamp.Time); since < -2*time.Second || since > time.Minute || stamp.Accuracy != time.Second || stamp.Authority != "CN=Horodatage" {
		t.Errorf("stamped %+v, %s ago", stamp, since)
	}
	if again, err := timestamp.Verify(token, over, a.roots); err != nil || again != stamp {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := timestamp.Verify(token, over[1:], a.roots); !errors.Is(err, timestamp.ErrInvalid) {
		t.Errorf("over other bytes: %v", err)
	}
	if _, err := timestamp.Verify(token, over, newAuthority(t).roots); !errors.Is(err, timestamp.ErrUntrusted) {
		t.Errorf("with other roots: %v", err)
	}
	if _, err := timestamp.Verify(token, over, x509.NewCertPool()); !errors.Is(err, timestamp.ErrUntrusted) {
		t.Errorf("without roots: %v", err)
	}
	for i := range token {
		spoilt := append([]byte(nil), token...)
		spoilt[i] ^= 0x20
		if s, err := timestamp.Verify(spoilt, over, a.roots); err == nil && s != stamp {
			t.Fatalf("byte %d changed: it says %+v", i, s)
		}
	}
}

// A certificate that is also good for something else, or that does not say critically what it is for, may have been
// given to anybody.
func TestACertificateForAnythingElseStampsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		usages   []asn1.ObjectIdentifier
		critical bool
		want     error
	}{
		"for time":                {[]asn1.ObjectIdentifier{stamping}, true, nil},
		"not critically":          {[]asn1.ObjectIdentifier{stamping}, false, timestamp.ErrInvalid},
		"for code besides":        {[]asn1.ObjectIdentifier{stamping, codeSigning}, true, timestamp.ErrInvalid},
		"for code only":           {[]asn1.ObjectIdentifier{codeSigning}, true, timestamp.ErrInvalid},
		"for what nobody knows":   {[]asn1.ObjectIdentifier{stamping, {1, 2, 3}}, true, timestamp.ErrInvalid},
		"for nothing said at all": {nil, true, timestamp.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			token, roots := stampedWith(t, c.usages, c.critical)
			if _, err := timestamp.Verify(token, []byte("x"), roots); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

var (
	stamping    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	codeSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 3}
)

// stampedWith is a token over "x" by a self-signed certificate for some uses.
func stampedWith(t *testing.T, usages []asn1.ObjectIdentifier, critical bool) ([]byte, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Horodatage"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if usages != nil {
		value, err := asn1.Marshal(usages)
		if err != nil {
			t.Fatal(err)
		}
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: value}}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("x"))
	stamp := rfc3161.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: time.Now(), Policy: asn1.ObjectIdentifier{1, 2, 3}, AddTSACertificate: true}
	response, err := stamp.CreateResponseWithOpts(certificate, key, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	granted, err := rfc3161.ParseResponse(response)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return granted.RawToken, roots
}

func TestAnAuthorityThatDoesNotAnswer(t *testing.T) {
	down := httptest.NewServer(http.NotFoundHandler())
	defer down.Close()
	if _, _, err := (timestamp.Authority{URL: down.URL, Roots: x509.NewCertPool()}).Ask(t.Context(), []byte("x")); err == nil || errors.Is(err, timestamp.ErrInvalid) {
		t.Errorf("404: %v", err)
	}
	babbling := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hello")) }))
	defer babbling.Close()
	if _, _, err := (timestamp.Authority{URL: babbling.URL, Roots: x509.NewCertPool()}).Ask(t.Context(), []byte("x")); !errors.Is(err, timestamp.ErrInvalid) {
		t.Errorf("babble: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte("\x30\x80\x06\x09"))
	f.Fuzz(func(t *testing.T, token []byte) {
		if _, err := timestamp.Verify(token, []byte("x"), x509.NewCertPool()); err == nil {
			t.Fatal("believed without a root")
		}
	})
}

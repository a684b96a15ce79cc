package timestamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net/http"

	"github.com/digitorus/timestamp"
)

// Authority is a time-stamping authority, asked over HTTP (RFC 3161, 3.4). It learns a digest and nothing else.
type Authority struct {
	URL    string
	Roots  *x509.CertPool // of the authority; what it answers is verified before it is kept
	Client *http.Client   // nil: http.DefaultClient
}

const maxResponse = 64 << 10 // bytes

// Ask asks for a token over some bytes and answers it verified. The nonce makes it a new one. Errors that are
// neither ErrInvalid nor ErrUntrusted are of the way to the authority: ask again later.
func (a Authority) Ask(ctx context.Context, over []byte) (token []byte, s Stamp, err error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, Stamp{}, err
	}
	asked, err := timestamp.CreateRequest(bytes.NewReader(over), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true, Nonce: nonce})
	if err != nil {
		return nil, Stamp{}, err
	}
	answer, err := a.post(ctx, asked)
	if err != nil {
		return nil, Stamp{}, err
	}
	granted, err := parseResponse(answer)
	if err != nil {
		return nil, Stamp{}, err
	}
	if granted.Nonce == nil || granted.Nonce.Cmp(nonce) != 0 {
		return nil, Stamp{}, fmt.Errorf("%w: it answers another request", ErrInvalid)
	}
	s, err = Verify(granted.RawToken, over, a.Roots)
	return granted.RawToken, s, err
}

// parseResponse reads an answer; what the library panics on is malformed.
func parseResponse(answer []byte) (granted *timestamp.Timestamp, err error) {
	defer func() {
		if recover() != nil {
			granted, err = nil, fmt.Errorf("%w: malformed", ErrInvalid)
		}
	}()
	if granted, err = timestamp.ParseResponse(answer); err != nil {
		err = fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return granted, err
}

func (a Authority) post(ctx context.Context, request []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/timestamp-query")
	client := a.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("timestamp: the authority answers %s", answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, maxResponse))
}

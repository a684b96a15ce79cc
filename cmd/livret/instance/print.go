package instance

import (
	"context"
	"crypto/hmac"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// A printed livret bears a code by which anybody can check that this ledger issued it: the day, then a keyed hash
// (HMAC under the vault's secret, cut at 64 bits) of the livret, of what it says and of that day. The vault keeps a
// blind claim of each code issued; it dies with the keys of the livret, and the code is then like any other that
// was never issued.
const (
	claimPrint = "print"
	macSize    = 8
	codeGroup  = 4 // characters between two dashes
)

var (
	codeAlphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding) // Crockford's: no I, L, O, U
	codeMistyped = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1")
	codeEpoch    = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// Print is a livret ready to be printed: the code that checks it, and the day it was issued.
type Print struct {
	Code string      `json:"code"`
	On   domain.Date `json:"on"`
}

// Print issues the code of a livret as it is today, for an actor who may print it. Asked again, it is the same.
func (i *Instance) Print(ctx context.Context, actor access.Actor, livret uuid.UUID) (Print, error) {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return Print{}, err
	}
	exam, err := i.ExamOf(ctx, on)
	if err != nil {
		return Print{}, err
	}
	on.Deliberated = exam.Closed
	if err := access.May(actor, access.PrintLivret, on, i.Today()); err != nil {
		return Print{}, err
	}
	said, err := i.says(ctx, livret)
	if err != nil {
		return Print{}, err
	}
	p := Print{On: i.Today()}
	code := append(dayOf(p.On), i.printMAC(livret, said, p.On)...)
	if _, err := i.vault.Resolve(ctx, keyvault.Claim{Kind: claimPrint, Parts: []string{string(code)}, Owner: livret}); err != nil {
		return Print{}, err
	}
	p.Code = writeCode(code)
	return p, nil
}

// Standings of a code.
const (
	CodeUnknown  = "inconnu" // never issued, mistyped, or its livret was destroyed: nobody can tell which
	CodeCurrent  = "actuel"  // issued, for what the livret still says
	CodeOutdated = "depasse" // issued, for what the livret said then
	CodeArchived = "archive" // issued; what the livret says now is in custody
)

// Verified is what may be said to anybody of a code.
type Verified struct {
	Standing string      `json:"standing"`
	On       domain.Date `json:"on,omitzero"` // of issue, if it was issued
}

// Verify checks the code of a printed livret. It asks for no right: who holds the paper reads more on it than the
// answer says. A code cannot be guessed, and one that is unknown is always answered alike.
func (i *Instance) Verify(ctx context.Context, typed string) (Verified, error) {
	unknown := Verified{Standing: CodeUnknown}
	code, err := codeAlphabet.DecodeString(codeMistyped.Replace(strings.ToUpper(strings.TrimSpace(typed))))
	if err != nil || len(code) != 2+macSize {
		return unknown, nil
	}
	livret, err := i.vault.Lookup(ctx, claimPrint, string(code))
	if errors.Is(err, keyvault.ErrUnknown) {
		return unknown, nil
	} else if err != nil {
		return unknown, err
	}
	v := Verified{Standing: CodeOutdated, On: domain.DateOf(codeEpoch.AddDate(0, 0, int(binary.BigEndian.Uint16(code))))}
	said, err := i.says(ctx, livret)
	switch {
	case errors.Is(err, keyvault.ErrShredded):
		return unknown, nil
	case errors.Is(err, keyvault.ErrArchived):
		v.Standing = CodeArchived
	case err != nil:
		return unknown, err
	case hmac.Equal(code[2:], i.printMAC(livret, said, v.On)):
		v.Standing = CodeCurrent
	}
	return v, nil
}

// says names what a livret says now: the versions of its two streams, as far as they are printed.
func (i *Instance) says(ctx context.Context, livret uuid.UUID) (string, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, livret)
	if err != nil {
		return "", err
	}
	_, who, err := ledger.Load(ctx, i.Ledger, identity.PupilDecider, livret)
	return fmt.Sprintf("%d/%d", state.ContentVersion(), who), err
}

func (i *Instance) printMAC(livret uuid.UUID, said string, on domain.Date) []byte {
	return i.vault.Label(claimPrint, livret.String(), said, on.String())[:macSize]
}

// dayOf is a day in two bytes: days since 2000.
func dayOf(on domain.Date) []byte {
	day, _ := time.Parse(time.DateOnly, on.String())
	return binary.BigEndian.AppendUint16(nil, uint16(day.Sub(codeEpoch)/(24*time.Hour)))
}

func writeCode(code []byte) string {
	text := codeAlphabet.EncodeToString(code)
	var groups []string
	for len(text) > codeGroup {
		groups, text = append(groups, text[:codeGroup]), text[codeGroup:]
	}
	return strings.Join(append(groups, text), "-")
}

package instance_test

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/eventstore/merkle/timestamp"
	"livret/eventstore/merkle/timestamp/timestamptest"
)

var exploitant = access.Actor{Actor: domain.Actor{Role: access.Exploitant}}

// dated is a ledger that has an authority, and a clock that a test moves.
type dated struct {
	*instance.Instance
	dir       string
	now       time.Time
	authority *timestamptest.Authority
}

func newDated(t *testing.T) *dated {
	t.Helper()
	authority, err := timestamptest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(authority.Close)
	d := &dated{dir: filepath.Join(t.TempDir(), "ledger"), now: time.Date(2018, time.July, 5, 8, 0, 0, 0, time.UTC), authority: authority}
	if _, err := instance.Init(d.dir, "08"); err != nil {
		t.Fatal(err)
	}
	d.open(t)
	t.Cleanup(func() { d.Close() })
	if err := d.NameAuthority(exploitant, instance.Authority{URL: authority.URL, Roots: string(authority.Roots)}); err != nil {
		t.Fatal(err)
	}
	d.fact(t, deliberation.Juin)
	return d
}

func (d *dated) open(t *testing.T) {
	t.Helper()
	var err error
	if d.Instance, err = instance.Open(t.Context(), d.dir, instance.Options{Now: func() time.Time { return d.now }}); err != nil {
		t.Fatal(err)
	}
}

func (d *dated) fact(t *testing.T, round string) {
	t.Helper()
	if _, err := d.OpenSession(t.Context(), exploitant, deliberation.ExamSession{Year: 2018, Round: round}); err != nil {
		t.Fatal(err)
	}
}

func (d *dated) stamps(t *testing.T) int {
	t.Helper()
	stamps, err := d.Stamps(t.Context(), 0, 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(d.authority.Roots)
	for _, s := range stamps {
		if _, err := timestamp.Verify(s.Token, s.Note, roots); err != nil {
			t.Errorf("the token over %d leaves: %v", s.Size, err)
		}
	}
	return len(stamps)
}

// Each day the ledger is dated, and each token is a fact that the next one covers.
func TestEachDayTheLedgerIsDated(t *testing.T) {
	d := newDated(t)
	for day := range 3 {
		for range 3 {
			if due, err := d.TimestampIfDue(t.Context()); err != nil {
				t.Fatal(day, due, err)
			}
		}
		if n := d.stamps(t); n != day+1 {
			t.Errorf("day %d: %d tokens", day, n)
		}
		d.now = d.now.AddDate(0, 0, 1)
	}
	stamps, _ := d.Stamps(t.Context(), 0, 1<<62)
	for n := 1; n < len(stamps); n++ {
		if stamps[n].Size <= stamps[n-1].Size {
			t.Errorf("token %d does not cover the one before", n)
		}
	}
	if some, err := d.Stamps(t.Context(), stamps[1].Size, stamps[1].Size); err != nil || len(some) != 1 {
		t.Errorf("of one checkpoint: %d, %v", len(some), err)
	}
}

// Whatever the authority answers, nothing but a token over these bytes is kept, and nothing is lost.
func TestAnAuthorityThatFails(t *testing.T) {
	want := map[timestamptest.Fault]error{
		timestamptest.Garbage: timestamp.ErrInvalid, timestamptest.Rejecting: timestamp.ErrInvalid, timestamptest.OtherNonce: timestamp.ErrInvalid,
		timestamptest.OtherBytes: timestamp.ErrInvalid, timestamptest.NoChain: timestamp.ErrInvalid,
		timestamptest.Expired: timestamp.ErrInvalid, timestamptest.Stranger: timestamp.ErrUntrusted,
	}
	d := newDated(t)
	for _, fault := range timestamptest.Faults() {
		t.Run(string(fault), func(t *testing.T) {
			d.authority.Fail(fault)
			ctx := t.Context()
			if fault == timestamptest.Slow {
				var enough func()
				ctx, enough = context.WithTimeout(ctx, 200*time.Millisecond)
				defer enough()
			}
			before := d.stamps(t)
			if _, err := d.Timestamp(ctx, exploitant, ""); err == nil || want[fault] != nil && !errors.Is(err, want[fault]) {
				t.Errorf("%v", err)
			}
			if n := d.stamps(t); n != before {
				t.Errorf("%d tokens, there were %d", n, before)
			}
			d.authority.Fail(timestamptest.None)
			if _, err := d.Timestamp(t.Context(), exploitant, ""); err != nil || d.stamps(t) != before+1 {
				t.Errorf("once it answers: %v", err)
			}
		})
	}
}

// Killed between its keeping and its recording, a token is recorded with the next.
func TestATokenIsNotLost(t *testing.T) {
	d := newDated(t)
	if _, _, err := d.Checkpoint(t.Context(), exploitant); err != nil {
		t.Fatal(err)
	}
	d.Close()
	before := filepath.Join(t.TempDir(), "before")
	if err := os.CopyFS(before, os.DirFS(d.dir)); err != nil {
		t.Fatal(err)
	}
	d.open(t)
	if _, err := d.Timestamp(t.Context(), exploitant, ""); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if err := os.CopyFS(filepath.Join(before, "tree", "stamps"), os.DirFS(filepath.Join(d.dir, "tree", "stamps"))); err != nil {
		t.Fatal(err)
	}
	d.dir = before
	d.open(t)
	if n := d.stamps(t); n != 0 {
		t.Fatalf("%d tokens are recorded", n)
	}
	d.fact(t, deliberation.Septembre)
	if _, err := d.Timestamp(t.Context(), exploitant, ""); err != nil || d.stamps(t) != 2 {
		t.Errorf("%d tokens, %v", d.stamps(t), err)
	}
}

func TestAnAuthorityIsNamed(t *testing.T) {
	d := newDated(t)
	for _, wrong := range []instance.Authority{{URL: "nowhere", Roots: string(d.authority.Roots)}, {URL: "ftp://x", Roots: string(d.authority.Roots)}, {URL: d.authority.URL, Roots: "none"}} {
		if err := d.NameAuthority(exploitant, wrong); !errors.Is(err, instance.ErrUsage) {
			t.Errorf("%q: %v", wrong.URL, err)
		}
	}
	other, err := timestamptest.New()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for range 2 {
		if err := d.NameAuthority(exploitant, instance.Authority{URL: other.URL, Roots: string(other.Roots)}); err != nil {
			t.Fatal(err)
		}
	}
	named, _, err := d.Authority()
	if err != nil || named.URL != other.URL || named.Roots != string(d.authority.Roots)+string(other.Roots) {
		t.Errorf("%+v, %v", named, err)
	}
	if _, err := d.Timestamp(t.Context(), access.Actor{Actor: domain.Actor{Role: access.Eleve}}, ""); err == nil {
		t.Error("a pupil has the ledger dated")
	}
}

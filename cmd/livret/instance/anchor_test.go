package instance_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"livret/cmd/livret/instance"
	"livret/domain/deliberation"
	"livret/domain/retention"
	"livret/eventstore/merkle"
)

// anchored opens a data folder that has a second anchor.
func anchored(t *testing.T, dir, anchor string) *instance.Instance {
	t.Helper()
	now := time.Date(2018, time.July, 6, 8, 0, 0, 0, time.UTC)
	i, err := instance.Open(t.Context(), dir, instance.Options{Now: func() time.Time { return now }, Anchor: anchor})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

func authorise(t *testing.T, i *instance.Instance, reference string) {
	t.Helper()
	if _, err := i.Authorise(t.Context(), exploitant, retention.AuthoriseElimination{Reference: reference, Categories: []retention.Rule{retention.Sanction}}); err != nil {
		t.Fatal(err)
	}
}

func sign(t *testing.T, i *instance.Instance) merkle.Checkpoint {
	t.Helper()
	signed, _, err := i.Checkpoint(t.Context(), exploitant)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// A backup brings back all that was signed, dated and cosigned, and the ledger goes on from there.
func TestARestoredLedgerContinuesWhatWasSigned(t *testing.T) {
	d := newDated(t)
	if _, err := d.Timestamp(t.Context(), exploitant, ""); err != nil {
		t.Fatal(err)
	}
	first := sign(t, d.Instance)
	policy, err := d.Policy()
	if err != nil {
		t.Fatal(err)
	}
	d.fact(t, deliberation.Septembre)
	sets := filepath.Join(t.TempDir(), "backup")
	if _, err := d.Backup(t.Context(), exploitant, sets); err != nil {
		t.Fatal(err)
	}
	last := sign(t, d.Instance)
	if last.Size <= first.Size {
		t.Fatal("a backup signs what it is of")
	}
	if _, err := os.Stat(filepath.Join(sets, "log", "signing.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the key that signs lies beside the log")
	}
	to := filepath.Join(t.TempDir(), "again")
	if _, err := instance.Restore(t.Context(), exploitant, instance.Restoration{From: sets, To: to, RegisterLost: true, Now: func() time.Time { return d.now }}); err != nil {
		t.Fatal(err)
	}
	again := anchored(t, to, "")
	if n, err := again.CheckTree(t.Context()); err != nil || n <= last.Size {
		t.Errorf("%d leaves, %v", n, err)
	}
	for _, size := range []int64{first.Size, last.Size} {
		if _, err := again.Witnessed(t.Context(), size); err != nil {
			t.Errorf("the checkpoint of %d leaves: %v", size, err)
		}
	}
	if stamps, err := again.Stamps(t.Context(), 0, first.Size); err != nil || len(stamps) != 1 {
		t.Errorf("%d tokens, %v", len(stamps), err)
	}
	if _, named, err := again.Authority(); err != nil || !named {
		t.Error("the authority is forgotten", err)
	}
	if restored, err := again.Policy(); err != nil || !bytes.Equal(restored, policy) {
		t.Errorf("another policy: %s %v", restored, err)
	}
	authorise(t, again, "AP-1")
	if next := sign(t, again); next.Size <= last.Size {
		t.Errorf("%+v", next)
	}
}

// An older folder, or an older backup, does not pass for the ledger as long as somebody else keeps what was signed since.
func TestAnOlderFolderIsNotSigned(t *testing.T) {
	dir, anchor := filepath.Join(t.TempDir(), "ledger"), t.TempDir()
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	i := anchored(t, dir, anchor)
	authorise(t, i, "AP-1")
	older := sign(t, i)
	sets := filepath.Join(t.TempDir(), "backup")
	if _, err := i.Backup(t.Context(), exploitant, sets); err != nil {
		t.Fatal(err)
	}
	i.Close()
	copied := filepath.Join(t.TempDir(), "copied")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	i = anchored(t, dir, anchor)
	authorise(t, i, "AP-2")
	newer := sign(t, i)
	if newer.Size == older.Size {
		t.Fatal("nothing was added")
	}
	old := anchored(t, copied, anchor)
	if _, _, err := old.Checkpoint(t.Context(), exploitant); !errors.Is(err, merkle.ErrForked) || !strings.Contains(err.Error(), "1 leaves, and 2 were signed on 2018-07-06") {
		t.Errorf("an older folder is signed: %v", err)
	}
	authorise(t, old, "AP-3") // it grows, otherwise
	authorise(t, old, "AP-4")
	if _, _, err := old.Checkpoint(t.Context(), exploitant); !errors.Is(err, merkle.ErrForked) {
		t.Errorf("an older folder that grew is signed: %v", err)
	}
	if _, err := old.CheckTree(t.Context()); !errors.Is(err, merkle.ErrForked) {
		t.Errorf("and checked: %v", err)
	}
	to := filepath.Join(t.TempDir(), "again")
	_, err := instance.Restore(t.Context(), exploitant, instance.Restoration{From: sets, To: to, RegisterLost: true, Anchor: anchor, Now: func() time.Time { return newer.Time }})
	if !errors.Is(err, merkle.ErrForked) {
		t.Errorf("an older backup: %v", err)
	}
	if _, err := os.Stat(to); err != nil {
		t.Error("what could be restored is there to be looked at", err)
	}
	if next := sign(t, i); next != newer { // the ledger itself goes on
		t.Errorf("%+v", next)
	}
}

// An anchor may lag behind, and catches up; one that is out of reach keeps the ledger from signing, and from nothing else.
func TestAnAnchorOutOfReach(t *testing.T) {
	dir, anchor := filepath.Join(t.TempDir(), "ledger"), filepath.Join(t.TempDir(), "volume")
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	i := anchored(t, dir, anchor)
	authorise(t, i, "AP-1")
	if _, _, err := i.Checkpoint(t.Context(), exploitant); !errors.Is(err, fs.ErrNotExist) || instance.Unproven(err) || i.Ready() != nil {
		t.Errorf("not mounted: %v", err)
	}
	if err := os.Mkdir(anchor, 0o700); err != nil {
		t.Fatal(err)
	}
	sign(t, i)
	i.Close()
	i = anchored(t, dir, "") // somebody forgets it
	authorise(t, i, "AP-2")
	last := sign(t, i)
	i.Close()
	i = anchored(t, dir, anchor)
	if again := sign(t, i); again != last {
		t.Errorf("%+v", again)
	}
	kept, err := filepath.Glob(filepath.Join(anchor, "checkpoint-*"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	if content, err := os.ReadFile(kept[0]); err != nil || !bytes.Contains(content, []byte("\n2\n")) {
		t.Errorf("the anchor keeps %s, %v", content, err)
	}
}

// A signing key that was lost is replaced; what it signed is still known, and continued.
func TestALostKeyIsReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	i := anchored(t, dir, "")
	authorise(t, i, "AP-1")
	sign(t, i)
	i.Close()
	if err := os.Remove(filepath.Join(dir, "signing.key")); err != nil {
		t.Fatal(err)
	}
	i = anchored(t, dir, "")
	authorise(t, i, "AP-2")
	if last := sign(t, i); last.Size != 2 {
		t.Errorf("%+v", last)
	}
	if n, err := i.CheckTree(t.Context()); err != nil || n != 2 {
		t.Error(n, err)
	}
	if policy, err := i.Policy(); err != nil || bytes.Count(policy, []byte("log livret/")) != 2 {
		t.Errorf("%s %v", policy, err)
	}
}

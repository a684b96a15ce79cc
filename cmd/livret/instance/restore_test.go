package instance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/retention"
	"livret/eventstore"
	events "livret/eventstore/embedded"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/intake"
)

var operator = access.Actor{Actor: domain.Actor{Role: access.Exploitant}}

// aged is a ledger of a few pupils of which all but one were destroyed, and backups of every age.
type aged struct {
	*instance.Instance
	dir     string
	now     time.Time
	backups map[string]string
	names   []string // of backups, oldest first
	livrets []uuid.UUID
}

func (a *aged) backUp(t *testing.T, name string) {
	t.Helper()
	if _, twice := a.backups[name]; twice {
		return
	}
	dir := filepath.Join(t.TempDir(), "backup")
	if _, err := a.Backup(t.Context(), operator, dir); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	a.backups[name], a.names = dir, append(a.names, name)
}

func newAged(t *testing.T) *aged {
	t.Helper()
	a := &aged{dir: t.TempDir(), now: time.Date(2018, 6, 10, 8, 0, 0, 0, time.UTC), backups: make(map[string]string)}
	files := t.TempDir()
	if err := lycee.Generate(files, 4, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := instance.Init(a.dir, "08"); err != nil {
		t.Fatal(err)
	}
	var err error
	if a.Instance, err = instance.Open(t.Context(), a.dir, instance.Options{Now: func() time.Time { return a.now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	content, err := os.ReadFile(filepath.Join(files, "siecle", "2017", "ElevesSansAdresses.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Desk(operator).Siecle(t.Context(), []intake.File{{Name: "ElevesSansAdresses.xml", Content: bytes.NewReader(content)}}, intake.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := a.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: lycee.UAI}
	list, err := a.Pupils(t.Context(), head, 2017, "")
	if err != nil || len(list) < 3 {
		t.Fatal(list, err)
	}
	for _, pupil := range list {
		a.livrets = append(a.livrets, pupil.Livret)
	}
	a.backUp(t, "before the proclamation")
	return a
}

// stepping takes a backup around each step of a destruction.
type stepping struct {
	keyvault.Custody
	log    *events.Store
	backUp func(string)
}

func (s stepping) SetStates(ctx context.Context, from, to keyvault.State, keys ...uuid.UUID) error {
	defer s.backUp(fmt.Sprint("once keys are ", to))
	return s.Custody.SetStates(ctx, from, to, keys...)
}

func (s stepping) Purge(ctx context.Context, keys ...uuid.UUID) (int, error) {
	defer s.backUp("once the log is purged")
	return s.log.Purge(ctx, keys...)
}

// destroy destroys the livrets of the session but the first, which a hold keeps.
func (a *aged) destroy(t *testing.T) {
	t.Helper()
	june := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	a.now = time.Date(2018, 7, 6, 8, 0, 0, 0, time.UTC)
	if _, err := a.Proclaim(t.Context(), operator, june, domain.NewDate(2018, time.July, 5)); err != nil {
		t.Fatal(err)
	}
	a.now = time.Date(2019, 3, 6, 8, 0, 0, 0, time.UTC)
	if _, err := a.PlaceHold(t.Context(), operator, uuid.New(), retention.OpenHold{Origin: retention.RecoursContentieux, Livrets: a.livrets[:1]}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.GiveVisa(t.Context(), operator, "AD38-2019-117", june); err != nil {
		t.Fatal(err)
	}
	a.backUp(t, "before the destruction")
	grant, err := access.Allow(operator, access.DestroyKeys, access.Target{Academie: "08"}, a.Today())
	if err != nil {
		t.Fatal(err)
	}
	store, vault := a.Parts()
	steps := stepping{Custody: vault, log: store, backUp: func(name string) { a.backUp(t, name) }}
	eraser := ledger.Eraser{Ledger: a.Ledger, Log: steps, Keys: steps, Views: a.Views}
	erased, err := eraser.Run(t.Context(), grant, a.Today())
	if err != nil || erased.Livrets != len(a.livrets)-1 || len(erased.Left) != 0 {
		t.Fatalf("%+v, %v", erased, err)
	}
	a.backUp(t, "after the destruction")
}

// secrets are what must be nowhere any more: the wraps of the keys destroyed, and what was sealed under them.
func (a *aged) secrets(t *testing.T) (secrets [][]byte) {
	t.Helper()
	dead := make(map[uuid.UUID]bool)
	_, vault := a.Parts()
	infos, err := vault.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range infos {
		dead[info.ID] = info.State == keyvault.Shredded
	}
	before := a.backups["before the destruction"]
	conn, err := sqlite3.OpenFlags(filepath.Join(before, "keys", "keys.db"), sqlite3.OPEN_READONLY)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rows, _, err := conn.Prepare(`SELECT id, wrapped FROM keys`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Step() {
		if dead[uuid.UUID(rows.ColumnRawBlob(0))] {
			secrets = append(secrets, rows.ColumnBlob(1, nil))
		}
	}
	log := filepath.Join(t.TempDir(), "events.db")
	content, err := os.ReadFile(filepath.Join(before, "log", "events.db"))
	if err := errors.Join(err, os.WriteFile(log, content, 0o600)); err != nil {
		t.Fatal(err)
	}
	store, err := events.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for e, err := range store.Read(t.Context(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if dead[e.Key] {
			secrets = append(secrets, bytes.Clone(e.Sealed))
		}
	}
	if len(secrets) < 20 {
		t.Fatalf("only %d secrets: the test cannot fail", len(secrets))
	}
	return secrets
}

// wantNowhere searches the raw bytes of every file.
func wantNowhere(t *testing.T, dir string, secrets [][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for n, secret := range secrets {
			if bytes.Contains(content, secret[:len(secret)/2]) || bytes.Contains(content, secret[len(secret)/2:]) {
				return fmt.Errorf("%s holds secret %d", path, n)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestErasedStaysErasedAfterARestore restores backups of every age, with the newest register: of who was destroyed
// nothing is in any file, and all others are intact.
func TestErasedStaysErasedAfterARestore(t *testing.T) {
	a := newAged(t)
	a.destroy(t)
	secrets := a.secrets(t)
	wantNowhere(t, a.dir, secrets)
	register := filepath.Join(a.dir, "keys", "destructions")
	if len(a.names) != 6 {
		t.Errorf("backups %q", a.names)
	}
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: lycee.UAI}
	for _, name := range a.names {
		to := filepath.Join(t.TempDir(), "data")
		restored, err := instance.Restore(t.Context(), operator, instance.Restoration{From: a.backups[name], Destructions: register, To: to, Now: func() time.Time { return a.now }})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %d keys destroyed again, %d events", name, restored.Destroyed, restored.Events)
		wantNowhere(t, to, secrets)
		i, err := instance.Open(t.Context(), to, instance.Options{Now: func() time.Time { return a.now }})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checked, err := i.Check(t.Context(), instance.Audit{})
		if err != nil || len(checked.Faults) != 0 {
			t.Errorf("%s: %+v, %v", name, checked.Faults, err)
		}
		for n, livret := range a.livrets {
			if n == 0 { // beyond his term his livret is closed, and kept
				if pupil, _, err := ledger.Load(t.Context(), i.Ledger, identity.PupilDecider, livret); err != nil || !pupil.Recorded() {
					t.Errorf("%s: who is held answers %v", name, err)
				}
				continue
			}
			if _, err := i.ShowFamily(t.Context(), head, livret); !errors.Is(err, keyvault.ErrShredded) && !errors.Is(err, instance.ErrNotFound) {
				t.Errorf("%s: who was destroyed answers %v", name, err)
			}
		}
		replayed, err := i.Replay(t.Context(), true)
		for _, view := range replayed {
			if !view.Report.Exact() {
				t.Errorf("%s: a view differs", name)
			}
		}
		if err := errors.Join(err, i.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnOldBackupDoesNotOpen lets the window pass: what was destroyed is out of reach of every backup from before.
func TestAnOldBackupDoesNotOpen(t *testing.T) {
	a := newAged(t)
	a.destroy(t)
	for range 9 {
		a.now = a.now.AddDate(0, 0, 1)
		if rotated, err := a.RotateIfDue(t.Context()); err != nil || !rotated {
			t.Fatal(rotated, err)
		}
	}
	a.backUp(t, "today")
	_, vault := a.Parts()
	status, err := vault.Status(t.Context())
	if err != nil || len(status.Epochs) != 8 {
		t.Errorf("%d wrapping keys, %v", len(status.Epochs), err)
	}
	recorded, _, err := ledger.Load(t.Context(), a.Ledger, retention.WrappingDecider, a.Settings.Ledger)
	if err != nil || len(recorded.Keys) != 8 || !recorded.Outlived(1) || recorded.Outlived(3) {
		t.Errorf("recorded %+v, %v", recorded, err)
	}
	register, live := filepath.Join(a.dir, "keys", "destructions"), filepath.Join(a.dir, "keys", "keks")
	for name, r := range map[string]instance.Restoration{
		"with the register":           {From: a.backups["before the destruction"], Destructions: register},
		"with the keys that are left": {From: a.backups["before the destruction"], KEKs: live, RegisterLost: true},
	} {
		r.To, r.Now = filepath.Join(t.TempDir(), "data"), func() time.Time { return a.now }
		_, err := instance.Restore(t.Context(), operator, r)
		if !refusedBy(err, "cle-d-enveloppe-detruite") {
			t.Errorf("%s: %v", name, err)
		}
		if entries, _ := filepath.Glob(r.To + "*"); len(entries) != 0 {
			t.Errorf("%s: it left %q", name, entries)
		}
	}
	r := instance.Restoration{From: a.backups["today"], To: filepath.Join(t.TempDir(), "data"), Now: func() time.Time { return a.now }}
	if _, err := instance.Restore(t.Context(), operator, r); !refusedBy(err, "registre-des-destructions") {
		t.Errorf("without any register: %v", err)
	}
	r.KEKs, r.Destructions = live, register
	if _, err := instance.Restore(t.Context(), operator, r); err != nil {
		t.Errorf("today's backup: %v", err)
	}
}

func refusedBy(err error, rule string) bool {
	refusal, refused := errors.AsType[*domain.Refusal](err)
	return refused && refusal.Rule == rule
}

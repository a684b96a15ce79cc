package embedded_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/embedded"
	"livret/eventstore/keyvault/keyfiles"
	"livret/eventstore/keyvault/vaulttest"
)

var day = time.Date(2018, 9, 1, 3, 0, 0, 0, time.UTC)

// content is a vault with keys in every state, and what it must go on to say.
type content struct {
	infos []keyvault.Info // active, archived, fenced, shredded, active…
	owner uuid.UUID       // of the claim "1"
}

var contentErrs = []error{nil, keyvault.ErrArchived, keyvault.ErrShredded, keyvault.ErrShredded, nil, nil}

func fill(t testing.TB, v vaulttest.Vault) content {
	t.Helper()
	births := make([]keyvault.Birth, len(contentErrs))
	for i := range births {
		births[i] = birth(uuid.New())
	}
	infos, err := v.Create(t.Context(), births...)
	if err != nil {
		t.Fatal(err)
	}
	vaulttest.Move(t, v, infos[1].ID, keyvault.Active, keyvault.Archived)
	vaulttest.Move(t, v, infos[2].ID, keyvault.Active, keyvault.Fenced)
	vaulttest.Move(t, v, infos[3].ID, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
	owners, err := v.Resolve(t.Context(), keyvault.Claim{Kind: "livret", Parts: []string{"1"}, Owner: infos[0].Owner})
	if err != nil {
		t.Fatal(err)
	}
	return content{infos, owners[0]}
}

func (c content) check(t testing.TB, v vaulttest.Vault) {
	t.Helper()
	for i, want := range contentErrs {
		key, err := v.Open(t.Context(), c.infos[i].ID)
		if !errors.Is(err, want) || want == nil && key.Fingerprint() != c.infos[i].Fingerprint {
			t.Errorf("key %d answers %v, want %v", i, err, want)
		}
	}
	if owner, err := v.Lookup(t.Context(), "livret", "1"); err != nil || owner != c.owner {
		t.Errorf("the claim is %v, %v", owner, err)
	}
}

// copyFolder takes a folder as a kill would leave it.
func copyFolder(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestRotateKilledAtEachStep opens what is on disk between any two steps of a rotation: it is whole, and can be
// rotated again.
func TestRotateKilledAtEachStep(t *testing.T) {
	var steps []string
	dir := t.TempDir()
	left := make(map[string]string)
	v, err := embedded.Open(dir, embedded.WithStep(embedded.Options{Window: time.Nanosecond, Now: func() time.Time { return day }}, func(step string) error {
		steps = append(steps, step)
		left[step] = copyFolder(t, dir)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	c := fill(t, v)
	if _, err := v.Rotate(t.Context(), day.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Rotate(t.Context(), day.Add(2*time.Hour)); err != nil { // destroys the first wrapping key
		t.Fatal(err)
	}
	c.check(t, v)
	if want := []string{"written", "log dropped", "renamed", "recorded"}; !slices.Equal(slices.Compact(slices.Sorted(slices.Values(steps))), slices.Sorted(slices.Values(want))) {
		t.Errorf("steps %q", steps)
	}
	for step, dir := range left {
		killed := open(t, dir)
		c.check(t, killed)
		if _, err := killed.Rotate(t.Context(), day.Add(3*time.Hour)); err != nil {
			t.Errorf("killed when %s: rotating again: %v", step, err)
		}
		c.check(t, killed)
		if names, _ := filepath.Glob(filepath.Join(dir, "*-next*")); len(names) != 0 {
			t.Errorf("killed when %s: %q remain", step, names)
		}
		if err := killed.Close(); err != nil {
			t.Error(err)
		}
		c.check(t, open(t, dir))
	}
}

// TestNothingRemainsOfFormerWraps looks for the bytes of wraps and of wrapping keys that a rotation, an archive and
// the end of the window took away.
func TestNothingRemainsOfFormerWraps(t *testing.T) {
	v := open(t, t.TempDir())
	c := fill(t, v)
	var former [][]byte
	for _, i := range []int{0, 2, 4, 5} {
		wrapped, _ := v.Kept(c.infos[i].ID, keyvault.Claim{Kind: "livret"})
		former = append(former, wrapped)
	}
	kek, err := os.ReadFile(kekFile(t, v.dir))
	if err != nil {
		t.Fatal(err)
	}
	former = append(former, kek[:keyvault.KeySize])
	for _, b := range former {
		if holds(files(t, v.dir), b) == "" {
			t.Fatal("the files do not hold what the test looks for: it cannot fail")
		}
	}
	vaulttest.Move(t, v, c.infos[5].ID, keyvault.Active, keyvault.Archived)
	if name := holds(files(t, v.dir), former[3]); name != "" {
		t.Errorf("%s holds the former wrap of an archived key", name)
	}
	if _, err := v.Rotate(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	for i, b := range former[:4] {
		if name := holds(files(t, v.dir), b); name != "" {
			t.Errorf("%s holds former wrap %d", name, i)
		}
	}
	if holds(files(t, v.dir), former[4]) == "" {
		t.Error("the former wrapping key is gone before the backups that need it")
	}
	rotation, err := v.Rotate(t.Context(), time.Now().Add(keyvault.Window))
	if err != nil || len(rotation.Destroyed) != 1 || rotation.Destroyed[0].Number != 1 {
		t.Fatalf("a window later, destroyed: %v, %v", rotation.Destroyed, err)
	}
	if name := holds(files(t, v.dir), former[4]); name != "" {
		t.Errorf("%s holds the wrapping key that was destroyed", name)
	}
}

// TestBackupsOpenForTheWindow takes a copy each day, and opens all of them with the wrapping keys that are left.
func TestBackupsOpenForTheWindow(t *testing.T) {
	v, err := embedded.Open(t.TempDir(), embedded.Options{Now: func() time.Time { return day }})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := v.Create(t.Context(), birth(uuid.New())); err != nil {
		t.Fatal(err)
	}
	var copies []string
	for today := range 12 {
		keys, keks := t.TempDir(), t.TempDir()
		if err := v.Backup(t.Context(), keys, keks); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, keys)
		rotation, err := v.Rotate(t.Context(), day.AddDate(0, 0, today+1))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(rotation.Destroyed), today/7; got != min(want, 1) {
			t.Errorf("day %d: %d wrapping keys destroyed", today, got)
		}
	}
	s, err := v.Status(t.Context())
	if err != nil || len(s.Epochs) != 8 {
		t.Fatalf("%d wrapping keys, %v", len(s.Epochs), err)
	}
	live := t.TempDir()
	if err := v.Backup(t.Context(), live, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	known, err := keyfiles.ReadDestructions(filepath.Join(live, embedded.DestructionsFile))
	if err != nil || len(known.KEKs) != 5 || len(known.Keys) != 0 {
		t.Errorf("the register knows %v, %v", known, err)
	}
	for today, dir := range copies {
		if err := os.CopyFS(filepath.Join(dir, embedded.KEKFolder), os.DirFS(filepath.Join(v.Dir(), embedded.KEKFolder))); err != nil {
			t.Fatal(err)
		}
		restored, err := embedded.Open(dir, embedded.Options{})
		if old := today < 5; old != errors.Is(err, keyvault.ErrLocked) || !old && err != nil {
			t.Errorf("the copy of day %d answers %v", today, err)
		}
		if err == nil {
			restored.Close()
		}
	}
}

// TestVaultFromBeforeEpochs opens a vault with its one wrapping key beside the database, and rows without seal.
func TestVaultFromBeforeEpochs(t *testing.T) {
	for _, cut := range []string{"", "kek moved", "rows sealed"} {
		v := open(t, t.TempDir())
		infos, err := v.Create(t.Context(), birth(uuid.New()), birth(uuid.New()))
		if err != nil {
			t.Fatal(err)
		}
		v.Close()
		file := kekFile(t, v.dir)
		kek, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if cut != "rows sealed" {
			database(t, v.dir, func(c *sqlite3.Conn) error {
				return c.Exec(`DROP TABLE pairs; ALTER TABLE keys DROP COLUMN seal; PRAGMA user_version = 1`)
			})
		}
		if cut != "kek moved" {
			if err := errors.Join(os.WriteFile(filepath.Join(v.dir, "kek"), kek[:keyvault.KeySize], 0o600), os.Remove(file)); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			v = open(t, v.dir)
			for _, info := range infos {
				if key, err := v.Open(t.Context(), info.ID); err != nil || key.Fingerprint() != info.Fingerprint {
					t.Errorf("%q: %v", cut, err)
				}
			}
			if _, err := os.Stat(filepath.Join(v.dir, "kek")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%q: the former file of the wrapping key is still there", cut)
			}
			v.Close()
		}
		if now, _ := os.ReadFile(kekFile(t, v.dir)); !bytes.Equal(now[:keyvault.KeySize], kek[:keyvault.KeySize]) {
			t.Errorf("%q: another wrapping key", cut)
		}
	}
}

// TestRegisterOutlivesTheDatabase puts yesterday's database back: what was destroyed since does not open.
func TestRegisterOutlivesTheDatabase(t *testing.T) {
	v := open(t, t.TempDir())
	infos, err := v.Create(t.Context(), birth(uuid.New()), birth(uuid.New()))
	if err != nil {
		t.Fatal(err)
	}
	v.Close()
	path, register := filepath.Join(v.dir, embedded.DatabaseFile), filepath.Join(v.dir, embedded.DestructionsFile)
	yesterday, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v = open(t, v.dir)
	vaulttest.Move(t, v, infos[0].ID, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
	v.Close()
	whole, _ := os.ReadFile(register)
	for _, cut := range []string{"", "key 00", "key"} {
		if err := errors.Join(os.WriteFile(path, yesterday, 0o600), os.WriteFile(register, append(bytes.Clone(whole), cut...), 0o600)); err != nil {
			t.Fatal(err)
		}
		v = open(t, v.dir)
		if _, err := v.Open(t.Context(), infos[0].ID); !errors.Is(err, keyvault.ErrShredded) {
			t.Errorf("a key that was destroyed answers %v", err)
		}
		if _, err := v.Open(t.Context(), infos[1].ID); err != nil {
			t.Errorf("another key: %v", err)
		}
		v.Close()
		if now, _ := os.ReadFile(register); !bytes.Equal(now, whole) {
			t.Errorf("the register is %q", now)
		}
	}
	for _, damage := range []string{"key 00\n", "kek " + "zz\n", "\n", "cle\n"} {
		os.WriteFile(register, append(bytes.Clone(whole), damage...), 0o600)
		if _, err := embedded.Open(v.dir, embedded.Options{}); !errors.Is(err, keyvault.ErrCorrupt) {
			t.Errorf("a register with %q: %v", damage, err)
		}
	}
}

package embedded_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/embedded"
	"livret/eventstore/keyvault/vaulttest"
)

// box is a vault that remembers its folder.
type box struct {
	*embedded.Vault
	dir string
}

func open(t testing.TB, dir string) *box {
	t.Helper()
	v, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { v.Close() })
	return &box{v, dir}
}

func reopen(t testing.TB, v vaulttest.Vault) vaulttest.Vault {
	t.Helper()
	if err := v.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return open(t, v.(*box).dir)
}

func TestVault(t *testing.T) {
	vaulttest.Run(t, vaulttest.Adapter{
		New:    func(t testing.TB) vaulttest.Vault { return open(t, t.TempDir()) },
		Reopen: reopen,
		Tamper: tamper,
	})
}

// database gives the vault's closed database to a test.
func database(t testing.TB, dir string, use func(*sqlite3.Conn) error) {
	t.Helper()
	conn, err := sqlite3.Open(filepath.Join(dir, embedded.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(use(conn), conn.Close()); err != nil {
		t.Fatal(err)
	}
}

func statement(conn *sqlite3.Conn, sql string, values ...any) (*sqlite3.Stmt, error) {
	s, _, err := conn.Prepare(sql)
	if err != nil {
		return nil, err
	}
	for i, value := range values {
		switch v := value.(type) {
		case []byte:
			err = s.BindBlob(i+1, v)
		case string:
			err = s.BindText(i+1, v)
		case int64:
			err = s.BindInt64(i+1, v)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func tamper(t testing.TB, v vaulttest.Vault, change func([]*vaulttest.Row), keys ...uuid.UUID) vaulttest.Vault {
	t.Helper()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	dir := v.(*box).dir
	database(t, dir, func(conn *sqlite3.Conn) error {
		var rows []*vaulttest.Row
		for _, key := range keys {
			s, err := statement(conn, `SELECT owner, class, state, kek_ref, epoch, fingerprint, wrapped, seal FROM keys WHERE id = ?`, key[:])
			if err != nil {
				return err
			}
			if !s.Step() {
				return errors.New("no such row")
			}
			row := &vaulttest.Row{
				Owner: uuid.UUID(s.ColumnRawBlob(0)), Class: s.ColumnText(1), State: s.ColumnText(2),
				KEK: s.ColumnBlob(3, nil), Epoch: uint32(s.ColumnInt64(4)), Fingerprint: s.ColumnBlob(5, nil), Seal: s.ColumnBlob(7, nil),
			}
			if s.ColumnType(6) != sqlite3.NULL {
				row.Wrapped = s.ColumnBlob(6, nil)
			}
			rows = append(rows, row)
			s.Close()
		}
		change(rows)
		for _, key := range keys { // two owners may be about to change places
			s, err := statement(conn, `DELETE FROM keys WHERE id = ?`, key[:])
			if err != nil {
				return err
			}
			if err := errors.Join(s.Exec(), s.Close()); err != nil {
				return err
			}
		}
		for i, key := range keys {
			r := rows[i]
			s, err := statement(conn, `INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				key[:], r.Owner[:], r.Class, r.State, r.KEK, int64(r.Epoch), r.Fingerprint, r.Wrapped, r.Seal)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Exec(), s.Close()); err != nil {
				return err
			}
		}
		return nil
	})
	return open(t, dir)
}

// kekFile is the file of the newest wrapping key.
func kekFile(t testing.TB, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, embedded.KEKFolder, "*"))
	if err != nil || len(names) == 0 {
		t.Fatal("no wrapping key", err)
	}
	return names[len(names)-1]
}

func birth(owner uuid.UUID) keyvault.Birth {
	return keyvault.Birth{Owner: owner, Class: keyvault.Record}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are not bits there")
	}
	dir := filepath.Join(t.TempDir(), "vault")
	v := open(t, dir)
	if _, err := v.Create(t.Context(), birth(uuid.New())); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{
		dir: 0o700, filepath.Join(dir, embedded.KEKFolder): 0o700, kekFile(t, dir): 0o600,
		filepath.Join(dir, embedded.DatabaseFile): 0o600, filepath.Join(dir, embedded.DestructionsFile): 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%q has mode %v, want %v", name, info.Mode().Perm(), want)
		}
	}
}

func TestOneProcessAtATime(t *testing.T) {
	v := open(t, t.TempDir())
	if _, err := embedded.Open(v.dir, embedded.Options{}); !errors.Is(err, embedded.ErrInUse) {
		t.Errorf("a second Open answers %v", err)
	}
	if _, err := v.Create(t.Context(), birth(uuid.New())); err != nil {
		t.Errorf("the first one is disturbed: %v", err)
	}
}

func TestWrappingKeyLost(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"missing": os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, 31) },
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"longer":  func(path string) error { return os.Truncate(path, 99) },
		"another": func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte{7}, 32), 0o600) },
		"one bit": func(path string) error {
			b, err := os.ReadFile(path)
			b[9] ^= 1
			return errors.Join(err, os.WriteFile(path, b, 0o600))
		},
	} {
		for _, keys := range []int{0, 3} { // the vault's secret is wrapped too, keys or not
			v := open(t, t.TempDir())
			for range keys {
				v.Create(t.Context(), birth(uuid.New()))
			}
			v.Close()
			path := kekFile(t, v.dir)
			whole, err := os.ReadFile(path)
			if err := errors.Join(err, lose(path)); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			for range 2 {
				if _, err := embedded.Open(v.dir, embedded.Options{}); !errors.Is(err, keyvault.ErrLocked) {
					t.Errorf("%s, %d keys: Open answers %v", name, keys, err)
				}
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Errorf("%s, %d keys: Open rewrote the wrapping key's file", name, keys)
			}
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := open(t, v.dir).Keys(t.Context()); err != nil || len(got) != keys {
				t.Errorf("%s: with its key back the vault holds %d keys, %v", name, len(got), err)
			}
		}
	}
}

// TestFirstOpenCut stands for a crash in the middle of the first Open.
func TestFirstOpenCut(t *testing.T) {
	for _, left := range []int{0, 12, 32} {
		dir := t.TempDir()
		if err := errors.Join(os.Mkdir(filepath.Join(dir, embedded.KEKFolder), 0o700),
			os.WriteFile(filepath.Join(dir, embedded.KEKFolder, "000001-0"), bytes.Repeat([]byte{1}, left), 0o600)); err != nil {
			t.Fatal(err)
		}
		v := open(t, dir)
		if _, err := v.Create(t.Context(), birth(uuid.New())); err != nil {
			t.Errorf("%d bytes: %v", left, err)
		}
		reopen(t, v)
	}
}

func TestDamagedDatabase(t *testing.T) {
	damages := map[string]func(t *testing.T, dir string){
		"not a database": func(t *testing.T, dir string) {
			os.WriteFile(filepath.Join(dir, embedded.DatabaseFile), bytes.Repeat([]byte("livret "), 1000), 0o600)
		},
		"secret": func(t *testing.T, dir string) {
			database(t, dir, func(c *sqlite3.Conn) error { return c.Exec(`UPDATE vault SET secret = randomblob(60)`) })
		},
		"name of the wrapping key": func(t *testing.T, dir string) {
			database(t, dir, func(c *sqlite3.Conn) error { return c.Exec(`UPDATE vault SET kek_ref = randomblob(16)`) })
		},
		"epoch": func(t *testing.T, dir string) {
			database(t, dir, func(c *sqlite3.Conn) error { return c.Exec(`UPDATE vault SET epoch = 2`) })
		},
		"no secret": func(t *testing.T, dir string) {
			database(t, dir, func(c *sqlite3.Conn) error { return c.Exec(`DELETE FROM vault`) })
		},
		"custody pair exchanged": func(t *testing.T, dir string) {
			database(t, dir, func(c *sqlite3.Conn) error { return c.Exec(`UPDATE pairs SET public = randomblob(32)`) })
		},
		"two keys of one owner and class": func(t *testing.T, dir string) {
			database(t, dir, func(c *sqlite3.Conn) error {
				return c.Exec(`INSERT INTO keys SELECT randomblob(16), owner, class, state, kek_ref, epoch, fingerprint, wrapped, seal FROM keys`)
			})
		},
		"short fingerprint": func(t *testing.T, dir string) {
			database(t, dir, func(c *sqlite3.Conn) error { return c.Exec(`UPDATE keys SET fingerprint = x'00'`) })
		},
		"long claim": func(t *testing.T, dir string) {
			database(t, dir, func(c *sqlite3.Conn) error { return c.Exec(`UPDATE claims SET blind = zeroblob(33)`) })
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			v := open(t, t.TempDir())
			owner := uuid.New()
			infos, _ := v.Create(t.Context(), birth(owner))
			vaulttest.Move(t, v, infos[0].ID, keyvault.Active, keyvault.Archived)
			v.Resolve(t.Context(), keyvault.Claim{Kind: "livret", Parts: []string{"1"}, Owner: owner})
			v.Close()
			damage(t, v.dir)
			if _, err := embedded.Open(v.dir, embedded.Options{}); !errors.Is(err, keyvault.ErrCorrupt) || errors.Is(err, keyvault.ErrLocked) {
				t.Errorf("Open answers %v", err)
			}
		})
	}
	t.Run("newer schema", func(t *testing.T) {
		v := open(t, t.TempDir())
		v.Close()
		database(t, v.dir, func(c *sqlite3.Conn) error { return c.Exec(`PRAGMA user_version = 9`) })
		if _, err := embedded.Open(v.dir, embedded.Options{}); err == nil {
			t.Error("a newer schema is opened")
		}
	})
}

// TestFlippedBits flips one bit of the file at a time. Whatever that hits, a living key opens as itself or is
// an incident: never another key, never one that was destroyed or archived.
func TestFlippedBits(t *testing.T) {
	v := open(t, t.TempDir())
	births := make([]keyvault.Birth, 30)
	for i := range births {
		births[i] = birth(uuid.New())
	}
	infos, err := v.Create(t.Context(), births...)
	if err != nil {
		t.Fatal(err)
	}
	v.Close()
	path := filepath.Join(v.dir, embedded.DatabaseFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random, incidents := rand.New(rand.NewPCG(5, 6)), 0
	used := bytes.Index(whole, infos[0].Fingerprint[:]) &^ 4095 // the page of the keys, where half of the flips go
	for n := range 150 {
		at := random.IntN(len(whole))
		if n%2 == 0 {
			at = used + random.IntN(4096)
		}
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << random.IntN(8)
		if err := os.WriteFile(path, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := embedded.Open(v.dir, embedded.Options{})
		if err != nil {
			if incidents++; errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrLocked) {
				t.Errorf("byte %d: Open answers %v", at, err)
			}
			continue
		}
		for _, info := range infos {
			key, err := v.Open(t.Context(), info.ID)
			switch {
			case err == nil && key.Fingerprint() != info.Fingerprint:
				t.Errorf("byte %d: another key opens", at)
			case err != nil:
				if incidents++; !errors.Is(err, keyvault.ErrCorrupt) && !errors.Is(err, keyvault.ErrUnknown) {
					t.Errorf("byte %d: a key answers %v", at, err)
				}
			}
		}
		if err := v.Close(); err != nil {
			t.Logf("byte %d: Close: %v", at, err)
		}
	}
	if incidents < 20 {
		t.Errorf("only %d incidents: the test cannot fail", incidents)
	}
}

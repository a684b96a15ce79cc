package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/postgres"
	"livret/eventstore/keyvault/vaulttest"
	"livret/tests/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// box is a vault that remembers where it is.
type box struct {
	*postgres.Vault
	dsn, dir string
}

func open(t testing.TB, dsn, dir string) *box {
	t.Helper()
	v, err := postgres.Open(t.Context(), dsn, dir, postgres.Options{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { v.Close() })
	return &box{v, dsn, dir}
}

func fresh(t testing.TB) *box {
	t.Helper()
	dsn := pgtest.Get(t).Database(t) + " pool_max_conns=8"
	if err := postgres.Migrate(t.Context(), strings.TrimSuffix(dsn, " pool_max_conns=8")); err != nil {
		t.Fatal(err)
	}
	return open(t, dsn, t.TempDir())
}

func TestVault(t *testing.T) {
	vaulttest.Run(t, vaulttest.Adapter{
		New: func(t testing.TB) vaulttest.Vault { return fresh(t) },
		Reopen: func(t testing.TB, v vaulttest.Vault) vaulttest.Vault {
			if err := v.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			return open(t, v.(*box).dsn, v.(*box).dir)
		},
		Tamper: tamper,
	})
}

// tamper rewrites rows while the vault is open: it keeps none, so it must not be reopened to see them.
func tamper(t testing.TB, v vaulttest.Vault, change func([]*vaulttest.Row), keys ...uuid.UUID) vaulttest.Vault {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, strings.TrimSuffix(v.(*box).dsn, " pool_max_conns=8"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var rows []*vaulttest.Row
	for _, key := range keys {
		r := new(vaulttest.Row)
		err := conn.QueryRow(ctx, "DELETE FROM livret_keys.keys WHERE id = $1 RETURNING owner, class, state, kek_ref, epoch, fingerprint, wrapped, seal", key).
			Scan(&r.Owner, &r.Class, &r.State, &r.KEK, &r.Epoch, &r.Fingerprint, &r.Wrapped, &r.Seal)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	change(rows)
	for i, key := range keys {
		r := rows[i]
		if _, err := conn.Exec(ctx, "INSERT INTO livret_keys.keys VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
			key, r.Owner, r.Class, r.State, r.KEK, r.Epoch, r.Fingerprint, r.Wrapped, r.Seal); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func record(owner uuid.UUID) keyvault.Birth {
	return keyvault.Birth{Owner: owner, Class: keyvault.Record}
}

func create(t testing.TB, v keyvault.Vault) keyvault.Info {
	t.Helper()
	infos, err := v.Create(t.Context(), record(uuid.New()))
	if err != nil {
		t.Fatal(err)
	}
	return infos[0]
}

func opens(t testing.TB, v keyvault.Vault, key uuid.UUID) error {
	t.Helper()
	k, err := v.Open(t.Context(), key)
	if err == nil {
		k.Zero()
	}
	return err
}

// TestTheServiceDestroysNothing logs in as each of the two roles.
func TestTheServiceDestroysNothing(t *testing.T) {
	server, owner := pgtest.Get(t), fresh(t)
	var database string
	for field := range strings.FieldsSeq(owner.dsn) {
		if name, is := strings.CutPrefix(field, "dbname="); is {
			database = name
		}
	}
	as := func(role string) *box {
		login := fmt.Sprintf("login_%s_%s", role, database)
		server.Query(t, database, fmt.Sprintf("CREATE ROLE %s LOGIN; GRANT livret_%s TO %[1]s", login, role))
		return open(t, server.DSN(database, login), owner.dir)
	}
	service, custody := as("service"), as("custody")
	half, err := keyvault.NewPrivateHalf("2018-juin")
	if err := errors.Join(err, custody.AddPair(t.Context(), half.Pair)); err != nil {
		t.Fatal(err)
	}
	info := create(t, service)
	if _, err := service.Resolve(t.Context(), keyvault.Claim{Kind: "livret", Parts: []string{"1"}, Owner: info.Owner}); err != nil {
		t.Fatal(err)
	}
	if err := opens(t, service, info.ID); err != nil {
		t.Fatal(err)
	}
	for name, act := range map[string]func(*box) error{
		"fence":   func(v *box) error { return v.SetState(t.Context(), info.ID, keyvault.Active, keyvault.Fenced) },
		"archive": func(v *box) error { return v.Archive(t.Context(), "2018-juin", info.ID) },
		"forget":  func(v *box) error { return v.Forget(t.Context(), info.ID) },
		"rotate":  func(v *box) error { _, err := v.Rotate(t.Context(), time.Now()); return err },
		"pair":    func(v *box) error { return v.DropPair(t.Context(), "2018-juin") },
	} {
		if err := act(service); !errors.Is(err, keyvault.ErrForbidden) {
			t.Errorf("the service may %s: %v", name, err)
		}
	}
	if err := opens(t, service, info.ID); err != nil {
		t.Errorf("after all that was refused the key does not open: %v", err)
	}
	for _, sql := range []string{"DELETE FROM livret_keys.keys", "UPDATE livret_keys.keys SET state = 'shredded'", "TRUNCATE livret_keys.keys", "DELETE FROM livret_keys.claims", "UPDATE livret_keys.vault SET generation = 0"} {
		conn, err := pgx.Connect(t.Context(), service.dsn)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("the service may %s", sql)
		}
		conn.Close(t.Context())
	}
	if _, err := custody.Rotate(t.Context(), time.Now()); err != nil {
		t.Errorf("custody does not rotate: %v", err)
	}
	if err := errors.Join(custody.SetState(t.Context(), info.ID, keyvault.Active, keyvault.Fenced), custody.SetState(t.Context(), info.ID, keyvault.Fenced, keyvault.Shredded)); err != nil {
		t.Errorf("custody does not destroy: %v", err)
	}
	if err := opens(t, service, info.ID); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("a destroyed key: %v", err)
	}
	if _, err := service.Lookup(t.Context(), "livret", "1"); !errors.Is(err, keyvault.ErrUnknown) {
		t.Errorf("the claim of a destroyed owner: %v", err)
	}
}

// TestInstancesShareTheVault has two of them: what one does holds for the other with its next call.
func TestInstancesShareTheVault(t *testing.T) {
	a := fresh(t)
	b := open(t, a.dsn, a.dir)
	info := create(t, a)
	if err := opens(t, b, info.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Rotate(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(opens(t, b, info.ID), opens(t, b, create(t, b).ID)); err != nil {
		t.Errorf("after a rotation by another instance: %v", err)
	}
	before, _ := b.Generation(t.Context())
	vaulttest.Move(t, a, info.ID, keyvault.Active, keyvault.Fenced)
	if err := opens(t, b, info.ID); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("fenced by another instance: %v", err)
	}
	if now, _ := b.Generation(t.Context()); now == before {
		t.Error("the generation stands while another instance fences")
	}
	// Both make the same keys at once.
	var births []keyvault.Birth
	for range 50 {
		births = append(births, record(uuid.New()))
	}
	var made [8][]keyvault.Info
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			var err error
			if made[i], err = []*box{a, b}[i%2].Create(t.Context(), births...); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range made {
		for n := range births {
			if len(made[i]) != len(births) || made[i][n] != made[0][n] {
				t.Fatal("two instances made two keys of one owner and class")
			}
		}
	}
}

// TestWrappingKeyElsewhere opens the vault without the folder of its wrapping keys: as who has only the database does.
func TestWrappingKeyElsewhere(t *testing.T) {
	v := fresh(t)
	create(t, v)
	if _, err := postgres.Open(t.Context(), v.dsn, t.TempDir(), postgres.Options{}); !errors.Is(err, keyvault.ErrLocked) {
		t.Errorf("without its wrapping key the vault answers %v", err)
	}
}

// TestRestoredDatabaseBringsNothingBack takes the row of a key destroyed back, as an older backup would.
func TestRestoredDatabaseBringsNothingBack(t *testing.T) {
	v := fresh(t)
	info := create(t, v)
	server := pgtest.Get(t)
	server.Query(t, v.dsn, "CREATE TABLE old AS SELECT * FROM livret_keys.keys")
	vaulttest.Move(t, v, info.ID, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
	server.Query(t, v.dsn, "DELETE FROM livret_keys.keys; INSERT INTO livret_keys.keys SELECT * FROM old")
	if err := opens(t, open(t, v.dsn, v.dir), info.ID); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("a key destroyed opens again with an older database: %v", err)
	}
}

// TestConnectionsAreCutWhileKeysAreMade cuts every connection again and again: what was acknowledged opens, and what was
// not is made once by asking again.
func TestConnectionsAreCutWhileKeysAreMade(t *testing.T) {
	server, v := pgtest.Get(t), fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var cutter sync.WaitGroup
	cutter.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			if n%20 == 19 && !testing.Short() {
				server.Restart(t)
			} else {
				server.Query(t, v.dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'livret keys'")
			}
			time.Sleep(15 * time.Millisecond)
		}
	})
	made := make(map[uuid.UUID]keyvault.Info)
	failures := 0
	for len(made) < 80 || failures < 10 {
		birth := record(uuid.New())
		for {
			infos, err := v.Create(t.Context(), birth)
			if err == nil {
				made[birth.Owner] = infos[0]
				break
			}
			failures++
		}
		if len(made)%10 == 0 {
			if _, err := v.Rotate(t.Context(), time.Now()); err != nil {
				failures++
			}
		}
	}
	cancel()
	cutter.Wait()
	var keys []keyvault.Info
	for range 20 {
		var err error
		if keys, err = v.Keys(t.Context()); err == nil {
			break
		}
	}
	if len(keys) != len(made) {
		t.Errorf("%d keys for %d owners", len(keys), len(made))
	}
	for owner, info := range made {
		if found, err := v.Find(t.Context(), owner, info.Class); err != nil || found != info {
			t.Errorf("acknowledged %v, found %v, %v", info, found, err)
		}
		if err := opens(t, v, info.ID); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d calls failed on the way", failures)
}

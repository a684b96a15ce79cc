package instance_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/access"
	"livret/eventstore/esdb/wire/wiretest"
	"livret/eventstore/ledger/intake"
)

// TestMigrate takes a ledger to a cluster, killed on the way, writes there, and takes it back.
func TestMigrate(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2018, 6, 10, 8, 0, 0, 0, time.UTC)
	o := instance.Options{Now: func() time.Time { now = now.Add(time.Millisecond); return now }}
	cluster := wiretest.Start(t)
	store := cluster.ConnectionString()
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	if err := lycee.Generate(files, 4, 1); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(files, "siecle", "2017", "ElevesSansAdresses.xml"))
	if err != nil {
		t.Fatal(err)
	}
	pupils := func(act func(i *instance.Instance)) (seen string) {
		t.Helper()
		i, err := instance.Open(t.Context(), dir, o)
		if err != nil {
			t.Fatal(err)
		}
		defer i.Close()
		if act != nil {
			act(i)
		}
		if err := i.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := i.Pupils(t.Context(), access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: lycee.UAI}, 2017, "")
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		for _, p := range list {
			seen += p.Livret.String() + "\n"
		}
		if _, _, err := i.Checkpoint(t.Context(), operator); err != nil {
			t.Fatal(err)
		}
		done, err := i.Check(t.Context(), instance.Audit{})
		if err != nil || len(done.Faults) > 0 {
			t.Fatalf("check: %v, %v", done.Faults, err)
		}
		return seen
	}
	before := pupils(func(i *instance.Instance) {
		if _, err := i.Desk(operator).Siecle(t.Context(), []intake.File{{Name: "ElevesSansAdresses.xml", Content: bytes.NewReader(content)}}, intake.Options{}); err != nil {
			t.Fatal(err)
		}
	})

	kills := 0
	var there instance.Migrated
	for limit := 3; ; limit += 20 {
		ctx, kill := context.WithCancel(t.Context())
		there, err = instance.Migrate(ctx, dir, o, operator, store, func(events int) {
			if events == limit {
				kill()
			}
		})
		kill()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if s, err := instance.ReadSettings(dir); err != nil || s.Store != "" {
			t.Fatalf("killed, it left the folder with %q, %v", s.Store, err)
		}
		kills++
	}
	t.Logf("%d events, root %s, %d kills", there.Events, there.Root, kills)
	if kills < 3 || there.Root == "" {
		t.Fatalf("%d kills, root %q", kills, there.Root)
	}
	if after := pupils(nil); after != before {
		t.Fatalf("in the cluster pupils are\n%s, not\n%s", after, before)
	}
	if _, err := instance.Migrate(t.Context(), dir, o, operator, store, nil); !errors.Is(err, instance.ErrUsage) {
		t.Errorf("moved where it is: %v", err)
	}
	// What is only done in a folder says so.
	i, err := instance.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "backup")
	if _, err := i.Backup(t.Context(), operator, out); !errors.Is(err, instance.ErrElsewhere) {
		t.Errorf("a backup of a cluster: %v", err)
	}
	if _, err := instance.Open(t.Context(), dir, o); !errors.Is(err, instance.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	i.Close()
	// The settings hold no credentials.
	if _, err := instance.InitIn(t.TempDir(), "08", "esdb://admin:changeit@localhost"); !errors.Is(err, instance.ErrUsage) || strings.Contains(err.Error(), "changeit") {
		t.Errorf("credentials in the settings: %v", err)
	}

	// Back, with what was recorded in the meantime.
	back, err := instance.Migrate(t.Context(), dir, o, operator, instance.Embedded, nil)
	if err != nil {
		t.Fatal(err)
	}
	if back.Events < there.Events || back.Moved != back.Events-there.Events {
		t.Errorf("%d events came back, %d of them now; %d had gone", back.Events, back.Moved, there.Events)
	}
	if after := pupils(nil); after != before {
		t.Fatalf("back in the folder pupils are\n%s, not\n%s", after, before)
	}
}

// TestInitInCluster begins a ledger in a cluster.
func TestInitInCluster(t *testing.T) {
	cluster, dir := wiretest.Start(t), t.TempDir()
	if _, err := instance.InitIn(dir, "08", cluster.ConnectionString()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		i, err := instance.Open(t.Context(), dir, instance.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := i.Checkpoint(t.Context(), operator); err != nil {
			t.Fatal(err)
		}
		if err := i.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		i.Close()
	}
	if _, err := os.Stat(filepath.Join(dir, "events.db")); !errors.Is(err, os.ErrNotExist) {
		t.Error("there is a log in the folder")
	}
}

package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/embedded"
)

func TestOneCallIsOneCommit(t *testing.T) {
	v := open(t, t.TempDir())
	var commits atomic.Int64
	v.OnCommit(func() bool {
		commits.Add(1)
		return true
	})
	births, claims := make([]keyvault.Birth, 500), make([]keyvault.Claim, 500)
	for i := range births {
		births[i] = birth(uuid.New())
		claims[i] = keyvault.Claim{Kind: "livret", Parts: []string{fmt.Sprint(i)}, Owner: births[i].Owner}
	}
	for range 2 { // the second time, everything stands
		if _, err := v.Create(t.Context(), births...); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Resolve(t.Context(), claims...); err != nil {
			t.Fatal(err)
		}
	}
	if n := commits.Load(); n != 2 {
		t.Errorf("%d commits, want 2", n)
	}
}

// TestCallersShareCommits holds one commit back until every other caller waits.
func TestCallersShareCommits(t *testing.T) {
	v := open(t, t.TempDir())
	const callers = 64
	var commits atomic.Int64
	var asked sync.WaitGroup
	asked.Add(callers)
	v.OnCommit(func() bool {
		if commits.Add(1) == 1 {
			asked.Wait()
		}
		return true
	})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			asked.Done()
			if _, err := v.Create(t.Context(), birth(uuid.New())); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := commits.Load(); n > callers/2 {
		t.Errorf("%d callers took %d commits", callers, n)
	}
}

func TestFailedCommitChangesNothing(t *testing.T) {
	v := open(t, t.TempDir())
	stands := birth(uuid.New())
	before, err := v.Create(t.Context(), stands)
	if err != nil {
		t.Fatal(err)
	}
	v.OnCommit(func() bool { return false })
	fails := birth(uuid.New())
	if _, err := v.Create(t.Context(), fails); err == nil {
		t.Fatal("a commit that failed is answered as a success")
	}
	if _, err := v.Find(t.Context(), fails.Owner, fails.Class); !errors.Is(err, keyvault.ErrUnknown) {
		t.Errorf("a key that is not durable is found: %v", err)
	}
	if err := v.SetState(t.Context(), before[0].ID, keyvault.Active, keyvault.Fenced); err == nil {
		t.Error("changes are taken after a failed commit")
	}
	if key, err := v.Open(t.Context(), before[0].ID); err != nil {
		t.Errorf("a durable key does not open: %v", err)
	} else {
		key.Zero()
	}
	again := reopen(t, v)
	if infos, err := again.Create(t.Context(), fails, stands); err != nil || infos[1] != before[0] {
		t.Errorf("after opening again: %v, %v", infos, err)
	}
}

// TestKill kills a process that creates keys as fast as it can, and renews the wrapping key all the time: every key
// it had been answered is there, and opens.
func TestKill(t *testing.T) {
	if dir := os.Getenv("LIVRET_VAULT_TO_KILL"); dir != "" {
		createForEver(dir)
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	answered := make(map[uuid.UUID]keyvault.Birth)
	for round := range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "LIVRET_VAULT_TO_KILL="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			key, owner, ok := strings.Cut(lines.Text(), " ")
			if !ok || len(owner) != 36 {
				continue // cut by the kill
			}
			answered[uuid.MustParse(key)] = birth(uuid.MustParse(owner))
			if n == 100+round*70 {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		v := open(t, dir)
		for id, asked := range answered {
			key, err := v.Open(t.Context(), id)
			if err != nil {
				t.Fatalf("round %d: an answered key fails to open: %v", round, err)
			}
			key.Zero()
			if found, err := v.Find(t.Context(), asked.Owner, asked.Class); err != nil || found.ID != id {
				t.Fatalf("round %d: an answered key is another now, %v", round, err)
			}
		}
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(answered) < 300 {
		t.Errorf("only %d keys were answered", len(answered))
	}
}

func createForEver(dir string) {
	v, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var mu sync.Mutex
	for range 8 {
		go func() {
			for {
				infos, err := v.Create(context.Background(), birth(uuid.New()))
				if err != nil {
					os.Exit(1)
				}
				mu.Lock()
				fmt.Println(infos[0].ID, infos[0].Owner)
				mu.Unlock()
			}
		}()
	}
	for {
		if _, err := v.Rotate(context.Background(), time.Now()); err != nil {
			os.Exit(1)
		}
	}
}

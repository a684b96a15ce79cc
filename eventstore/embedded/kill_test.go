package embedded_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/embedded"
	"livret/eventstore/storetest"
)

const (
	killedEnv = "LIVRET_TEST_KILLED_STORE" // the child's store
	roundsEnv = "LIVRET_TEST_KILL_ROUNDS"  // more rounds than the usual
)

func TestMain(m *testing.M) {
	if path := os.Getenv(killedEnv); path != "" {
		appendUntilKilled(path)
	}
	os.Exit(m.Run())
}

// appendUntilKilled is the child: it appends from several writers and says what was acknowledged.
func appendUntilKilled(path string) {
	s, err := embedded.Open(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var out sync.Mutex
	for range 8 {
		go func() {
			stream := eventstore.Stream("record", uuid.New())
			for next := eventstore.Version(1); ; {
				run := drafts(stream, next, 1+mathrand.IntN(3))
				position, err := s.Append(context.Background(), run...)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				next += eventstore.Version(len(run))
				out.Lock()
				fmt.Println("acknowledged", hex.EncodeToString(position[:]), run[len(run)-1].Event, len(run))
				out.Unlock()
			}
		}()
	}
	select {}
}

func drafts(stream eventstore.StreamID, first eventstore.Version, n int) []eventstore.Envelope {
	run := make([]eventstore.Envelope, n)
	for i := range run {
		run[i].Header = eventstore.Header{
			Stream: stream, Sequence: first + eventstore.Version(i), Type: "record.MarkEntered", Schema: 1,
			Event: uuid.New(), Key: uuid.NewSHA1(uuid.Nil, []byte(stream)), RecordedAt: time.UnixMicro(1_780_000_000_000_000).UTC(),
		}
		run[i].Sealed = make([]byte, 300)
		rand.Read(run[i].Sealed)
	}
	return run
}

// TestKilled kills a process in the middle of its appends, again and again, on one and the same file. Every
// event that it was told is kept is there, where it was told; nothing is there in part; no number is missing.
func TestKilled(t *testing.T) {
	rounds := 6
	if n, err := strconv.Atoi(os.Getenv(roundsEnv)); err == nil {
		rounds = n
	} else if testing.Short() {
		rounds = 2
	}
	path := filepath.Join(t.TempDir(), "events.db")
	type place struct {
		position string
		run      int
	}
	acknowledged := make(map[string]place)
	for round := range rounds {
		killed := exec.Command(os.Args[0], "-test.run=^$")
		killed.Env = append(os.Environ(), killedEnv+"="+path)
		killed.Stderr = os.Stderr
		pipe, err := killed.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := killed.Start(); err != nil {
			t.Fatal(err)
		}
		before, due := len(acknowledged), 200+mathrand.IntN(3000)
		lines := bufio.NewScanner(pipe)
		for dead := false; lines.Scan(); {
			// What comes out of the pipe after the kill was acknowledged before it.
			if f := strings.Fields(lines.Text()); len(f) == 4 && f[0] == "acknowledged" && len(f[3]) == 1 {
				acknowledged[f[2]] = place{f[1], int(f[3][0] - '0')}
			}
			if !dead && len(acknowledged)-before >= due {
				if err := killed.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				dead = true
			}
		}
		killed.Wait()
		if len(acknowledged)-before < due {
			t.Fatalf("round %d: the child died by itself after %d appends", round, len(acknowledged)-before)
		}

		s := open(t, path)
		all := storetest.Audit(t, s)
		found := 0
		for i, e := range all {
			if e.Position != position(i+1) {
				t.Fatalf("round %d: event %d stands at %x", round, i+1, e.Position)
			}
			if at, ok := acknowledged[e.Event.String()]; ok {
				found++
				if hex.EncodeToString(e.Position[:]) != at.position {
					t.Fatalf("round %d: an event was acknowledged at %s and stands at %x", round, at.position, e.Position)
				}
				for j := range at.run { // all of its run, one behind the other
					if all[i-j].Stream != e.Stream || all[i-j].Sequence != e.Sequence-eventstore.Version(j) {
						t.Fatalf("round %d: the append that ends at %s is there in part", round, at.position)
					}
				}
			}
		}
		if found != len(acknowledged) {
			t.Fatalf("round %d: %d of %d acknowledged appends are lost", round, len(acknowledged)-found, len(acknowledged))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d rounds, %d acknowledged appends, none lost", rounds, len(acknowledged))
}

func position(n int) (p eventstore.Position) {
	p[6], p[7] = byte(n>>8), byte(n)
	p[5] = byte(n >> 16)
	return p
}

package wire_test

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"livret/eventstore/esdb/wire/wiretest"
)

// official lists the leaves of the official client's own tests that run against our server, and what became of each.
// Skipped are, by their own decision, those that need a store of twenty million events that comes as a container image
// (SubscriptionTests but one, two of ReadStreamTests, testPersistentSubscriptionClosing), and one that wants to know the
// address of a single node (appendToSystemStreamWithIncorrectCredentials). Not run at all are TestProjections,
// TestPlugins (certificates of users) and TestExpectations (what these twenty million events are): nothing of it is ours.
//
//go:embed testdata/official.txt
var official string

const clientModule = "github.com/EventStore/EventStore-Client-Go/v4"

// TestOfficialClient builds the tests that come with the official client, as they are, and runs them against our server.
// They connect to three fixed ports with TLS.
func TestOfficialClient(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the official client's own tests, for a minute or more")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	ports := []int{2111, 2112, 2113}
	for _, port := range ports {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			t.Skipf("port %d, which these tests connect to, is taken", port)
		}
		l.Close()
	}
	where := strings.TrimSpace(run(t, exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", clientModule)))
	source := filepath.Join(t.TempDir(), "v4")
	if err := os.CopyFS(source, os.DirFS(where)); err != nil { // out of the module cache, where nothing may be written
		t.Fatal(err)
	}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", "official.test", "./esdb")
	build.Dir, build.Env = source, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "CGO_ENABLED=0")
	run(t, build)

	wiretest.StartWith(t, wiretest.Options{Ports: ports, TLS: wiretest.SelfSigned(t)})
	tests := exec.CommandContext(ctx, filepath.Join(source, "official.test"), "-test.v", "-test.timeout=5m", "-test.run=^(TestStreams|TestPersistentSubscriptions|TestMisc)$")
	tests.Dir, tests.Env = filepath.Join(source, "esdb"), append(os.Environ(), "CLUSTER=true", "EVENTSTORE_INSECURE=false")
	said, err := tests.CombinedOutput()
	got := leaves(said)
	if err != nil {
		t.Errorf("the official client's tests fail: %v\n%s", err, failures(said))
	}
	want := strings.Split(strings.TrimSpace(official), "\n")
	for _, leaf := range want {
		if !slices.Contains(got, leaf) {
			t.Errorf("not so any more: %s", leaf)
		}
	}
	for _, leaf := range got {
		if !slices.Contains(want, leaf) {
			t.Errorf("not in the list: %s", leaf)
		}
	}
	passed := strings.Count(strings.Join(got, "\n"), "PASS ")
	t.Logf("%d pass, %d do not", passed, len(got)-passed)
}

func run(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	var said, wrong bytes.Buffer
	c.Stdout, c.Stderr = &said, &wrong
	if err := c.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, wrong.String())
	}
	return said.String()
}

var verdict = regexp.MustCompile(`^\s*--- (PASS|SKIP|FAIL): (\S+) \(`)

// leaves are the tests that have none inside, each with what became of it.
func leaves(said []byte) (out []string) {
	var names, all []string
	for lines := bufio.NewScanner(bytes.NewReader(said)); lines.Scan(); {
		if m := verdict.FindStringSubmatch(lines.Text()); m != nil {
			names, all = append(names, m[2]), append(all, m[1]+" "+m[2])
		}
	}
	for i, name := range names {
		if !slices.ContainsFunc(names, func(other string) bool { return strings.HasPrefix(other, name+"/") }) {
			out = append(out, all[i])
		}
	}
	slices.Sort(out)
	return out
}

// failures is the end of what was said.
func failures(said []byte) []byte { return said[max(0, len(said)-6000):] }

// Package pgtest runs a PostgreSQL server for the tests of a package: of the binaries found on the machine, in a
// temporary folder, reached through a socket there and by nobody else. It is started by the first test that needs it and
// stopped with the last, so that tests need no server to be set up, and leave none behind.
//
// A package that uses it has a TestMain that calls Main. Where there are no binaries, tests say loudly that they are
// skipped; with LIVRET_REQUIRE_POSTGRES=1 they fail instead.
package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Superuser is the role that owns the server.
const Superuser = "livret_test"

var server = sync.OnceValues(start)

// started is whether somebody asked for the server.
var started bool

// Main runs the tests of a package and stops the server after them.
func Main(m *testing.M) {
	code := m.Run()
	if started {
		if s, err := server(); err == nil {
			s.stop()
		}
	}
	os.Exit(code)
}

// Server is one that runs.
type Server struct {
	bin, dir string
	as       *syscall.Credential // nil: who runs the tests
	mu       sync.Mutex
	count    int // of databases made
}

// Get answers the server, or skips the test.
func Get(t testing.TB) *Server {
	t.Helper()
	started = true
	s, err := server()
	if err == nil {
		return s
	}
	if os.Getenv("LIVRET_REQUIRE_POSTGRES") != "" {
		t.Fatalf("PostgreSQL is required: %v", err)
	}
	t.Skipf("SKIPPED, NOT TESTED: no PostgreSQL on this machine (%v)", err)
	return nil
}

// Database makes a database that nobody used, and answers where it is, for the superuser.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	s.count++
	name := fmt.Sprintf("test%d", s.count)
	s.mu.Unlock()
	s.Query(t, "postgres", "CREATE DATABASE "+name)
	return s.DSN(name, Superuser)
}

// DSN is where a database is, for a role.
func (s *Server) DSN(database, role string) string {
	return fmt.Sprintf("host=%s dbname=%s user=%s", s.dir, database, role)
}

// Query runs SQL as the superuser in a database, which may be given by its name or its DSN, and answers what psql prints
// of it: values only.
func (s *Server) Query(t testing.TB, database, sql string) string {
	t.Helper()
	for field := range strings.FieldsSeq(database) {
		if name, is := strings.CutPrefix(field, "dbname="); is {
			database = name
		}
	}
	out, err := s.psql(database, sql)
	if err != nil {
		t.Fatalf("%s: %v\n%s", sql, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Durable makes the server wait for the disk, as one that is no test does: for benchmarks.
func (s *Server) Durable(t testing.TB) {
	t.Helper()
	s.Query(t, "postgres", "ALTER SYSTEM SET fsync = on")
	s.Query(t, "postgres", "SELECT pg_reload_conf()")
}

// Restart stops the server at once, as a crash would, and starts it again.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if out, err := s.control("stop", "-m", "immediate").CombinedOutput(); err != nil {
		t.Fatalf("stop: %v\n%s", err, out)
	}
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

func start() (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "lpg") // short: the path of a socket has 107 bytes at most
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir}
	if os.Geteuid() == 0 { // the server refuses to run as root
		if err := s.stepDown(); err != nil {
			return nil, err
		}
	}
	if out, err := s.command("initdb", "-D", s.data(), "-U", Superuser, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := s.run(); err != nil {
		return nil, err
	}
	for _, sql := range []string{"ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"} { // a test loses nothing that it needs
		if out, err := s.psql("postgres", sql); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", sql, err, out)
		}
	}
	return s, nil
}

func (s *Server) psql(database, sql string) ([]byte, error) {
	return s.command("psql", "-h", s.dir, "-U", Superuser, "-d", database, "-v", "ON_ERROR_STOP=1", "-qAt", "-c", sql).CombinedOutput()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) run() error {
	out, err := s.control("start", "-w", "-t", "120", "-l", filepath.Join(s.dir, "log"), "-o", "-k "+s.dir+" -c listen_addresses='' -c max_connections=200").CombinedOutput()
	if err != nil {
		return fmt.Errorf("pg_ctl start: %w\n%s", err, out)
	}
	return nil
}

func (s *Server) stop() {
	s.control("stop", "-m", "immediate").Run()
	os.RemoveAll(s.dir)
}

func (s *Server) control(verb string, args ...string) *exec.Cmd {
	return s.command("pg_ctl", append([]string{verb, "-D", s.data()}, args...)...)
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = s.dir
	if s.as != nil {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	}
	c.WaitDelay = time.Second // what pg_ctl starts keeps its output open
	return c
}

// stepDown finds a user who is not root and gives him the folder.
func (s *Server) stepDown() error {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(errUID, errGID, os.Chown(s.dir, int(uid), int(gid))); err != nil {
			return err
		}
		s.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return nil
	}
	return errors.New("run by root, and there is no user to run the server as")
}

// binaries is the folder of the newest server found.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.Sort(found)
	slices.Reverse(found)
	found = append(found, "/usr/local/pgsql/bin", "/opt/homebrew/bin")
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, filepath.Dir(path))
	}
	for _, dir := range found {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("no initdb")
}

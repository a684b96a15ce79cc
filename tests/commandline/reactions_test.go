package commandline

import (
	"bufio"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"livret/cmd/livret/lycee"
	"livret/projections"
	views "livret/projections/embedded"
)

// standing is what «livret reactions --json» says of one reaction.
type standing struct {
	Name   string
	Lag    int
	Parked []struct {
		Stream   string
		Sequence int
		Attempts int
	}
}

// reactionsOf asks where reactions stand, and gives the exit code.
func reactionsOf(t *testing.T, binary, dir string, args ...string) (all []standing, code int) {
	t.Helper()
	out, err := exec.Command(binary, append(append([]string{"reactions"}, args...), "--json", "--data", dir)...).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	readJSON(t, out, &all)
	return all, code
}

// TestReactionsKilledAnywhere kills −9 an import while reactions are at work on what it wrote, again and again. The
// next one finishes, and the ledger is that of an import in peace: each mask, candidate and number once.
func TestReactionsKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	binary, files := buildLivret(t), t.TempDir()
	if err := lycee.Generate(files, 40, 11); err != nil {
		t.Fatal(err)
	}
	imports := [][]string{
		append([]string{"import", "siecle"}, glob(t, files, "siecle/2017/*.xml")...),
		append([]string{"import", "lsl"}, glob(t, files, "lsl/*.xml")...),
	}
	peaceful, killed := filepath.Join(t.TempDir(), "peaceful"), filepath.Join(t.TempDir(), "killed")
	for _, dir := range []string{peaceful, killed} {
		mustRun(t, binary, "init", "--academie", "08", "--data", dir)
	}
	random := rand.New(rand.NewPCG(3, 4))
	kills := 0
	for _, args := range imports {
		took := reacting(t, binary, peaceful, args, -1)
		for range 5 {
			if reacting(t, binary, killed, args, time.Duration(random.Int64N(int64(took)+1))) < 0 {
				kills++
			}
		}
		runImport(t, binary, killed, args)
	}
	t.Logf("%d kills", kills)
	if kills == 0 {
		t.Error("nothing was killed")
	}
	type stands struct {
		Sound  bool
		Parked int
		Ledger struct{ Events, Streams, Keys int }
	}
	var got, want stands
	readJSON(t, mustRun(t, binary, "check", "--json", "--data", killed), &got)
	readJSON(t, mustRun(t, binary, "check", "--json", "--data", peaceful), &want)
	if !got.Sound || got != want {
		t.Errorf("after %d kills: %+v; in peace: %+v", kills, got, want)
	}
	all, code := reactionsOf(t, binary, killed)
	for _, r := range all {
		if r.Lag != 0 || len(r.Parked) != 0 {
			t.Errorf("%+v", r)
		}
	}
	if code != 0 || len(all) < 4 {
		t.Errorf("%d reactions, exit code %d", len(all), code)
	}
}

// reacting imports, and answers how long reactions were at work after all was written; unless it is killed so long
// after they began, which it answers by a negative number.
func reacting(t *testing.T, binary, dir string, args []string, kill time.Duration) time.Duration {
	t.Helper()
	cmd := exec.Command(binary, append(args, "--data", dir)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if strings.Contains(lines.Text(), " élèves, ") { // the last word of the importer
			began = time.Now()
			break
		}
	}
	if kill >= 0 {
		time.Sleep(kill)
		cmd.Process.Kill()
	}
	err = cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return -1
	}
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 5 { // part of a lycée may be refused
		t.Fatalf("%v: %v", args[:2], err)
	}
	return time.Since(began)
}

// TestServeFinishesWhatAnImportLeft starts a server over cursors that were lost, and ends it as an operator does.
func TestServeFinishesWhatAnImportLeft(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	binary, files := buildLivret(t), t.TempDir()
	if err := lycee.Generate(files, 12, 11); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	mustRun(t, binary, "init", "--academie", "08", "--data", dir)
	reacting(t, binary, dir, append([]string{"import", "siecle"}, glob(t, files, "siecle/2017/*.xml")...), 0)
	if err := os.RemoveAll(filepath.Join(dir, "views")); err != nil { // cursors are as easily thrown away
		t.Fatal(err)
	}
	server := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data", dir)
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(stdout).Scan() {
		t.Error("it said nothing")
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	all, code := reactionsOf(t, binary, dir)
	for _, r := range all {
		if r.Lag != 0 {
			t.Errorf("%+v", r)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestWhatIsParkedIsSeenAndRetried parks a stream by hand, as a reaction would that failed at its second fact.
func TestWhatIsParkedIsSeenAndRetried(t *testing.T) {
	binary, files := buildLivret(t), t.TempDir()
	if err := lycee.Generate(files, 6, 11); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	mustRun(t, binary, "init", "--academie", "08", "--data", dir)
	runImport(t, binary, dir, append([]string{"import", "siecle"}, glob(t, files, "siecle/2017/*.xml")...))

	const name = "reaction.candidates.v1"
	store, err := views.Open(filepath.Join(dir, "views"))
	if err != nil {
		t.Fatal(err)
	}
	row := projections.Row{Version: 1, Parked: 2, Labels: [][]byte{[]byte("parked")}, Sealed: []byte(`{"class":"by hand","attempts":1}`)}
	for r, err := range store.Scan(t.Context(), "family.v1", "record") {
		if err != nil {
			t.Fatal(err)
		}
		row.Stream = r.Stream
	}
	at, err := store.Cursor(t.Context(), name)
	if err == nil {
		err = store.Commit(t.Context(), name, at, at, []projections.Row{row})
	}
	if err := errors.Join(err, store.Close()); err != nil || row.Stream == "" {
		t.Fatal(err)
	}

	all, code := reactionsOf(t, binary, dir)
	if p := all[0].Parked; code != 6 || all[0].Name != name || len(p) != 1 || p[0].Stream != string(row.Stream) || p[0].Sequence != 2 {
		t.Errorf("exit code %d: %+v", code, all)
	}
	if out := mustRun(t, binary, "check", "--data", dir); !strings.Contains(string(out), "reactions: 1 streams parked") {
		t.Errorf("check says %s", out)
	}
	if all, code := reactionsOf(t, binary, dir, "retry", "--stream", "record-of-another"); code != 6 || len(all[0].Parked) != 1 {
		t.Errorf("exit code %d: %+v", code, all)
	}
	if all, code := reactionsOf(t, binary, dir, "retry"); code != 0 || len(all[0].Parked) != 0 {
		t.Errorf("exit code %d: %+v", code, all)
	}
}

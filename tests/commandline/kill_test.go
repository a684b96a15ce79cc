package commandline

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"livret/cmd/livret/lycee"
)

// buildLivret builds the real binaries, without C, and answers the path of the first.
func buildLivret(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	build := exec.Command("go", "build", "-o", folder+string(filepath.Separator), "livret/cmd/livret", "livret/cmd/livret-verify")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return filepath.Join(folder, "livret")
}

// TestAnImportKilledAnywhereIsFinishedByTheNext kills −9 the import of a school's files again and again at
// random moments, lets a last one finish, and compares with a school that was imported in peace.
func TestAnImportKilledAnywhereIsFinishedByTheNext(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	binary, files := buildLivret(t), t.TempDir()
	if err := lycee.Generate(files, 60, 7); err != nil {
		t.Fatal(err)
	}
	imports := [][]string{
		append([]string{"import", "siecle"}, glob(t, files, "siecle/2016/*.xml")...),
		append([]string{"import", "siecle"}, glob(t, files, "siecle/2017/*.xml")...),
		append([]string{"import", "lsl"}, glob(t, files, "lsl/*.xml")...),
	}
	peaceful, killed := filepath.Join(t.TempDir(), "peaceful"), filepath.Join(t.TempDir(), "killed")
	for _, dir := range []string{peaceful, killed} {
		mustRun(t, binary, "init", "--academie", "08", "--data", dir)
	}
	began := time.Now()
	for _, args := range imports {
		runImport(t, binary, peaceful, args)
	}
	longest := time.Since(began) / time.Duration(len(imports))
	random := rand.New(rand.NewPCG(1, 2))
	kills := 0
	for _, args := range imports {
		for range 4 {
			cmd := exec.Command(binary, append(args, "--data", killed, "--quiet")...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(random.Int64N(int64(longest))))
			if cmd.Process.Kill() == nil {
				kills++
			}
			cmd.Wait() // killed, or done before
		}
		runImport(t, binary, killed, args)
	}
	var sound, wanted struct {
		Sound  bool
		Ledger struct{ Events, Streams, Keys int }
	}
	readJSON(t, mustRun(t, binary, "check", "--json", "--data", killed), &sound)
	readJSON(t, mustRun(t, binary, "check", "--json", "--data", peaceful), &wanted)
	if !sound.Sound || sound != wanted {
		t.Errorf("after %d kills: %+v; in peace: %+v", kills, sound, wanted)
	}
	for _, args := range imports {
		if report := runImport(t, binary, killed, args); report.EventsWritten != 0 {
			t.Errorf("%v still had %d events to write", args[:2], report.EventsWritten)
		}
	}
}

type importReport struct {
	EventsWritten int `json:"events_written"`
}

// runImport imports to the end; part of a lycée may be refused.
func runImport(t *testing.T, binary, dir string, args []string) (r importReport) {
	t.Helper()
	out, err := exec.Command(binary, append(args, "--data", dir, "--quiet", "--json")...).Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 5) {
		t.Fatalf("%v: %v", args[:2], err)
	}
	readJSON(t, out, &r)
	return r
}

func mustRun(t *testing.T, binary string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("livret %v: %v\n%s", args, err, out)
	}
	return out
}

func readJSON(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v %v", pattern, names, err)
	}
	return names
}

package commandline

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"livret/cmd/livret/lycee"
	"livret/eventstore/merkle/timestamp/timestamptest"
)

// TestScripts runs the command line as its user types it, against the real binary. Each script of
// testdata/script reads like a terminal session; beside the usual commands, «lycee DIR N» invents the exchange
// files of a school of N pupils, and «tsa ROOTS» starts a time-stamping authority at $TSA, and «witness NAME
// CHECKPOINT FILE» has a witness cosign, whose key $NAME is.
func TestScripts(t *testing.T) {
	binary := buildLivret(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+env.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"lycee": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: lycee DIR PUPILS")
				}
				pupils, err := strconv.Atoi(args[1])
				ts.Check(err)
				ts.Check(lycee.Generate(ts.MkAbs(args[0]), pupils, 1))
			},
			"exitcode": exitCode,
			"tsa":      timeStampingAuthority,
			"witness":  cosign,
		},
	})
}

// exitCode runs a command and checks its exit code: «exitcode 5 livret import …».
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// timeStampingAuthority starts an authority at $TSA, and writes its roots; «tsa ROOTS FAULT» starts one that fails so.
func timeStampingAuthority(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: tsa ROOTS [FAULT]")
	}
	authority, err := timestamptest.New()
	ts.Check(err)
	ts.Defer(authority.Close)
	if len(args) == 2 {
		authority.Fail(timestamptest.Fault(args[1]))
	}
	ts.Setenv("TSA", authority.URL)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), authority.Roots, 0o600))
}

// cosign has a witness, made when first named, cosign a checkpoint into a file: «witness NAME CHECKPOINT FILE». Its public
// key is $NAME.
func cosign(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: witness NAME CHECKPOINT FILE")
	}
	private := ts.MkAbs(args[0] + ".key")
	skey, err := os.ReadFile(private)
	if os.IsNotExist(err) {
		secret, public, err := note.GenerateKey(rand.Reader, args[0]+".example")
		ts.Check(err)
		ts.Check(os.WriteFile(private, []byte(secret), 0o600))
		ts.Setenv(args[0], public)
		skey = []byte(secret)
	}
	signer, err := cosignature.NewSignerForCosignatureV1(string(skey))
	ts.Check(err)
	text, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, signer)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), signed, 0o600))
}

// Package tests looks at livret from outside: journeys, privacy, erasure, tampering, replay, architecture,
// and the command line as its user types it.
package tests

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps=false", "-json=ImportPath,Dir,GoFiles,Imports,Deps", "livret/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p pkg
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages only", len(all))
	}
	return all
}

func within(path string, rooms ...string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool {
		return path == room || strings.HasPrefix(path, room+"/")
	})
}

// TestArrowsOfImports checks that a fact travels one way: cmd → projections → ledger → {domain, stores, keys}.
func TestArrowsOfImports(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if reason := forbidden(p.ImportPath, imported); reason != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, reason)
			}
		}
	}
}

func forbidden(from, to string) string {
	const (
		domain, store, views, cmd = "livret/domain", "livret/eventstore", "livret/projections", "livret/cmd"

		eventStoreDB = "github.com/EventStore/EventStore-Client-Go/v4"
	)
	switch {
	case within(from, domain) && within(to, store, views, cmd):
		return "domain is pure and knows nobody"
	case within(from, store) && within(to, views, cmd):
		return "what is kept does not know what is shown"
	case within(from, views) && within(to, cmd):
		return "what is shown does not know who speaks"
	case within(from, store) && within(to, domain) && !within(from, store+"/ledger"):
		return "inside eventstore, only ledger knows domain"
	case within(from, domain) && from != domain && within(to, domain) && !mayKnow(from, to):
		return "rooms of domain do not know each other, but for nomenclature and mark"
	case within(from, views) && to == store+"/ledger":
		return "views open envelopes through ledger/facts, which names nobody"
	case within(from, views+"/jury", views+"/statistics") && within(to, domain+"/identity", domain+"/exchange"):
		return "the jury and the statistician cannot learn who"
	case within(to, "github.com/ThreeDotsLabs/watermill") && from != store+"/feed":
		return "facts are carried by feed, and by nobody else"
	case within(to, "github.com/jackc/pgx/v5") && !within(from, store+"/pgschema", store+"/keyvault/postgres", views+"/postgres"):
		return "PostgreSQL is spoken to by its adapters, and by nobody else"
	case within(to, eventStoreDB+"/protos") && from != store+"/esdb/wire":
		return "the protocol of EventStoreDB is spoken by wire only"
	case within(to, eventStoreDB+"/esdb") && from != store+"/esdb":
		return "a cluster is spoken to by esdb, and by nobody else"
	case within(from, cmd+"/livret-verify") && within(to, store+"/keyvault", store+"/memory", store+"/embedded", store+"/esdb", store+"/ledger"):
		return "the stranger's verifier has no key and no store"
	case within(from, domain) && from != domain+"/spec" && slices.Contains([]string{"context", "net", "net/http", "os", "log", "math/rand", "math/rand/v2", "crypto/rand", "database/sql"}, to):
		return "domain does no I/O and draws nothing"
	}
	return ""
}

func mayKnow(from, to string) bool {
	const domain = "livret/domain"
	room := func(path string) string { return strings.SplitN(strings.TrimPrefix(path, domain+"/"), "/", 2)[0] }
	return to == domain || room(from) == room(to) || within(from, domain+"/exchange") ||
		within(to, domain+"/nomenclature", domain+"/mark", domain+"/spec", domain+"/eventjson")
}

// TestJuryNeverReachesIdentity checks the whole closure of imports: not even through somebody else.
func TestJuryNeverReachesIdentity(t *testing.T) {
	for _, p := range packages(t) {
		if !within(p.ImportPath, "livret/projections/jury", "livret/projections/statistics") {
			continue
		}
		for _, dep := range p.Deps {
			if within(dep, "livret/domain/identity") {
				t.Errorf("%s reaches %s", p.ImportPath, dep)
			}
		}
	}
}

// TestNames refuses rooms whose name says nothing, and code that runs before main.
func TestNames(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "shared", "types", "base", "core", "misc", "models"}
	for _, p := range packages(t) {
		if slices.Contains(empty, filepath.Base(p.ImportPath)) {
			t.Errorf("%s: this name says nothing", p.ImportPath)
		}
		for _, file := range p.GoFiles {
			tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range tree.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s/%s: init runs before anybody asked", p.ImportPath, file)
				}
			}
		}
	}
}

// TestDomainHasNoClock refuses time.Now and friends in domain: the same decision must come out years later.
func TestDomainHasNoClock(t *testing.T) {
	root := filepath.Join("..", "domain")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, clock := range []string{"time.Now(", "time.Since(", "time.Until(", "uuid.New(", "uuid.NewRandom("} {
			if strings.Contains(string(source), clock) {
				t.Errorf("%s uses %s)", path, clock)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryExportedNameIsDocumented holds the promise that a comment says what, then why.
func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, p := range packages(t) {
		documented := false
		for _, file := range p.GoFiles {
			tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			documented = documented || tree.Doc != nil
			for _, d := range tree.Decls {
				for _, name := range undocumented(d) {
					t.Errorf("%s/%s: %s has no comment", p.ImportPath, file, name)
				}
			}
		}
		if !documented && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func undocumented(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d) && !promised(d.Name.Name)) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Names[0].Name)
				}
			}
		}
	}
	return names
}

// promised lists methods whose meaning is that of a well-known interface.
func promised(method string) bool {
	return slices.Contains([]string{"Error", "Unwrap", "String", "LogValue", "MarshalJSON", "UnmarshalJSON", "Len", "Less", "Swap", "Write", "Read", "Close", "EventType", "ReadEvent", "Is"}, method)
}

func exportedReceiver(d *ast.FuncDecl) bool {
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

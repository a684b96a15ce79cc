package bench

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/embedded"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger/intake"
	"livret/eventstore/merkle/bundle"
)

// BenchmarkArchive is the archive of one livret out of a ledger of a million events, as its user runs it: the process,
// the opening of the folder and the checkpoint included. The livret is the one of a lycée that has closest to 150 facts.
func BenchmarkArchive(b *testing.B) {
	dir, bin := b.TempDir(), b.TempDir()
	build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "livret/cmd/livret", "livret/cmd/livret-verify")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	var took, cpu time.Duration // by the last program: on a loaded machine the second says more
	run := func(program string, args ...string) []byte {
		b.Helper()
		command := exec.Command(program, args...)
		command.Dir = dir
		start := time.Now()
		out, err := command.CombinedOutput()
		if err != nil {
			b.Fatalf("%s %v: %v\n%s", program, args, err, out)
		}
		took, cpu = time.Since(start), command.ProcessState.UserTime()+command.ProcessState.SystemTime()
		return out
	}
	livretProgram, verifyProgram := filepath.Join(bin, "livret"), filepath.Join(bin, "livret-verify")
	data := filepath.Join(dir, "data")
	livret := examined(b, data)
	key := run(livretProgram, "checkpoint", "--key", "--data", data) // hears and signs what is new, once for all
	if err := os.WriteFile(filepath.Join(dir, "policy.txt"), append(append([]byte("log "), key...), "quorum none\n"...), 0o600); err != nil {
		b.Fatal(err)
	}
	// The machine's clock has long closed this livret; a hold keeps it.
	run(livretProgram, "retention", "hold", "--data", data, "--origin", "recours-contentieux", livret.String())

	if err := os.WriteFile(filepath.Join(dir, "verifier.py"), bundle.SecondVerifier(), 0o600); err != nil {
		b.Fatal(err)
	}
	spent := make(map[string]time.Duration)
	note := func(what string) { spent[what+"-s"] += took; spent[what+"-cpu-s"] += cpu }
	var size int64
	b.ResetTimer()
	for b.Loop() {
		file := uuid.NewString() + ".zip"
		run(livretProgram, "archive", "export", "--data", data, "--livret", livret.String(), "--case", "1907538", "--motive", "recours", "--out", file)
		note("export")
		run(verifyProgram, "--policy", "policy.txt", file)
		note("verify")
		run("python3", "-I", "verifier.py", file, "policy.txt")
		note("python")
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil {
			b.Fatal(err)
		}
		size = info.Size()
	}
	for what, total := range spent {
		b.ReportMetric(total.Seconds()/float64(b.N), what)
	}
	b.ReportMetric(float64(size)/1000, "kB")
}

// examined makes a data folder in which a jury examined and signed a livret, among half a million other facts before and
// as many after.
func examined(b *testing.B, data string) uuid.UUID {
	b.Helper()
	settings, err := instance.Init(data, "08")
	must(b, err)
	pad(b, data, settings.Ledger, 500_000)
	files, ctx := b.TempDir(), b.Context()
	must(b, lycee.Generate(files, 24, 7))
	now := time.Date(2016, time.October, 3, 8, 0, 0, 0, time.UTC)
	i, err := instance.Open(ctx, data, instance.Options{Now: func() time.Time { return now }})
	must(b, err)
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: lycee.UAI}
	dec := access.Actor{Actor: domain.Actor{Role: access.DEC, Person: uuid.New()}, Academie: "08"}
	for _, year := range []string{"2016", "2017"} {
		must(b, hand(ctx, i.Desk(head), filepath.Join(files, "siecle", year)))
		must(b, i.CatchUp(ctx))
		now = now.AddDate(1, 0, -1)
	}
	now = time.Date(2018, time.June, 4, 8, 0, 0, 0, time.UTC)
	marks, err := filepath.Glob(filepath.Join(files, "lsl", "*.xml"))
	must(b, err)
	for _, path := range marks {
		content, err := os.Open(path)
		must(b, err)
		_, err = i.Desk(head).LSL(ctx, filepath.Base(path), content, intake.Options{})
		must(b, err)
		content.Close()
	}
	must(b, i.CatchUp(ctx))
	june := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	_, err = i.ValidateClass(ctx, head, instance.Class{School: lycee.UAI, Session: june})
	must(b, err)
	livret := closest(b, i)
	_, err = i.Transmit(ctx, head, livret, deliberation.Juin)
	must(b, err)
	of, president := instance.JuryName{Session: june, Number: "0108"}, uuid.New()
	_, err = i.OpenSession(ctx, dec, june)
	must(b, err)
	_, err = i.FormJury(ctx, dec, of)
	must(b, err)
	_, err = i.NameJuror(ctx, dec, of, president, deliberation.President)
	must(b, err)
	number, err := i.Jury.Number(ctx, june, livret)
	must(b, err)
	_, err = i.Assign(ctx, dec, of, number)
	must(b, err)
	signs := access.Actor{Actor: domain.Actor{Role: access.PresidentJury, Person: president}, Staff: president, Session: june.Year, Round: june.Round}
	dossier, err := i.ShowJury(ctx, signs, june, number)
	must(b, err)
	_, err = i.Examine(ctx, signs, june, number, deliberation.Premier, dossier.Imprint)
	must(b, err)
	_, err = i.GivePresidentVisa(ctx, signs, june, number, deliberation.Premier, dossier.Imprint)
	must(b, err)
	must(b, i.Close())
	pad(b, data, settings.Ledger, 500_000)
	return livret
}

// closest is the livret that has closest to 150 facts.
func closest(b *testing.B, i *instance.Instance) uuid.UUID {
	b.Helper()
	counts := make(map[uuid.UUID]int)
	for e, err := range i.Ledger.Store().Read(b.Context(), eventstore.Position{}) {
		must(b, err)
		if id, ok := e.Stream.UUID(); ok && e.Stream.Category() == record.Category {
			counts[id]++
		}
	}
	best, off := uuid.Nil, 1<<20
	for id, n := range counts {
		if away := max(n-140, 140-n); away < off {
			best, off = id, away
		}
	}
	b.Logf("a livret of %d facts in its record", counts[best])
	return best
}

// pad adds facts that no view reads.
func pad(b *testing.B, data string, of uuid.UUID, n int) {
	b.Helper()
	store, err := embedded.Open(filepath.Join(data, "events.db"))
	must(b, err)
	content := eventstore.Content{Role: access.Systeme, OccurredAt: time.Unix(0, 0), Payload: bytes.Repeat([]byte{'x'}, 120)}
	for range n / eventstore.MaxAppendEvents {
		stream := eventstore.Stream("filler", uuid.New())
		drafts := make([]eventstore.Envelope, eventstore.MaxAppendEvents)
		for k := range drafts {
			drafts[k], err = keyvault.SealEvent(nil, eventstore.Header{Ledger: of, Stream: stream, Sequence: eventstore.Version(k + 1), Type: "filler.Filled", Schema: 1, Event: uuid.New(), RecordedAt: time.Unix(1475481600, 0)}, content)
			must(b, err)
		}
		_, err := store.Append(b.Context(), drafts...)
		must(b, err)
	}
	must(b, store.Close())
}

func hand(ctx context.Context, desk *intake.Desk, folder string) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.xml"))
	var files []intake.File
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files = append(files, intake.File{Name: filepath.Base(name), Content: bytes.NewReader(content)})
	}
	if err == nil {
		_, err = desk.Siecle(ctx, files, intake.Options{})
	}
	return err
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

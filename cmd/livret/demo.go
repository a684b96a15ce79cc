package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/eventstore/ledger/intake"
)

// demoData is the folder of the demonstration, beside the real one and never it.
const demoData = "livret-demo"

// demoSeed makes the same fictional lycée each time.
const demoSeed = 2018

func (p *program) demo() *cobra.Command {
	var listen string
	var pupils int
	var noOpen bool
	var at string
	verb := &cobra.Command{
		Use:   "demo",
		Short: "Seed a fictional lycée and look at its livrets in a browser",
		Long: `Make the exchange files of a fictional lycée, import them as a school would, and serve the pages on the
loopback interface only. Personas are chosen from a list instead of signing in.

The clock stands on 11 June 2018, or on the day that --at says: the fictional lycée then lives through all that came
before it. On 5 July the results are proclaimed; on 5 September the livrets leave active service; on 5 March 2019 their
term is reached; on 20 March a visa allows their destruction. Time does not go back: for an earlier day, use --data.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("data") && os.Getenv("LIVRET_DATA") == "" {
				p.data = demoData
			}
			if err := loopback(listen); err != nil {
				return err
			}
			day, err := parseDay(at)
			if err != nil {
				return err
			}
			if day.Before(lifeBegins) {
				return usageError{fmt.Errorf("the demonstration begins on %s", lifeBegins)}
			}
			i, err := p.seed(c.Context(), pupils, day)
			if err != nil {
				return err
			}
			demo, err := personas(c.Context(), i)
			if err == nil {
				err = p.listen(c.Context(), i, serving{address: listen, every: time.Minute, demo: demo}, func(url string) { p.welcome(url, noOpen) })
			}
			return p.close(c.Context(), i, err)
		},
	}
	flags := verb.Flags()
	flags.StringVar(&listen, "listen", "127.0.0.1:8080", "loopback `address` to listen on")
	flags.IntVar(&pupils, "pupils", 175, "how many `pupils` to invent, for a new folder")
	flags.StringVar(&at, "at", lifeBegins.String(), "`day` on which the clock stands")
	flags.BoolVar(&noOpen, "no-open", false, "do not open a browser")
	return verb
}

// loopback refuses to show personas to anybody else than this machine.
func loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return usageError{err}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usageError{fmt.Errorf("a demonstration listens on the loopback interface only, not on %q", host)}
	}
	return nil
}

// seed opens the folder of the demonstration and lives through what is not past yet, up to a day. What an earlier
// run was interrupted in is finished.
func (p *program) seed(ctx context.Context, pupils int, day domain.Date) (*instance.Instance, error) {
	_, err := instance.InitFictional(p.data, "08")
	if err != nil && !errors.Is(err, instance.ErrExists) {
		return nil, err
	}
	clock := newClock(day)
	i, err := p.open(ctx, instance.Options{Now: clock.now})
	if err != nil {
		return nil, err
	}
	if err := p.liveUntil(ctx, i, clock, day, pupils); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// importLycee makes the files in a temporary folder, which is removed: what they say in clear, the data folder
// only ever holds sealed.
func (p *program) importLycee(ctx context.Context, i *instance.Instance, pupils int) error {
	started := time.Now()
	dir, err := os.MkdirTemp("", "livret-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := lycee.Generate(dir, pupils, demoSeed); err != nil {
		return err
	}
	p.note("invented a lycée of %d pupils and its exchange files", pupils)
	desk := i.Desk(operator())
	for _, year := range []int{demoYear - 1, demoYear} {
		names, err := filepath.Glob(filepath.Join(dir, "siecle", fmt.Sprint(year), "*.xml"))
		if err != nil {
			return err
		}
		files, _, closeAll, err := openFiles(names)
		if err != nil {
			return err
		}
		report, err := desk.Siecle(ctx, files, intake.Options{})
		closeAll()
		if err != nil {
			return err
		}
		p.note("SIECLE %d-%d: %d pupils, %d facts", year, year+1, report.Pupils, report.EventsWritten)
	}
	names, err := filepath.Glob(filepath.Join(dir, "lsl", "*.xml"))
	if err != nil {
		return err
	}
	files, size, closeAll, err := openFiles(names)
	if err != nil {
		return err
	}
	defer closeAll()
	bar := p.progress("élèves", size)
	for n := range files {
		files[n].Content = bar.reader(files[n].Content)
	}
	report, err := importLSL(ctx, desk, files, intake.Options{Progress: bar.set})
	bar.done()
	if err != nil {
		return err
	}
	p.note("LSL: %d pupils, %d facts, %d refusals", report.Pupils, report.EventsWritten, len(report.Refused))
	p.note("seeded in %s; views, masks and candidates…", time.Since(started).Round(10*time.Millisecond))
	return nil
}

func (p *program) welcome(url string, noOpen bool) {
	fmt.Fprintf(p.out, `
  Le lycée fictif est prêt : %s
  Choisissez un rôle sur la première page. À essayer ensuite, dans un autre dossier ou une fois ceci arrêté (Ctrl-C) :

    livret check          --data %[2]s    relire tout le registre : sceaux, suites, clés, vues
    livret replay --check --data %[2]s    prouver que chaque vue est ce que le registre dit
    livret show jury      --data %[2]s --session 2018

`, url, p.data)
	if noOpen {
		return
	}
	open := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	if open == "" {
		open = "xdg-open"
	}
	if path, err := exec.LookPath(open); err == nil {
		_ = exec.Command(path, url).Start() // without a browser, the address printed above is enough
	}
}

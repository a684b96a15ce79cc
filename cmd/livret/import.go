package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/eventstore/ledger/intake"
)

// importWait is how long an import waits for another process to let go of the data folder: two imports at
// once follow one another, and the second finds what the first wrote.
const importWait = 10 * time.Minute

func (p *program) imports() *cobra.Command {
	verb := &cobra.Command{Use: "import", Short: "Take a school's export files into the livrets", Args: cobra.ArbitraryArgs, RunE: onlyVerbs}
	var dry bool
	verb.PersistentFlags().BoolVar(&dry, "dry-run", false, "show what would change, per pupil, and write nothing")
	verb.AddCommand(
		&cobra.Command{
			Use:   "siecle FILE…",
			Short: "Pupils, guardians, divisions and staff: SIECLE exports and sts_emp, in any order",
			Args:  cobra.MinimumNArgs(1),
			RunE: func(c *cobra.Command, names []string) error {
				return p.take(c.Context(), names, dry, func(ctx context.Context, d *intake.Desk, files []intake.File, o intake.Options) (intake.Report, error) {
					return d.Siecle(ctx, files, o)
				})
			},
		},
		&cobra.Command{
			Use:   "lsl FILE…",
			Short: "Averages, appréciations, compétences, avis: LSL XML 1.0 of the marks software",
			Args:  cobra.MinimumNArgs(1),
			RunE: func(c *cobra.Command, names []string) error {
				return p.take(c.Context(), names, dry, importLSL)
			},
		},
		p.importResults(&dry),
	)
	return verb
}

// importLSL takes one file after the other; those before a damaged one are in.
func importLSL(ctx context.Context, d *intake.Desk, files []intake.File, o intake.Options) (intake.Report, error) {
	var whole intake.Report
	for n, f := range files {
		report, err := d.LSL(ctx, f.Name, f.Content, o)
		if n == 0 {
			whole = report
		} else {
			whole.Add(report)
		}
		if err != nil {
			return whole, err
		}
	}
	return whole, nil
}

// taking is how a kind of files is imported.
type taking func(context.Context, *intake.Desk, []intake.File, intake.Options) (intake.Report, error)

// take imports files and reports: what was refused is listed, and the rest is in, even when it ends badly.
func (p *program) take(ctx context.Context, names []string, dry bool, take taking) error {
	files, size, closeAll, err := openFiles(names)
	if err != nil {
		return err
	}
	defer closeAll()
	i, err := p.open(ctx, instance.Options{Wait: importWait})
	if err != nil {
		return err
	}
	bar := p.progress("élèves", size)
	for n := range files {
		files[n].Content = bar.reader(files[n].Content)
	}
	report, err := take(ctx, i.Desk(operator()), files, intake.Options{DryRun: dry, Progress: bar.set})
	bar.done()
	if !dry {
		err = errors.Join(err, i.CatchUp(ctx))
	}
	err = errors.Join(err, p.print(report, func(w io.Writer) error { return writeReport(w, report) }))
	if err == nil && len(report.Refused) > 0 {
		err = errPartly
	}
	return p.close(ctx, i, err)
}

// openFiles opens all files before the first is read: a name mistyped at the end imports nothing.
func openFiles(names []string) (files []intake.File, size int64, closeAll func(), err error) {
	var opened []*os.File
	closeAll = func() {
		for _, f := range opened {
			f.Close()
		}
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			closeAll()
			return nil, 0, nil, err
		}
		opened = append(opened, f)
		info, err := f.Stat()
		if err != nil || info.IsDir() {
			closeAll()
			return nil, 0, nil, errors.Join(err, usageError{fmt.Errorf("%s is not a file", name)})
		}
		size += info.Size()
		files = append(files, intake.File{Name: filepath.Base(name), Content: f})
	}
	return files, size, closeAll, nil
}

// operator is who imports on the machine itself, at the request of the head of school.
func operator() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
}

// writeReport tells a person what became of his files.
func writeReport(w io.Writer, r intake.Report) error {
	for _, n := range r.Notices {
		fmt.Fprintf(w, "note : %s\n", n)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(w, "%-10s %s%s\n", statusLabel(d.Status), d.Pupil, added(d.Added))
	}
	for _, x := range r.Warnings {
		fmt.Fprintf(w, "à relire : %s\n", refusedLine(x))
	}
	for _, x := range r.Refused {
		fmt.Fprintf(w, "refusé   : %s\n", refusedLine(x))
	}
	verb := "écrits"
	if r.DryRun {
		verb = "seraient écrits"
	}
	_, err := fmt.Fprintf(w, "%d élèves : %d livrets nouveaux, %d modifiés, %d inchangés ; %d faits %s ; %d refus\n",
		r.Pupils, r.New, r.Changed, r.Unchanged, r.EventsWritten, verb, len(r.Refused))
	return err
}

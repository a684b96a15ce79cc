// Command livret-verify checks a probatory archive of livret, offline: it has no key, no store and no network, and
// needs nothing from who made the archive but the file. It says in French what holds, for a magistrate or an expert.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"livret/eventstore/merkle/bundle"
)

// Exit codes.
const (
	exitValid         = 0
	exitInvalid       = 1
	exitIndeterminate = 2
	exitUsage         = 3
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errors io.Writer) int {
	flags := flag.NewFlagSet("livret-verify", flag.ContinueOnError)
	flags.SetOutput(errors)
	policy := flags.String("policy", "", "`file` of keys that you believe, obtained from elsewhere than the archive (C2SP tlog-policy)")
	roots := flags.String("roots", "", "PEM `file` of time-stamping authorities that you believe")
	asJSON := flags.Bool("json", false, "print the report as JSON")
	flags.Usage = func() {
		fmt.Fprint(errors, "usage: livret-verify [--policy FILE] [--roots FILE] [--json] ARCHIVE\n\n"+
			"Exit codes: 0 VALID, 1 INVALID, 2 INDETERMINATE, 3 wrong use or unreadable file.\n\n")
		flags.PrintDefaults()
	}
	if flags.Parse(args) != nil {
		return exitUsage
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return exitUsage
	}
	report, err := verify(flags.Arg(0), *policy, *roots)
	if err != nil {
		fmt.Fprintln(errors, "livret-verify:", err)
		return exitUsage
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = write(out, report)
	}
	if err != nil {
		return exitUsage
	}
	return exitCode(report.Outcome)
}

func exitCode(o bundle.Outcome) int {
	switch o {
	case bundle.Valid:
		return exitValid
	case bundle.Indeterminate:
		return exitIndeterminate
	}
	return exitInvalid
}

func verify(path, policyPath, rootsPath string) (bundle.Report, error) {
	var supplied *bundle.Policy
	if policyPath != "" {
		text, err := os.ReadFile(policyPath)
		if err != nil {
			return bundle.Report{}, err
		}
		var roots []byte
		if rootsPath != "" {
			if roots, err = os.ReadFile(rootsPath); err != nil {
				return bundle.Report{}, err
			}
		}
		parsed, err := bundle.ParsePolicy(text, roots)
		if err != nil {
			return bundle.Report{}, err
		}
		supplied = &parsed
	}
	file, err := os.Open(path)
	if err != nil {
		return bundle.Report{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return bundle.Report{}, err
	}
	return bundle.Verify(file, info.Size(), supplied), nil
}

func write(out io.Writer, report bundle.Report) error {
	var family bundle.Family
	for _, check := range report.Checks {
		if check.Family != family {
			family = check.Family
			fmt.Fprintf(out, "\n%s\n", family.Label())
		}
		fmt.Fprintf(out, "  %-12s %s\n", check.Outcome.Label(), check.Said)
	}
	_, err := fmt.Fprintf(out, "\nConclusion\u00a0: %s\n", report.Outcome.Label())
	return err
}

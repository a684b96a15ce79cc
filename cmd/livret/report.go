package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"livret/eventstore/ledger/intake"
)

func statusLabel(status string) string {
	switch status {
	case "new":
		return "nouveau"
	case "changed":
		return "modifié"
	case "refused":
		return "refusé"
	}
	return "inchangé"
}

// added counts facts by kind: " (3 record.AverageRecorded, …)".
func added(counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// refusedLine is whose, where, which rule, why, and what to do.
func refusedLine(x intake.Refused) string {
	var b strings.Builder
	if x.File != "" {
		b.WriteString(x.File)
		if x.Line > 0 {
			fmt.Fprintf(&b, ":%d", x.Line)
		}
		b.WriteString(" ")
	}
	for _, part := range []string{x.Pupil, x.Where} {
		if part != "" {
			b.WriteString(part + " — ")
		}
	}
	fmt.Fprintf(&b, "%s [%s]", x.Reason, x.Rule)
	if x.Remedy != "" {
		b.WriteString(" " + x.Remedy)
	}
	return b.String()
}

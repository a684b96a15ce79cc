// Command livret keeps the livret scolaire du lycée of one académie: it imports what schools export, shows
// the family, jury and statistical views, and proves what it says. See README.md for a first use, and
// `livret help` for the verbs.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/web"
	"livret/eventstore/ledger"
)

func (p *program) serve() *cobra.Command {
	var listen string
	var every time.Duration
	verb := &cobra.Command{
		Use:   "serve",
		Short: "Serve the pages and the API of a ledger",
		Long: `Serve the pages and the JSON API. Until a sign-in is configured (a later version), nobody can sign in, and
nothing personal is shown; «livret demo» shows everything, of a fictional lycée.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				if err := i.CatchUp(c.Context()); err != nil {
					p.log().Error("what is late is tried again while serving", "class", ledger.Class(err))
				}
				ctx, stop := context.WithCancel(c.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					p.keepDaily(ctx, i)
				}()
				err := p.listen(ctx, i, listen, every, nil, func(url string) {
					fmt.Fprintf(p.out, "livret on %s: no sign-in is configured, so nothing personal is shown\n", url)
				})
				stop()
				<-done
				return err
			})
		},
	}
	verb.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "`address` to listen on")
	verb.Flags().DurationVar(&every, "checkpoint", time.Minute, "how `often` what is new is signed; acts of a jury are at once")
	return verb
}

// keepDaily does what is due each day, until its context ends: the wrapping key is renewed, and an authority dates the
// state of the ledger. What failed is tried again within the hour.
func (p *program) keepDaily(ctx context.Context, i *instance.Instance) {
	for ctx.Err() == nil {
		if _, err := i.RotateIfDue(ctx); err != nil && ctx.Err() == nil {
			p.log().Error("the wrapping key could not be renewed", "class", ledger.Class(err))
		}
		if _, err := i.TimestampIfDue(ctx); err != nil && ctx.Err() == nil {
			p.log().Error("the ledger could not be dated by its authority", "why", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Hour):
		}
	}
}

// listen serves, lets reactions hear what is new and signs checkpoints, until its context ends; then it lets requests
// under way finish.
func (p *program) listen(ctx context.Context, i *instance.Instance, address string, every time.Duration, demo *web.Demo, ready func(url string)) error {
	log := p.log()
	site, err := web.New(i, web.Closed{}, demo, log)
	if err != nil {
		return err
	}
	handler, err := site.Handler()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	signed := make(chan struct{})
	go func() {
		defer close(signed)
		p.keepSigning(ctx, i, every)
	}()
	stopped, reacted := make(chan error, 1), make(chan error, 1)
	go func() { reacted <- i.Serve(ctx) }()
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(patience)
	}()
	ready("http://" + listener.Addr().String())
	err = server.Serve(listener)
	stop()
	if errors.Is(err, http.ErrServerClosed) {
		err = <-stopped
	}
	err = errors.Join(err, <-reacted)
	<-signed
	return err
}

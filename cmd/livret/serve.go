package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/telemetry"
	"livret/cmd/livret/web"
	"livret/eventstore/ledger"
)

func (p *program) serve() *cobra.Command {
	var s serving
	verb := &cobra.Command{
		Use:   "serve",
		Short: "Serve the pages and the API of a ledger",
		Long: `Serve the pages and the JSON API. Until a sign-in is configured (a later version), nobody can sign in, and
nothing personal is shown; «livret demo» shows everything, of a fictional lycée.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			err := s.wire.check()
			if err != nil {
				return err
			}
			if s.telemetry, err = telemetry.New(c.Context(), s.collector, buildVersion().Version); err != nil {
				return err
			}
			i, err := p.open(c.Context(), instance.Options{Watcher: s.telemetry})
			if err != nil {
				return err
			}
			s.telemetry.Watch(i, operator())
			return p.close(c.Context(), i, p.serveAll(c.Context(), i, s))
		},
	}
	verb.Flags().StringVar(&s.address, "listen", "127.0.0.1:8080", "`address` to listen on")
	verb.Flags().DurationVar(&s.every, "checkpoint", time.Minute, "how `often` what is new is signed; acts of a jury are at once")
	verb.Flags().StringVar(&s.metrics, "metrics", fromEnvironment("LIVRET_METRICS", ""), "`address` where /metrics is scraped, apart from the pages; none unless it is given ($LIVRET_METRICS)")
	verb.Flags().StringVar(&s.collector, "otlp", fromEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", ""), "`URL` of an OpenTelemetry collector (OTLP over HTTP) that is sent traces; none unless it is given ($OTEL_EXPORTER_OTLP_ENDPOINT)")
	s.wire.add(verb)
	return verb
}

// serving is how pages are served.
type serving struct {
	address   string
	every     time.Duration // between checkpoints
	metrics   string        // address; none if it is empty
	collector string        // of traces; none if it is empty
	wire      wireFlags
	demo      *web.Demo            // nil unless this is a demonstration
	telemetry *telemetry.Telemetry // nil: nobody watches
}

// serveAll serves, and does what is due each day meanwhile.
func (p *program) serveAll(ctx context.Context, i *instance.Instance, s serving) error {
	if err := i.CatchUp(ctx); err != nil {
		p.log().Error("what is late is tried again while serving", "class", ledger.Class(err))
	}
	ctx, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { p.keepDaily(ctx, i) })
	err := p.listen(ctx, i, s, func(url string) {
		fmt.Fprintf(p.out, "livret on %s: no sign-in is configured, so nothing personal is shown\n", url)
	})
	stop()
	beside.Wait()
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if lost := s.telemetry.Close(patience); lost != nil {
		p.log().Warn("some traces were not delivered")
	}
	return err
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
func (p *program) listen(ctx context.Context, i *instance.Instance, s serving, ready func(url string)) error {
	log := p.log()
	site, err := web.New(i, web.Closed{}, s.demo, log)
	if err != nil {
		return err
	}
	handler, err := site.Handler()
	if err != nil {
		return err
	}
	if s.telemetry != nil {
		handler = s.telemetry.Requests(handler)
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return err
	}
	scraped, err := s.scrape(log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer scraped()
	unwired, err := s.wire.serve(i.Source.Store, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer unwired()
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(site.EndStreams)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	signed := make(chan struct{})
	go func() {
		defer close(signed)
		p.keepSigning(ctx, i, s.every)
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

// scrape serves metrics at their own address, if there is one: who may read pages need not see them. It answers what
// stops it.
func (s serving) scrape(log *slog.Logger) (stop func() error, err error) {
	if s.metrics == "" || s.telemetry == nil {
		return func() error { return nil }, nil
	}
	listener, err := net.Listen("tcp", s.metrics)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.telemetry.Metrics())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	go server.Serve(listener) // ends with Close
	return server.Close, nil
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"

	"livret/eventstore"
	"livret/eventstore/esdb/wire"
	"livret/eventstore/esdb/wire/users"
)

func (p *program) wire() *cobra.Command {
	verb := &cobra.Command{
		Use:   "wire",
		Short: "Let EventStoreDB clients read sealed events",
		Long: `Let EventStoreDB clients, in any language, read and follow the sealed events of a ledger: see «livret serve --wire».
They append nothing, and hold no key.`,
		RunE: onlyVerbs,
	}
	user := &cobra.Command{Use: "user", Short: "Say who may read over the wire", RunE: onlyVerbs}
	user.AddCommand(p.wireUserAdd())
	verb.AddCommand(user)
	return verb
}

func (p *program) wireUserAdd() *cobra.Command {
	var file string
	var categories []string
	verb := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a user, and print the password drawn for it, once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "users", "categories"); err != nil {
				return err
			}
			line, password, err := users.New(args[0], categories)
			if err != nil {
				return usageError{err}
			}
			if err := addLine(file, args[0], line); err != nil {
				return err
			}
			fmt.Fprintf(p.out, "%s\n", password)
			return nil
		},
	}
	verb.Flags().StringVar(&file, "users", "", "`file` that the user is added to, made if there is none")
	verb.Flags().StringSliceVar(&categories, "categories", nil, "`categories` of streams that may be read, as in record,candidate")
	return verb
}

// addLine adds a user to a file that can be read and knows nobody of that name.
func addLine(file, name, line string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	known, err := users.Read(f)
	switch {
	case err != nil:
		return usageError{err}
	case known.Has(name):
		return usageError{fmt.Errorf("the file already has a user %s: take the line out first", name)}
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Sync())
}

// wireFlags say how sealed events are served to strangers.
type wireFlags struct {
	address, users, cert, key string
	open                      []string // categories that anybody on this machine may read
}

func (w *wireFlags) add(verb *cobra.Command) {
	verb.Flags().StringVar(&w.address, "wire", "", "`address` where EventStoreDB clients may read and follow sealed events; none unless it is given")
	verb.Flags().StringVar(&w.users, "wire-users", "", "`file` of those who may: see «livret wire user add»")
	verb.Flags().StringVar(&w.cert, "wire-cert", "", "`file` of the certificate, PEM")
	verb.Flags().StringVar(&w.key, "wire-key", "", "`file` of the certificate's private key, PEM")
	verb.Flags().StringSliceVar(&w.open, "wire-open", nil, "`categories` that anybody may read, without TLS nor password, on a loopback address only")
}

// check refuses flags that do not go together.
func (w *wireFlags) check() error {
	secured := w.users != "" || w.cert != "" || w.key != ""
	switch {
	case w.address == "" && (secured || len(w.open) > 0):
		return usageError{errors.New("without --wire, the other --wire flags say nothing")}
	case w.address == "":
		return nil
	case len(w.open) > 0 && secured:
		return usageError{errors.New("--wire-open serves without TLS: it does not go with --wire-users, --wire-cert and --wire-key")}
	case len(w.open) > 0 && loopback(w.address) != nil:
		return usageError{errors.New("--wire-open serves without TLS: only on a loopback address, as 127.0.0.1:2113")}
	case len(w.open) == 0 && (w.users == "" || w.cert == "" || w.key == ""):
		return usageError{errors.New("--wire needs --wire-users, --wire-cert and --wire-key, or --wire-open on a loopback address")}
	}
	return nil
}

// options reads the files that the flags name.
func (w *wireFlags) options(store eventstore.Store, log *slog.Logger) (wire.Options, error) {
	gateway := wire.NewGateway(store)
	o := wire.Options{Log: log}
	if len(w.open) > 0 {
		o.Open = func(context.Context, *wire.Credentials) (wire.Log, error) { return gateway.Only(w.open), nil }
		return o, nil
	}
	pair, err := tls.LoadX509KeyPair(w.cert, w.key)
	if err != nil {
		return o, usageError{fmt.Errorf("the certificate can not be used: %w", err)}
	}
	file, err := os.Open(w.users)
	if err != nil {
		return o, err
	}
	defer file.Close()
	known, err := users.Read(file)
	if err != nil {
		return o, usageError{err}
	}
	o.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	o.Open = func(_ context.Context, who *wire.Credentials) (wire.Log, error) {
		if who == nil {
			return nil, wire.ErrUnauthenticated
		}
		categories, err := known.Categories(who.Username, who.Password)
		if err != nil {
			return nil, wire.ErrUnauthenticated
		}
		return gateway.Only(categories), nil
	}
	return o, nil
}

// maxStrangers is how many connections are served at once.
const maxStrangers = 256

// serve serves until what it answers is called.
func (w *wireFlags) serve(store eventstore.Store, log *slog.Logger) (stop func(), err error) {
	if w.address == "" { // as it is in a demonstration
		return func() {}, nil
	}
	options, err := w.options(store, log)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", w.address)
	if err != nil {
		return nil, err
	}
	server := wire.New(options)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(netutil.LimitListener(listener, maxStrangers)); err != nil {
			log.Error("the wire is served no more", "why", err)
		}
	}()
	log.Info("sealed events are served over the wire", "address", listener.Addr().String())
	return func() {
		server.Stop()
		<-served
	}, nil
}

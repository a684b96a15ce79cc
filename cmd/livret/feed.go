package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
)

func (p *program) feed() *cobra.Command {
	verb := &cobra.Command{Use: "feed", Short: "Who follows the views: other software", Args: cobra.ArbitraryArgs, RunE: onlyVerbs}
	consumer := &cobra.Command{Use: "consumer", Short: "Admit software to the feed of an audience, or end it", Args: cobra.ArbitraryArgs, RunE: onlyVerbs}
	consumer.AddCommand(p.addConsumer(), p.listConsumers(), p.removeConsumer())
	verb.AddCommand(consumer)
	return verb
}

func (p *program) addConsumer() *cobra.Command {
	var c instance.Consumer
	var until string
	verb := &cobra.Command{
		Use:   "add NAME --audience AUDIENCE [--scope SCOPE] [--until DAY]",
		Short: "Admit a consumer, and print its token, which is kept nowhere",
		Long: `Admit a consumer, and print its token, which is shown once and kept as a hash only. The audience says what it is told:
  family      the livrets of the pupils of a school, which --scope names by its UAI
  jury        the pseudonymous dossiers of a session, which --scope names as in 2018-juin
  statistics  what is published of all sessions
A running server knows it at once.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := needs(cmd, "audience"); err != nil {
				return err
			}
			if until != "" {
				if c.Until, err = parseDay(until); err != nil {
					return err
				}
			}
			c.Name = args[0]
			all, err := instance.ConsumersOf(p.data)
			if err != nil {
				return err
			}
			token, err := all.Add(c, time.Now())
			switch {
			case errors.Is(err, instance.ErrUsage), errors.Is(err, instance.ErrConsumer):
				return usageError{err}
			case err != nil:
				return err
			}
			return p.print(map[string]string{"name": c.Name, "token": token}, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, token)
				return err
			})
		},
	}
	verb.Flags().StringVar(&c.Audience, "audience", "", "`audience`: family, jury or statistics")
	verb.Flags().StringVar(&c.Scope, "scope", "", "UAI of the school, or session of the jury, as in `2018-juin`")
	verb.Flags().StringVar(&until, "until", "", "first `day` on which it is not heard any more; none unless it is given")
	return verb
}

// consumerLine is a consumer as it is listed: without its hash.
type consumerLine struct {
	ID       uuid.UUID   `json:"id"`
	Name     string      `json:"name"`
	Audience string      `json:"audience"`
	Scope    string      `json:"scope,omitempty"`
	Since    time.Time   `json:"since"`
	Until    domain.Date `json:"until,omitzero"`
}

func (p *program) listConsumers() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Those admitted", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			of, err := instance.ConsumersOf(p.data)
			if err != nil {
				return err
			}
			all, err := of.All()
			if err != nil {
				return err
			}
			lines := make([]consumerLine, len(all))
			for n, c := range all {
				lines[n] = consumerLine{c.ID, c.Name, c.Audience, c.Scope, c.Since, c.Until}
			}
			return p.print(lines, func(w io.Writer) error {
				for _, c := range lines {
					if _, err := fmt.Fprintf(w, "%s: %s %s\n", c.Name, c.Audience, c.Scope); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (p *program) removeConsumer() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "End a consumer: its token is nobody's from the next request on", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			of, err := instance.ConsumersOf(p.data)
			if err != nil {
				return err
			}
			if err := of.Remove(args[0]); errors.Is(err, instance.ErrNoConsumer) {
				return usageError{err}
			} else {
				return err
			}
		},
	}
}

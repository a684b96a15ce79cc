package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/eventstore"
	"livret/eventstore/feed"
)

func (p *program) reactions() *cobra.Command {
	const long = `What follows from facts without a person: candidates, masks, clocks. Each reaction hears the facts in order. When it
fails at one fact, the stream of that fact is parked for it: later facts of that stream wait behind, all others go on,
and the exit code is 6 as long as something is parked.`
	show := func(c *cobra.Command, _ []string) error {
		return p.with(c.Context(), func(i *instance.Instance) error { return p.writeReactions(c, i) })
	}
	verb := &cobra.Command{Use: "reactions", Short: "How far reactions have heard, what they are parked at, and to try again", Long: long, Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return onlyVerbs(c, args)
			}
			return show(c, args)
		}}
	status := &cobra.Command{Use: "status", Short: "How far each reaction has heard, and what it is parked at", Long: long, Args: cobra.NoArgs, RunE: show}
	var streams []string
	retry := &cobra.Command{
		Use:   "retry [--stream STREAM]…",
		Short: "Hand over again what is parked, in order, then all that is new",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				var meant []eventstore.StreamID
				for _, stream := range streams {
					meant = append(meant, eventstore.StreamID(stream))
				}
				if err := i.RetryParked(c.Context(), meant...); err != nil {
					return err
				}
				return p.writeReactions(c, i)
			})
		},
	}
	retry.Flags().StringArrayVar(&streams, "stream", nil, "only this parked `stream`; may be repeated")
	verb.AddCommand(status, retry)
	return verb
}

func (p *program) writeReactions(c *cobra.Command, i *instance.Instance) error {
	all, err := i.Reactions(c.Context())
	if err != nil {
		return err
	}
	if err := p.print(all, func(w io.Writer) error { return writeReactions(w, all) }); err != nil {
		return err
	}
	if parked(all) > 0 {
		return errParked
	}
	return nil
}

func parked(all []feed.Status) (streams int) {
	for _, r := range all {
		streams += len(r.Parked)
	}
	return streams
}

func writeReactions(w io.Writer, all []feed.Status) error {
	for _, r := range all {
		if _, err := fmt.Fprintf(w, "%s: at %s, %d to hear, %d parked\n", r.Name, r.Cursor, r.Lag, len(r.Parked)); err != nil {
			return err
		}
		for _, s := range r.Parked {
			fmt.Fprintf(w, "  %s at %d: %s; since %s, tried %d times, last on %s\n",
				s.Stream, s.Sequence, s.Class, s.Since.Format(time.RFC3339), s.Attempts, s.Tried.Format(time.RFC3339))
		}
	}
	return nil
}

package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/retention"
)

func (p *program) session() *cobra.Command {
	verb := &cobra.Command{
		Use:   "session",
		Short: "What becomes of an exam session",
		Args:  cobra.NoArgs,
		RunE:  onlyVerbs,
	}
	verb.AddCommand(p.openSession(), p.closeSession(), p.proclaim(), p.sessionStatus(), p.sessionResults())
	return verb
}

func (p *program) openSession() *cobra.Command {
	var of examSession
	verb := &cobra.Command{
		Use:   "open --session YEAR",
		Short: "Open a session, in which juries can be formed",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				changed, err := i.OpenSession(c.Context(), operator(), of.session())
				if err != nil {
					return err
				}
				return p.printChange(changed, "session %s ouverte", of.session())
			})
		},
	}
	of.flags(verb)
	return verb
}

func (p *program) closeSession() *cobra.Command {
	var of examSession
	var on string
	verb := &cobra.Command{
		Use:   "close --session YEAR [--on DATE]",
		Short: "Close the deliberations: families may download and print the livret from here on",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				day, err := onDay(on, i)
				if err != nil {
					return err
				}
				changed, err := i.CloseDeliberations(c.Context(), operator(), of.session(), day)
				if err != nil {
					return err
				}
				return p.printChange(changed, "délibérations de la session %s closes le %s", of.session(), day)
			})
		},
	}
	of.flags(verb)
	verb.Flags().StringVar(&on, "on", "", "`date` of the closing; today if left out")
	return verb
}

func (p *program) sessionStatus() *cobra.Command {
	var of examSession
	verb := &cobra.Command{
		Use:   "status --session YEAR",
		Short: "How far a session is: juries, livrets not transmitted, candidates without jury or result",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				status, err := i.SessionStatus(c.Context(), operator(), of.session())
				if err != nil {
					return err
				}
				return p.print(status, func(w io.Writer) error { return writeSession(w, status) })
			})
		},
	}
	of.flags(verb)
	return verb
}

func writeSession(w io.Writer, s instance.SessionStatus) error {
	fmt.Fprintf(w, "session %s : %s\n", s.Session, stage(s))
	fmt.Fprintf(w, "%d candidats : %d livrets transmis, %d affectés à un jury, %d résultats\n", s.Candidates, s.Transmitted, s.Assigned, s.Results)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, j := range s.Juries {
		fmt.Fprintf(t, "jury %s\t%d jurés\t%d séances\t%d candidats\t%d visas\t%d à revoir\t%d résultats\n", j.Number, j.Jurors, j.Sittings, j.Candidates, j.Visas, j.Stale, j.Results)
	}
	return t.Flush()
}

// stage is where a session is in its life.
func stage(s instance.SessionStatus) string {
	switch {
	case !s.Proclaimed.IsZero():
		return "résultats proclamés le " + s.Proclaimed.String()
	case !s.Closed.IsZero():
		return "délibérations closes le " + s.Closed.String()
	case s.Opened:
		return "ouverte"
	}
	return "non ouverte"
}

func (p *program) proclaim() *cobra.Command {
	var of examSession
	var on string
	verb := &cobra.Command{
		Use:   "proclaim --session YEAR --on DATE",
		Short: "Record the proclamation of results, from which all terms count",
		Long: `Record the day on which the results of an exam session were proclaimed, at the request of the exams division.
The terms of the arrêté of 8 February 2016, art. 9, begin to run; it is said once.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session", "on"); err != nil {
				return err
			}
			day, err := parseDay(on)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				changed, err := i.Proclaim(c.Context(), operator(), of.session(), day)
				if err != nil {
					return err
				}
				result := struct {
					Session    string      `json:"session"`
					Proclaimed domain.Date `json:"proclaimed"`
					Active     domain.Date `json:"active_until"`
					Term       domain.Date `json:"term"`
					Changed    bool        `json:"changed"`
				}{of.session().String(), day, retention.ActiveUntil(day), retention.LivretTerm(day), changed}
				return p.print(result, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "session %s proclamée le %s : service courant jusqu’au %s, échéance le %s%s\n",
						result.Session, day, result.Active, result.Term, already(changed))
					return err
				})
			})
		},
	}
	of.flags(verb)
	verb.Flags().StringVar(&on, "on", "", "`date` of the proclamation, as in 2018-07-05")
	return verb
}

// examSession is the flags that name an exam session.
type examSession struct {
	year  int16
	round string
}

func (s *examSession) flags(c *cobra.Command) {
	c.Flags().Int16Var(&s.year, "session", 0, "calendar `year` of the exam")
	c.Flags().StringVar(&s.round, "round", deliberation.Juin, "juin or septembre")
}

func (s *examSession) session() deliberation.ExamSession {
	return deliberation.ExamSession{Year: nomenclature.SchoolYear(s.year), Round: s.round}
}

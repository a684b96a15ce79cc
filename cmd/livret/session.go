package main

import (
	"fmt"
	"io"

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
	var of examSession
	var on string
	proclaim := &cobra.Command{
		Use:   "proclaim --session YEAR --on DATE",
		Short: "Record the proclamation of results, from which all terms count",
		Long: `Record the day on which the results of an exam session were proclaimed, at the request of the exams division.
The terms of the arrêté of 8 February 2016, art. 9, begin to run; it is said once.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session", "on"); err != nil {
				return err
			}
			day, err := domain.ParseDate(on)
			if err != nil {
				return usageError{err}
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
	of.flags(proclaim)
	proclaim.Flags().StringVar(&on, "on", "", "`date` of the proclamation, as in 2018-07-05")
	verb.AddCommand(proclaim)
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

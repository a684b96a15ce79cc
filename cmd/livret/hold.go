package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

func (p *program) hold() *cobra.Command {
	var of examSession
	var id, jury, origin, file string
	verb := &cobra.Command{
		Use:   "hold --origin ORIGIN LIVRET… | --session YEAR | --jury ID",
		Short: "Keep livrets beyond their term, as long as a procedure lasts",
		Long: `Keep livrets and the log of who read them beyond their term. A random id is drawn for the hold. Its origin is
recours-administratif, recours-contentieux or demande-eleve. Who asked, why, and the number of the procedure are read
from a file of JSON ({"origin", "case", "requester", "motive"}; "-" is the standard input), so that they stand on no
command line; they are sealed under the hold's own key. A hold by jury or session also covers livrets that come to it later.
A destruction that was requested is cancelled; one that has begun is not, and the livret is listed as refused.
With --hold alone, an interrupted one goes on.`,
		RunE: func(c *cobra.Command, args []string) error {
			hold, open := uuid.New(), retention.OpenHold{Origin: retention.Origin(origin)}
			scopes := 0
			for _, given := range []bool{len(args) > 0, of.year != 0, jury != ""} {
				if given {
					scopes++
				}
			}
			if file != "" {
				if err := p.readHold(file, &open); err != nil {
					return err
				}
			}
			for _, arg := range args {
				livret, err := parseLivret(arg)
				if err != nil {
					return err
				}
				open.Livrets = append(open.Livrets, livret)
			}
			var err error
			switch {
			case id != "" && scopes == 0:
				hold, err = parseHold(id)
			case id != "" || scopes != 1:
				err = usageError{errors.New("give livrets, or --session, or --jury; or --hold alone")}
			case open.Origin == "":
				err = usageError{errors.New("--origin is needed, or a file that says it")}
			case jury != "":
				if open.Jury, err = uuid.Parse(jury); err != nil {
					err = usageError{errors.New("a jury is named by its UUID")}
				}
			case of.year != 0:
				open.Session = of.session().String()
			}
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				stands, err := i.PlaceHold(c.Context(), operator(), hold, open)
				if err != nil {
					return err
				}
				return p.stands("gel "+hold.String(), "posé", hold.String(), stands)
			})
		},
	}
	of.flags(verb)
	flags := verb.Flags()
	flags.StringVar(&id, "hold", "", "`id` of a hold to go on with")
	flags.StringVar(&jury, "jury", "", "`id` of a jury")
	flags.StringVar(&origin, "origin", "", "recours-administratif, recours-contentieux or demande-eleve")
	flags.StringVar(&file, "file", "", "`file` that says who asked, and why")
	return verb
}

// readHold reads the file of a hold: what may stand on no command line.
func (p *program) readHold(path string, open *retention.OpenHold) error {
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(io.LimitReader(p.in, 1<<16))
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return err
	}
	var said struct {
		Origin    retention.Origin `json:"origin"`
		Case      string           `json:"case"`
		Requester string           `json:"requester"`
		Motive    string           `json:"motive"`
	}
	if err := domain.ReadStrict(data, &said); err != nil {
		return usageError{errors.New("the file of a hold is a JSON object of origin, case, requester and motive")}
	}
	if open.Origin == "" {
		open.Origin = said.Origin
	}
	open.Case, open.Requester, open.Motive = said.Case, said.Requester, said.Motive
	return nil
}

func parseHold(text string) (uuid.UUID, error) {
	hold, err := uuid.Parse(text)
	if err != nil {
		return hold, usageError{fmt.Errorf("a hold is named by its UUID")}
	}
	return hold, nil
}

func (p *program) release() *cobra.Command {
	return &cobra.Command{
		Use:   "release HOLD",
		Short: "End a hold wherever it stands: the procedure is over",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			hold, err := parseHold(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				stands, err := i.ReleaseHold(c.Context(), operator(), hold)
				if err != nil {
					return err
				}
				return p.stands("gel "+hold.String(), "levé", hold.String(), stands)
			})
		},
	}
}

func (p *program) holds() *cobra.Command {
	var files bool
	verb := &cobra.Command{
		Use:   "holds [--files]",
		Short: "The holds, and where they stand",
		Long: `List the holds, and where they stand. With --files, also who asked and why, as to an agent of the exams division:
who runs this on the machine does so at his request.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				actor := operator()
				if files {
					actor = access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: i.Settings.Academie}
				}
				holds, err := i.Holds(c.Context(), actor)
				if err != nil {
					return err
				}
				return p.print(holds, func(w io.Writer) error { return writeHolds(w, holds) })
			})
		},
	}
	verb.Flags().BoolVar(&files, "files", false, "with who asked, and why")
	return verb
}

var holdStandings = map[instance.HoldStanding]string{
	instance.HoldIncomplete: "INCOMPLET : « livret retention run » l’achève",
	instance.HoldStands:     "posé",
	instance.HoldLifting:    "levée INCOMPLÈTE : « livret retention run » l’achève",
	instance.HoldOver:       "levé",
}

var originLabels = map[retention.Origin]string{
	retention.RecoursAdministratif: "recours administratif",
	retention.RecoursContentieux:   "recours contentieux",
	retention.DemandeEleve:         "demande de l’élève (RGPD, art. 18-1 c)",
}

func writeHolds(w io.Writer, holds []instance.Hold) error {
	if len(holds) == 0 {
		fmt.Fprintln(w, "aucun gel")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, h := range holds {
		fmt.Fprintf(t, "%s\t%s\t%d livrets", h.Hold, holdStandings[h.Standing], h.Livrets)
		if !h.Term.IsZero() {
			fmt.Fprintf(t, "\tson dossier échoit le %s", h.Term)
		}
		if h.File != nil {
			fmt.Fprintf(t, "\t%s", strings.Join(said(originLabels[h.File.Origin], h.File.Case, h.File.Requester, h.File.Motive), " — "))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// said are those of some texts that are not empty.
func said(texts ...string) []string {
	var all []string
	for _, text := range texts {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}

// stands says where something stands, and where it was refused.
func (p *program) stands(what, done, reference string, s ledger.Stands) error {
	result := struct {
		Reference string `json:"reference"`
		ledger.Stands
	}{reference, s}
	err := p.print(result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s : %s dans %d livrets, dont %d à l’instant\n", what, done, s.Livrets, s.Changed)
		return err
	})
	return p.left(err, s.Left)
}

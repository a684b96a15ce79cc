package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/ledger"
)

// gridJSON is a grid for software.
type gridJSON struct {
	Year     nomenclature.SchoolYear `json:"year"`
	Division string                  `json:"division"`
	Label    string                  `json:"label"`
	Periods  []string                `json:"periods" doc:"noms des périodes"`
	Rows     []rowJSON               `json:"rows"`
}

type rowJSON struct {
	Livret       uuid.UUID  `json:"livret"`
	Name         string     `json:"name"`
	Marks        []cellJSON `json:"marks" doc:"une par période"`
	Appreciation cellJSON   `json:"appreciation"`
}

// cellJSON is a cell of a grid, as it can be typed.
type cellJSON struct {
	Value    string `json:"value" doc:"vide : rien n’est enregistré"`
	Imported bool   `json:"imported,omitempty"`
	Writable bool   `json:"writable"`
	Why      string `json:"why,omitempty" doc:"pourquoi elle ne peut pas être écrite"`
}

func (p *gridPage) json() gridJSON {
	out := gridJSON{Year: p.Year, Division: p.Division, Label: p.Label, Periods: p.Columns, Rows: []rowJSON{}}
	one := func(c *gridCell) cellJSON {
		j := cellJSON{Value: c.Value, Imported: c.Imported, Writable: c.Editable}
		if c.Note != 0 {
			j.Why = p.Notes[c.Note-1].Reason
		}
		return j
	}
	for _, row := range p.Rows {
		j := rowJSON{Livret: row.Livret, Name: row.Name, Marks: []cellJSON{}, Appreciation: one(row.Text)}
		for _, c := range row.Marks {
			j.Marks = append(j.Marks, one(c))
		}
		out.Rows = append(out.Rows, j)
	}
	return out
}

// putAverage and putText are what is sent to be written.
type putAverage struct {
	Body struct {
		Mark   mark.Mark `json:"mark"`
		Reason string    `json:"reason,omitempty" doc:"motif d’une correction par le chef d’établissement"`
	}
}

type putText struct {
	Body struct {
		Text string `json:"text" doc:"de 1 à 300 caractères"`
		Kept bool   `json:"kept,omitempty" doc:"une personne a relu le texte signalé et le maintient"`
	}
}

// averageJSON and textJSON are what a cell holds. Their version is that of the record when the cell was last
// written, 0 if it never was; it is their ETag.
type averageJSON struct {
	Version  uint64     `json:"version"`
	Mark     *mark.Mark `json:"mark,omitempty" doc:"absent : aucune moyenne n’est enregistrée"`
	Shown    string     `json:"shown,omitempty"`
	Imported bool       `json:"imported,omitempty"`
}

type textJSON struct {
	Version uint64 `json:"version"`
	Text    string `json:"text"`
}

func (c standing) average() averageJSON {
	if c.Sequence == 0 {
		return averageJSON{}
	}
	return averageJSON{c.Sequence, &c.Mark, c.Mark.String(), c.Imported}
}

func (c standing) appreciation() textJSON { return textJSON{c.Sequence, c.Text} }

func (c standing) tag() string { return `"` + strconv.FormatUint(c.Sequence, 10) + `"` }

func (s *Site) writes(api huma.API) {
	const path = "/api/v1/livrets/{livret}/annees/{year}/enseignements/{matiere}/{modalite}/{rank}"
	const average, appreciation = path + "/moyennes/{period}", path + "/appreciation"
	read(s, api, average, "Moyenne d’une période", func(r *http.Request, actor access.Actor) (averageJSON, string, error) {
		c, err := s.readCell(r, actor)
		return c.average(), c.tag(), err
	})
	read(s, api, appreciation, "Appréciation de l’année", func(r *http.Request, actor access.Actor) (textJSON, string, error) {
		c, err := s.readCell(r, actor)
		return c.appreciation(), c.tag(), err
	})
	put := huma.Operation{Method: http.MethodPut, MaxBodyBytes: 16 << 10, Errors: []int{400, 401, 403, 404, 409, 410, 412, 422, 428}}
	put.Path, put.Summary = average, "Saisir ou corriger la moyenne d’une période"
	register(s, api, put, func(r *http.Request, actor access.Actor, in *putAverage) (averageJSON, string, error) {
		c, err := s.writeCell(r, actor, entry{Mark: in.Body.Mark, Reason: in.Body.Reason})
		return c.average(), c.tag(), err
	})
	put.Path, put.Summary = appreciation, "Écrire l’appréciation de l’année"
	register(s, api, put, func(r *http.Request, actor access.Actor, in *putText) (textJSON, string, error) {
		c, err := s.writeCell(r, actor, entry{Text: in.Body.Text, Kept: in.Body.Kept})
		return c.appreciation(), c.tag(), err
	})
}

// cellOf is the cell of the address.
func cellOf(r *http.Request) (c cell, err error) {
	if c.Livret, err = uuid.Parse(r.PathValue("livret")); err != nil {
		return c, errNoPage
	}
	if c.Enseignement, err = enseignement(r); err != nil {
		return c, err
	}
	if text := r.PathValue("period"); text != "" {
		period, err := number(text, 3)
		c.Period = uint8(period)
		return c, err
	}
	return c, nil
}

func (s *Site) readCell(r *http.Request, actor access.Actor) (standing, error) {
	c, err := cellOf(r)
	if err != nil {
		return standing{}, err
	}
	today := s.Today()
	b, err := s.load(r.Context(), c.Livret)
	if gone(err) {
		if refusal := access.May(actor, access.ReadTeaching, access.Target{Livret: c.Livret, Academie: s.Settings.Academie}, today); refusal != nil {
			return standing{}, refusal
		}
	}
	if err != nil {
		return standing{}, err
	}
	return c.in(b.State), access.May(actor, access.ReadTeaching, s.line(b, c.Enseignement), today)
}

// writeCell carries out a PUT, under the conditions of RFC 9110 (If-Match) and of the IETF draft of that name
// (Idempotency-Key).
func (s *Site) writeCell(r *http.Request, actor access.Actor, e entry) (standing, error) {
	ifMatch, key := r.Header.Get("If-Match"), r.Header.Get("Idempotency-Key")
	var err error
	if e.cell, err = cellOf(r); err != nil {
		return standing{}, err
	}
	if ifMatch == "" {
		return standing{}, problem{Status: http.StatusPreconditionRequired, Title: "Version manquante", Code: "version-manquante",
			Detail: "Une écriture doit dire quelle version elle remplace.", Remedy: "Lisez la valeur, et renvoyez son ETag dans If-Match."}
	}
	e.Fresh = func(stands standing) bool { return lists(ifMatch, stands.Sequence) }
	order := uuid.New()
	if key != "" {
		if order, err = uuid.Parse(strings.Trim(key, `"`)); err != nil {
			return standing{}, problem{Status: http.StatusBadRequest, Title: "Clé d’idempotence illisible", Code: "cle-illisible",
				Detail: "Idempotency-Key n’est pas un UUID.", Remedy: "Tirez un UUID au hasard pour chaque écriture, et reprenez-le à chaque nouvel essai."}
		}
	}
	e.ID = orderID(order, e.cell, actor.Person.String())
	result, err := s.write(r.Context(), actor, e)
	if err != nil {
		return standing{}, err
	}
	if result.Replay && !says(result, e) {
		return standing{}, problem{Status: http.StatusUnprocessableEntity, Title: "Clé d’idempotence déjà employée", Code: "cle-deja-employee",
			Detail: "Cette clé a déjà servi pour une autre valeur.", Remedy: "Tirez une nouvelle clé."}
	}
	s.catchUp(r)
	return s.readCell(r, actor)
}

// lists tells whether a version is one of those that If-Match lists. The star matches none: it would replace
// what nobody has read.
func lists(ifMatch string, sequence uint64) bool {
	for tag := range strings.SplitSeq(ifMatch, ",") {
		if strings.TrimSpace(tag) == (standing{Sequence: sequence}).tag() {
			return true
		}
	}
	return false
}

// says tells whether what an order was answered with is what is asked now.
func says(result ledger.Result, e entry) bool {
	for _, event := range result.Events {
		switch was := event.(type) {
		case record.AverageRecorded:
			return was.Mark == e.Mark
		case record.AverageCorrected:
			return was.Mark == e.Mark
		case record.AppreciationWritten:
			return was.Text == record.Tidy(e.Text)
		}
	}
	return true
}

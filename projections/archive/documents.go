package archive

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/merkle/bundle"
	"livret/projections/wording"
)

// The documents of an archive, below data/.
const (
	readMeFile    = "LISEZMOI.txt"
	pageFile      = "lecture.html"
	statementFile = "releve-valeur-probante.json"
	verifierFile  = "verificateur/verifier.py"
	digestsFile   = "verificateur/SHA256SUMS"
)

// viewFile is where what was shown at an examination stands: the same bytes shown twice stand there once.
func viewFile(e *Examination) string { return fmt.Sprintf("jury/dossier-%x.json", e.ViewHash[:8]) }

//go:embed lecture.html
var page string

//go:embed lisezmoi.txt
var readMe string

// Views are the dossiers that the jury was shown, byte for byte, and the second verifier with its digest: all that the
// bundle needs to be verified.
func (a *Archive) Views() map[string][]byte {
	files := make(map[string][]byte)
	for _, e := range a.Examinations() {
		if e.Shown != nil {
			files[viewFile(&e)] = e.Bytes
		}
	}
	source := bundle.SecondVerifier()
	files[verifierFile] = source
	files[digestsFile] = fmt.Appendf(nil, "%x  verifier.py\n", sha256.Sum256(source))
	return files
}

// Documents are what is read: the page, the instructions, and the relevé, which reports what was verified before the
// archive left.
func (a *Archive) Documents(verified bundle.Report) (map[string][]byte, error) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, err
	}
	shown := a.shown(verified, moment(paris))
	files := make(map[string][]byte)
	if files[statementFile], err = a.statement(verified); err != nil {
		return nil, err
	}
	html, err := template.New(pageFile).Funcs(template.FuncMap{
		"moment": moment(paris), "date": wording.Date, "periods": wording.Periods, "at": wording.At[mark.Mark], "hex": func(b []byte) string { return fmt.Sprintf("%x", b) },
	}).Parse(page)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := html.Execute(&out, shown); err != nil {
		return nil, err
	}
	files[pageFile] = out.Bytes()
	text, err := texttemplate.New(readMeFile).Funcs(texttemplate.FuncMap{"moment": moment(paris)}).Parse(readMe)
	if err != nil {
		return nil, err
	}
	var plain bytes.Buffer
	if err := text.Execute(&plain, shown); err != nil {
		return nil, err
	}
	files[readMeFile] = plain.Bytes()
	return files, nil
}

// reading is what page and instructions show.
type reading struct {
	*Archive
	Pupil        string // as the civil identity names him; empty: not shown
	Candidates   []*deliberation.Candidate
	Juries       []*deliberation.Jury
	Examinations []Examination
	Results      []string // of the juries, worded
	Destroyed    []destruction
	Timeline     []line
	Report       bundle.Report
	Verifier     string // SHA-256 of the second verifier
	Opened       int
}

// destruction is what an act of destruction says, and the certificate of its lot.
type destruction struct {
	retention.KeysDestroyed
	At          time.Time
	Certificate *retention.CertificateIssued
}

// line is one line of the chronology.
type line struct {
	Index int64
	At    time.Time
	Who   string
	Words
}

func (a *Archive) shown(verified bundle.Report, at func(time.Time) string) reading {
	r := reading{Archive: a, Examinations: a.Examinations(), Report: verified, Verifier: fmt.Sprintf("%x", sha256.Sum256(bundle.SecondVerifier()))}
	lots := make(map[uuid.UUID]retention.Lot)
	for i := range a.Streams {
		s := &a.Streams[i]
		facts := facts(s.Entries)
		r.Opened += len(facts)
		switch id, _ := s.ID.UUID(); s.ID.Category() {
		case identity.Category:
			for _, f := range facts {
				if e, ok := f.Event.(identity.CivilIdentityRecorded); ok {
					r.Pupil = e.DisplayName()
				}
			}
		case deliberation.Category:
			if len(facts) > 0 {
				r.Candidates = append(r.Candidates, fold(facts, deliberation.CandidateDecider))
			}
			r.Results = append(r.Results, results(facts, at)...)
		case deliberation.JuryCategory:
			r.Juries = append(r.Juries, fold(facts, deliberation.JuryDecider))
		case retention.LotCategory:
			lots[id] = fold(facts, retention.LotDecider)
		}
	}
	for _, f := range a.facts(retention.Category) {
		if e, ok := f.Event.(retention.KeysDestroyed); ok {
			r.Destroyed = append(r.Destroyed, destruction{e, f.RecordedAt, lots[e.Lot]})
		}
	}
	for _, e := range a.timeline() {
		l := line{Index: e.Index, At: e.Header.RecordedAt, Words: e.words()}
		if e.Fact != nil {
			l.Who = access.RoleLabel(e.Fact.Actor.Role)
		}
		r.Timeline = append(r.Timeline, l)
	}
	return r
}

// results words what the juries decided of a candidate.
func results(facts []domain.Fact, at func(time.Time) string) []string {
	var all []string
	for _, f := range facts {
		e, ok := f.Event.(deliberation.ResultRecorded)
		if !ok {
			continue
		}
		decided := e.Result.Label()
		if e.Mention != "" {
			decided += ", mention " + e.Mention.Label()
		}
		all = append(all, fmt.Sprintf("Délibération n° %d, %s\u00a0: le jury décide «\u00a0%s\u00a0», décision inscrite le %s.", e.Deliberation, e.Group.Label(), decided, at(f.RecordedAt)))
	}
	return all
}

// statement is the relevé de valeur probante, in JSON: what was verified, family by family, and what of each stream the
// archive brings.
func (a *Archive) statement(verified bundle.Report) ([]byte, error) {
	type scope struct {
		Stream eventstore.StreamID `json:"stream"`
		What   string              `json:"what"`
		Facts  int                 `json:"facts"`
		Opened int                 `json:"opened"`
		First  int64               `json:"firstLeaf"`
		Last   int64               `json:"lastLeaf"`
	}
	statement := struct {
		Format     string    `json:"format"`
		Request    uuid.UUID `json:"request"`
		Case       string    `json:"case"`
		Asked      time.Time `json:"asked"`
		Ledger     uuid.UUID `json:"ledger"`
		Checkpoint struct {
			Size int64     `json:"size"`
			Root string    `json:"root"`
			Time time.Time `json:"time"`
		} `json:"checkpoint"`
		bundle.Report
		Streams []scope `json:"streams"`
	}{Format: "livret/releve/v1", Request: a.ID, Case: a.Case, Asked: a.Asked, Ledger: a.Ledger, Report: verified}
	statement.Checkpoint.Size, statement.Checkpoint.Root, statement.Checkpoint.Time = a.Checkpoint.Size, a.Checkpoint.Root.String(), a.Checkpoint.Time
	for i := range a.Streams {
		s := &a.Streams[i]
		statement.Streams = append(statement.Streams, scope{s.ID, What(s.ID), len(s.Entries), len(facts(s.Entries)), s.Entries[0].Index, s.Entries[len(s.Entries)-1].Index})
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(statement)
	return out.Bytes(), err
}

func fold[S any](facts []domain.Fact, d domain.Decider[S]) S {
	state := d.Initial()
	for _, f := range facts {
		state = d.Evolve(state, f)
	}
	return state
}

// Numbers are those of the candidatures, and their sessions.
func (r reading) Numbers() string {
	var all []string
	for _, c := range r.Candidates {
		all = append(all, fmt.Sprintf("n° %s (session de %s %d)", c.Number, c.Session.Round, c.Session.Year))
	}
	return strings.Join(all, ", ")
}

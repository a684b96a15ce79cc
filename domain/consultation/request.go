package consultation

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"livret/domain"
)

// RequestCategory is the stream category of requests of probatory archives, request-<random>: sealed under a key of
// the request's own, so that it can be recorded whatever became of the livret's keys, and outlives them.
const RequestCategory = "request"

// ArchiveRequested says who asked for the probatory archive of a livret, for which procedure, and why. It comes before
// anything of the livret is read: what is not recorded does not leave.
type ArchiveRequested struct {
	Livret    uuid.UUID `json:"livret"`
	Case      string    `json:"case"`      // number of the procedure
	Motive    string    `json:"motive"`    // why
	Requester string    `json:"requester"` // which service asked
}

// ArchiveMade says what was made of a request, so that a file presented later can be told to be that one. The file
// holds random salts: nobody can guess at what is in it by its digest.
type ArchiveMade struct {
	Digest string `json:"digest"` // SHA-256 of the file, hexadecimal
	Bytes  int64  `json:"bytes"`
}

// EventType is the name on disk.
func (ArchiveRequested) EventType() string { return "request.ArchiveRequested" }

// EventType is the name on disk.
func (ArchiveMade) EventType() string { return "request.ArchiveMade" }

// Request is what became of a request: the fold of its stream.
type Request struct {
	Asked ArchiveRequested // its livret is uuid.Nil as long as nobody asked
	Fact  domain.Fact      // by whom, and when
	Made  *ArchiveMade     // nil: nothing left
}

// RequestDecider is that of request streams.
var RequestDecider = domain.Decider[*Request]{
	Category: RequestCategory,
	Initial:  func() *Request { return new(Request) },
	Evolve: func(r *Request, fact domain.Fact) *Request {
		switch e := fact.Event.(type) {
		case ArchiveRequested:
			r.Asked, r.Fact = e, fact
		case ArchiveMade:
			r.Made = &e
		}
		return r
	},
}

// RequestArchive asks for the archive of a livret.
type RequestArchive ArchiveRequested

// maxRequestText is how long each text of a request may be, in characters.
const maxRequestText = 500

// Decide refuses by "demande-sans-livret", "demande-sans-affaire", "demande-sans-motif", "demande-sans-auteur",
// "demande-trop-longue" and "demande-deja-faite".
func (c RequestArchive) Decide(r *Request) ([]domain.Event, error) {
	e := ArchiveRequested{c.Livret, strings.TrimSpace(c.Case), strings.TrimSpace(c.Motive), strings.TrimSpace(c.Requester)}
	switch {
	case r.Asked == e && e.Livret != uuid.Nil:
		return nil, nil
	case r.Asked.Livret != uuid.Nil:
		return nil, domain.Refuse("demande-deja-faite", "Cette demande porte déjà sur autre chose.", "Faites une nouvelle demande.")
	case e.Livret == uuid.Nil:
		return nil, domain.Refuse("demande-sans-livret", "Une archive probatoire est celle d’un livret.", "Indiquez le candidat et sa session.")
	case e.Case == "":
		return nil, domain.Refuse("demande-sans-affaire", "Une archive probatoire ne se demande que pour une procédure.", "Indiquez le numéro de l’affaire ou du recours.")
	case e.Motive == "":
		return nil, domain.Refuse("demande-sans-motif", "Une archive probatoire ne se demande pas sans motif.", "Dites en une phrase pourquoi elle est nécessaire.")
	case e.Requester == "":
		return nil, domain.Refuse("demande-sans-auteur", "Une demande d’archive dit quel service la fait.", "Indiquez le service.")
	case max(utf8.RuneCountInString(e.Case), utf8.RuneCountInString(e.Motive), utf8.RuneCountInString(e.Requester)) > maxRequestText:
		return nil, domain.Refuse("demande-trop-longue", "Un texte de cette demande dépasse 500 caractères.", "Renvoyez au dossier de la procédure.")
	}
	return []domain.Event{e}, nil
}

// RecordArchive records what was made of a request. Whoever asks has made it, and has not yet let it go.
type RecordArchive ArchiveMade

// Decide refuses by "demande-inconnue" and "demande-deja-servie".
func (c RecordArchive) Decide(r *Request) ([]domain.Event, error) {
	switch {
	case r.Asked.Livret == uuid.Nil:
		return nil, domain.Refuse("demande-inconnue", "Aucune demande d’archive n’existe sous cet identifiant.", "Faites une demande.")
	case r.Made != nil && *r.Made == ArchiveMade(c):
		return nil, nil
	case r.Made != nil:
		return nil, domain.Refuse("demande-deja-servie", "Une archive a déjà été faite pour cette demande.", "Faites une nouvelle demande.")
	}
	return []domain.Event{ArchiveMade(c)}, nil
}

package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
)

// closingForm is the form of the closing page as it comes back: acte, portee and motif; livret.7 and version.7 of
// the seventh pupil, and choix.7 if he is ticked.
type closingForm struct {
	Act    string
	Whole  bool // all pupils, ticked or not
	Reason string

	order  uuid.UUID
	act    access.Act
	period uint8
	seen   map[uuid.UUID]uint64 // versions of the records of those chosen
	ticked map[uuid.UUID]bool
}

func readClosing(r *http.Request) (closingForm, error) {
	form, err := readForm(r)
	if err != nil {
		return closingForm{}, err
	}
	f := closingForm{Act: form.Get("acte"), Whole: form.Get("portee") == "classe", Reason: form.Get("motif"), order: form.order,
		seen: make(map[uuid.UUID]uint64), ticked: make(map[uuid.UUID]bool)}
	for row := 1; row <= maxRows; row++ {
		livret, err := uuid.Parse(form.Get(fmt.Sprintf("livret.%d", row)))
		if err != nil {
			break
		}
		f.ticked[livret] = form.Get(fmt.Sprintf("choix.%d", row)) != ""
		if f.Whole || f.ticked[livret] {
			f.seen[livret], _ = strconv.ParseUint(form.Get(fmt.Sprintf("version.%d", row)), 10, 64)
		}
	}
	return f, nil
}

// understood reads which act the form asks for.
func (f *closingForm) understood() error {
	for prefix, act := range map[string]access.Act{"verrouiller": access.LockPeriod, "deverrouiller": access.UnlockPeriod, "viser": access.GiveHeadVisa} {
		rest, ok := strings.CutPrefix(f.Act, prefix)
		if !ok {
			continue
		}
		period, err := strconv.ParseUint(rest, 10, 8)
		if err == nil || act == access.GiveHeadVisa && rest == "" {
			f.act, f.period = act, uint8(period)
			return nil
		}
	}
	return domain.Refuse("acte-inconnu", "Vous n’avez pas dit quoi faire.", "Choisissez de verrouiller, de déverrouiller ou de viser.")
}

// saveClosing does what the form says to each pupil that it names. Who is refused is listed with the reason, and
// stays ticked.
func (s *Site) saveClosing(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	form, err := readClosing(r)
	if err != nil {
		return view{}, err
	}
	before, err := s.showClosing(r, actor)
	if err != nil {
		return view{}, err
	}
	failed, err := s.closeAs(r, actor, before, &form)
	refusal, refused := asRefusal(err)
	if err != nil && !refused {
		return view{}, err
	}
	if err == nil && len(failed) == 0 {
		return view{Location: fmt.Sprintf("%s?enregistre=%d&deja=%d", r.URL.EscapedPath(), before.Saved, before.Same)}, nil
	}
	page, err := s.showClosing(r, actor)
	if err != nil {
		return view{}, err
	}
	page.Form, page.Saved, page.Same = form, before.Saved, before.Same
	if refused {
		page.Problems = append(page.Problems, gridProblem{Field: "acte", What: "Clôture", Reason: refusal.Reason, Remedy: refusal.Remedy})
	}
	for _, row := range page.Rows {
		if err := failed[row.Livret]; err != nil {
			why := s.known(err)
			page.Problems = append(page.Problems, gridProblem{Field: fmt.Sprintf("choix.%d", row.Number), Pupil: row.Name, What: row.Name, Reason: why.Detail, Remedy: why.Remedy})
		}
		row.Chosen = form.ticked[row.Livret] && (refused || failed[row.Livret] != nil)
	}
	v := page.view()
	v.Status = http.StatusUnprocessableEntity
	return v, nil
}

// closeAs does what the form says, and lets the views follow.
func (s *Site) closeAs(r *http.Request, actor access.Actor, p *closingPage, form *closingForm) (map[uuid.UUID]error, error) {
	if err := form.understood(); err != nil {
		return nil, err
	}
	failed, err := s.closeEach(r.Context(), actor, p, *form)
	if p.Saved > 0 {
		s.catchUp(r)
	}
	return failed, err
}

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/record"
)

// maxForm is how many bytes a form may have: a class of forty with three averages and a text of 300
// characters each, percent-encoded, twice over.
const maxForm = 1 << 20

// gridForm is the form of a grid as it comes back. Its fields are named by the number of the pupil's line:
// livret.7 and version.7; t2.7 is the average of period 2 and was.t2.7 what it was; t0.7 the appreciation;
// reason.t2.7 why it is corrected; keep.t0.7 that a text is maintained, warned.t0.7 that its writer was warned.
type gridForm struct {
	url.Values
	order uuid.UUID
}

func readForm(r *http.Request) (gridForm, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return gridForm{}, errForm
	}
	order, err := uuid.Parse(r.PostForm.Get("order"))
	if err != nil {
		return gridForm{}, errForm
	}
	return gridForm{r.PostForm, order}, nil
}

// formEntry is one cell of which something else was typed than what stood there. err says that what was
// typed means nothing.
type formEntry struct {
	entry
	typed string
	err   error
}

// maxRows is how many pupils one grid may have.
const maxRows = 400

// entries lists the cells that their writer changed.
func (f gridForm) entries(e record.Enseignement) []formEntry {
	var changed []formEntry
	for row := 1; row <= maxRows; row++ {
		livret, err := uuid.Parse(f.Get(fmt.Sprintf("livret.%d", row)))
		if err != nil {
			break
		}
		version, _ := strconv.ParseUint(f.Get(fmt.Sprintf("version.%d", row)), 10, 64)
		for period := uint8(0); period <= 3; period++ {
			field := fmt.Sprintf("t%d.%d", period, row)
			if !f.Has(field) || same(f.Get(field), f.Get("was."+field)) {
				continue
			}
			changed = append(changed, f.entry(cell{Livret: livret, Enseignement: e, Period: period}, field, version))
		}
	}
	return changed
}

func (f gridForm) entry(c cell, field string, version uint64) formEntry {
	out := formEntry{typed: f.Get(field)}
	out.cell = c
	out.ID = orderID(f.order, c, out.typed, f.Get("reason."+field))
	out.Fresh = func(stands standing) bool { return stands.Sequence <= version }
	if c.Period != 0 {
		out.Mark, out.err = readMark(out.typed)
		out.Reason = f.Get("reason." + field)
		return out
	}
	f.screened(&out, field)
	if record.Tidy(out.Text) == "" {
		out.err = domain.Refuse("appreciation-videe", "Vider la case n’efface pas une appréciation.", "Récrivez le texte, ou rétablissez celui qui était là.")
	}
	return out
}

// screened reads what the writer of a text decided on the warning that he was shown, if he was.
func (f gridForm) screened(e *formEntry, field string) {
	e.Text = e.typed
	e.Kept = f.Get("keep."+field) != ""
	e.Mended = f.Get("warned."+field) != "" && !e.Kept
}

// same tells whether a field came back as it was sent: browsers write the ends of lines in their own way.
func same(typed, was string) bool {
	return record.Tidy(typed) == record.Tidy(was) || strings.TrimSpace(typed) == was
}

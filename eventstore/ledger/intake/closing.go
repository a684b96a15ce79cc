package intake

import (
	"context"
	"fmt"
	"sync"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

// closings knows which exam sessions are closed: proclaimed, and beyond active service. A file adds nothing to
// their livrets, whether they still exist or not: a pupil who was forgotten is refused as everybody of his
// session is, and never because he would be recognised.
type closings struct {
	mu  sync.Mutex
	met map[nomenclature.SchoolYear]error
}

// closed refuses a session by "session-close", and is nil for one that is open. A session is closed as soon as
// the first of its rounds is, and stays so: files speak of a school year, not of a round.
func (r *run) closed(ctx context.Context, session nomenclature.SchoolYear) (refusal, err error) {
	r.closings.mu.Lock()
	defer r.closings.mu.Unlock()
	if refusal, known := r.closings.met[session]; known {
		return refusal, nil
	}
	for _, round := range []string{deliberation.Juin, deliberation.Septembre} {
		of := deliberation.ExamSession{Year: session, Round: round}
		sitting, _, err := ledger.Load(ctx, r.Ledger, deliberation.SessionDecider, of.Stream())
		if err != nil {
			return nil, err
		}
		until := retention.ActiveUntil(sitting.Proclaimed)
		if refusal == nil && !until.IsZero() && !r.Ledger.Today().Before(until) {
			refusal = domain.Refuse("session-close", fmt.Sprintf("La session d’examen %d est close depuis le %s\u00a0: ses livrets ne reçoivent plus rien.", session, until),
				"Vérifiez l’année scolaire du fichier. Une rectification se demande au chef d’établissement.")
		}
	}
	if r.closings.met == nil {
		r.closings.met = make(map[nomenclature.SchoolYear]error)
	}
	r.closings.met[session] = refusal
	return refusal, nil
}

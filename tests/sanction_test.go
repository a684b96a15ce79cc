package tests

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/sanction"
)

// A fraud is found once the results are given: the paper is voided, the jury deliberates again, and reads in the
// livret that there was a blâme, and not whose.
func TestAVoidedPaperReopensTheDeliberation(t *testing.T) {
	_, s, i := openCanarySchool(t)
	livret, err := i.FindPupil(t.Context(), canaryUAI, s.pupils[0].ID, 2017)
	if err != nil {
		t.Fatal(err)
	}
	of := instance.JuryName{Session: june, Number: "0108"}
	president := juror(access.PresidentJury, june)
	seat(t, i, of, map[deliberation.Office]access.Actor{deliberation.President: president})
	transmit(t, i, of, livret)
	number, err := i.Jury.Number(t.Context(), june, livret)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.RecordResult(t.Context(), dec(), june, number, deliberation.Premier, deliberation.Admis, "AB"); err != nil {
		t.Fatal(err)
	}
	id := uuid.New()
	blame := sanction.Pronounce{Kind: sanction.Blame, Authority: sanction.Commission, Pronounced: domain.NewDate(2018, time.June, 8), Entry: true, Livret: livret}
	if _, err := i.Pronounce(t.Context(), dec(), id, blame); err != nil {
		t.Fatal(err)
	}
	if voided, err := i.VoidPaper(t.Context(), dec(), id, "copie"); err == nil || voided.Reopened != 0 {
		t.Errorf("an unknown scope: %+v, %v", voided, err)
	}
	for n, want := range []instance.Voided{{Changed: true, Reopened: 1}, {}} {
		if voided, err := i.VoidPaper(t.Context(), dec(), id, sanction.Paper); err != nil || voided != want {
			t.Errorf("voided for the time %d: %+v, %v", n, voided, err)
		}
	}
	_, candidate, err := i.Ledger.Candidate(t.Context(), livret, june)
	if err != nil || candidate.Deliberation != 2 || len(candidate.Reopenings) != 1 || candidate.Reopenings[0].Ground != deliberation.Commission {
		t.Errorf("the candidate is %+v, %v", candidate, err)
	}
	read, err := i.JurySanctions(t.Context(), president, june, number)
	if err != nil || len(read) != 1 || read[0].Kind != sanction.Blame {
		t.Errorf("the jury reads %+v, %v", read, err)
	}
	page, _ := json.Marshal(read)
	for _, canary := range append(s.canaries(), livret.String(), id.String()) {
		if strings.Contains(string(page), canary) {
			t.Errorf("the jury reads %s", canary)
		}
	}
	if _, err := i.JurySanctions(t.Context(), juror(access.PresidentJury, september), june, number); err == nil {
		t.Error("a juror of another session reads it")
	}
	if _, err := i.VoidPaper(t.Context(), president, id, sanction.WholeSession); err == nil {
		t.Error("a juror voids a session")
	}
}

package jury_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/projections/jury"
)

var jury108 = deliberation.JuryStream(june, "0108")

// TestNothingIsShownBeforeTheTransmission looks for anything of the livret in what a jury is given of a candidate
// whose livret was not transmitted, for whatever reason.
func TestNothingIsShownBeforeTheTransmission(t *testing.T) {
	s := newTable(t)
	livret, candidate := s.registered("48151623",
		record.AverageRecorded{Enseignement: maths, Period: 1, Mark: points(777)}, record.AvisIssued{Avis: record.TresFavorable},
		record.AppreciationWritten{Enseignement: maths, Text: "travaille"}, record.EngagementDeclared{Code: "V"},
		record.B2iAttested{}, record.HeadVisaGiven{Year: 2015})
	s.Write(t, livret, livret, record.PassagesMasked{Text: 5, Rule: "r1"})
	shown := func() string {
		d := s.show("48151623")
		list, err := s.reader.List(t.Context(), june)
		if err != nil {
			t.Fatal(err)
		}
		page, err := json.Marshal([]any{d, list})
		if err != nil {
			t.Fatal(err)
		}
		return string(page)
	}
	secrets := []string{"777", "Très favorable", "travaille", "MATH", `"avis":"T"`, `"b2i":true`, `"headVisa":true`, "Terminale", `"supplied":true`, "imprint"}
	for _, secret := range secrets {
		if strings.Contains(shown(), secret) {
			t.Errorf("the jury reads %s before the transmission", secret)
		}
	}
	if e, err := s.reader.Evidence(t.Context(), june, "48151623"); err != nil || e.RecordVersion != 0 || e.ViewHash != nil {
		t.Errorf("evidence of what was not shown: %+v, %v", e, err)
	}
	s.Write(t, livret, candidate, deliberation.LivretTransmitted{RecordVersion: 8})
	for _, secret := range secrets {
		if !strings.Contains(shown(), secret) {
			t.Errorf("the jury does not read %s after the transmission", secret)
		}
	}
}

// TestWhatAVisaIsFor follows one candidate from the examination to the second group.
func TestWhatAVisaIsFor(t *testing.T) {
	s := newTable(t)
	livret, candidate := s.registered("48151623", record.AverageRecorded{Enseignement: maths, Period: 1, Mark: points(777)})
	s.Write(t, jury108, jury108, deliberation.JuryFormed{Session: 2016, Round: "juin", Number: "0108"})
	write := func(events ...domain.Event) jury.Dossier {
		t.Helper()
		s.Write(t, livret, candidate, events...)
		return s.show("48151623")
	}
	d := write(deliberation.LivretTransmitted{RecordVersion: 3}, deliberation.JuryAssigned{Jury: jury108})
	if d.Jury != "0108" || len(d.Slots) != 1 || d.Slots[0].Examined || d.Slots[0].Visa {
		t.Errorf("%+v", d.Standing)
	}
	evidence := func() jury.Evidence {
		t.Helper()
		e, err := s.reader.Evidence(t.Context(), june, "48151623")
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := evidence()
	if hex.EncodeToString(e.ViewHash) != d.Imprint || e.Candidate != candidate || e.Livret != livret || e.RecordVersion != 3 {
		t.Errorf("%+v is not the evidence of %s", e, d.Imprint)
	}
	sign := func(group deliberation.Group, e jury.Evidence) jury.Dossier {
		return write(deliberation.LivretExamined{Jury: jury108, Deliberation: 1, Group: group, RecordVersion: e.RecordVersion, Projection: jury.Name, Salt: e.Salt, ViewHash: e.ViewHash},
			deliberation.PresidentVisaGiven{Jury: jury108, Deliberation: 1, Group: group, RecordVersion: e.RecordVersion, Projection: jury.Name, ViewHash: e.ViewHash})
	}
	signed := sign(deliberation.Premier, e)
	if slot := signed.Slots[0]; !slot.Examined || !slot.Visa || slot.Stale || signed.Imprint != d.Imprint {
		t.Errorf("signed: %+v", signed.Standing)
	}

	s.Write(t, livret, livret, record.PeriodLocked{Year: 2015}) // of which a jury is shown nothing
	if slot := s.show("48151623").Slots[0]; !slot.Visa {
		t.Errorf("after a fact that shows nothing: %+v", slot)
	}
	s.Write(t, livret, livret, record.AverageCorrected{Enseignement: maths, Period: 1, Mark: points(1200), Reason: "Erreur"})
	if d := s.show("48151623"); d.Slots[0].Visa || !d.Slots[0].Stale || d.Imprint == signed.Imprint {
		t.Errorf("after a correction: %+v", d.Standing)
	}
	sign(deliberation.Premier, evidence())
	if d := write(deliberation.RectificationNotified{RecordVersion: 5, Rectification: uuid.New()}); d.Slots[0].Visa || !d.Slots[0].Stale || d.Rectified != 1 {
		t.Errorf("after a notice: %+v", d.Standing)
	}
	sign(deliberation.Premier, evidence())
	d = write(deliberation.ResultRecorded{Deliberation: 1, Group: deliberation.Premier, Result: deliberation.SecondGroupe})
	if len(d.Slots) != 2 || !d.Slots[0].Visa || d.Slots[1].Visa || d.Slots[0].Result.Label != "autorisé à se présenter au second groupe" {
		t.Errorf("second group: %+v", d.Standing)
	}
	d = write(deliberation.DeliberationReopened{Deliberation: 2, Ground: deliberation.Juridiction})
	if len(d.Slots) != 1 || d.Slots[0].Visa || len(d.Past) != 1 || d.Deliberation != 2 {
		t.Errorf("reopened: %+v", d.Standing)
	}
	list, err := s.reader.ListOf(t.Context(), jury108)
	if err != nil || len(list) != 1 || list[0].Deliberation != 2 || list[0].Jury != "0108" {
		t.Errorf("%+v, %v", list, err)
	}
	if juries, err := s.reader.Juries(t.Context(), june); err != nil || len(juries) != 1 || juries[0].Number != "0108" {
		t.Errorf("%+v, %v", juries, err)
	}
}

// TestAnImprintCanBeProvedAndNotGuessed computes it as somebody would who was given the dossier and the salt.
func TestAnImprintCanBeProvedAndNotGuessed(t *testing.T) {
	s := newTable(t)
	same := record.AverageRecorded{Enseignement: maths, Period: 1, Mark: points(777)}
	s.candidate("48151623", same)
	s.candidate("48151624", same)
	d := s.show("48151623")
	e, err := s.reader.Evidence(t.Context(), june, "48151623")
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.reader.Evidence(t.Context(), june, "48151624")
	if err != nil || bytes.Equal(e.Salt, other.Salt) || len(e.Salt) != 32 {
		t.Errorf("two candidates share a salt: %v", err)
	}
	d.Standing, d.Imprint = jury.Standing{}, ""
	canonical, err := json.Marshal(struct {
		View string `json:"view"`
		jury.Dossier
	}{"jury.v2", d})
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha256.New, e.Salt)
	m.Write(canonical)
	if !bytes.Equal(m.Sum(nil), e.ViewHash) {
		t.Error("the imprint is not that of what is shown")
	}
}

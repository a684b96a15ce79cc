package record_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/record"
	"livret/domain/spec"
)

var (
	demand    = uuid.MustParse("0a7b44f2-03a8-4b0b-8d5a-5f1f6c0f2c99")
	requested = record.RectificationRequested{
		Rectification: demand, Demand: "J’avais 13 au premier trimestre.",
		About: record.Subject{Kind: record.SubjectAverage, Enseignement: maths, Period: 1},
	}
	visaed = record.HeadVisaGiven{Year: 2014}
)

// rights is a livret with one mark, at version 5, that the head has visaed.
func rights(events ...domain.Event) spec.History[*record.State] {
	return livret(average(1, 1250), visaed).And(events...)
}

func TestAcknowledgement(t *testing.T) {
	acknowledged := record.LivretAcknowledged{Version: 5}
	rights().When(record.AcknowledgeLivret{Version: 5}).Then(t, acknowledged)
	rights(acknowledged, locked).When(record.AcknowledgeLivret{Version: 5}).Then(t) // a lock changes nothing that was read
	rights(acknowledged).When(record.AcknowledgeLivret{Version: 5, Examined: true}).Then(t)
	rights().When(record.AcknowledgeLivret{Version: 4}).ThenRefused(t, "livret-modifie")
	rights().When(record.AcknowledgeLivret{Version: 5, Examined: true}).ThenRefused(t, "jury-deja-reuni")
	livret(average(1, 1250)).When(record.AcknowledgeLivret{Version: 5}).ThenRefused(t, "livret-non-vise")
	livret().When(record.AcknowledgeLivret{Version: 4}).ThenRefused(t, "livret-non-vise") // there is nothing to read

	changed := rights(acknowledged, average(2, 900)) // the eighth fact
	if changed.State().Acknowledged() || !rights(acknowledged).State().Acknowledged() {
		t.Error("what was acknowledged is not what stands")
	}
	changed.When(record.AcknowledgeLivret{Version: 5}).ThenRefused(t, "livret-modifie")
	changed.When(record.AcknowledgeLivret{Version: 8}).ThenRefused(t, "livret-non-vise")
	changed.And(visaed).When(record.AcknowledgeLivret{Version: 8}).Then(t, record.LivretAcknowledged{Version: 8})
}

func TestRequestingARectification(t *testing.T) {
	ask := record.RequestRectification{Rectification: demand, About: requested.About, Demand: " J’avais 13 au premier trimestre.\u00a0"}
	rights().When(ask).Then(t, requested)
	rights(locked).When(ask).Then(t, requested)                                                        // at any time
	rights(record.ProcessingRestricted{Reason: record.AccuracyContested}).When(ask).Then(t, requested) // even then

	other := ask
	other.Demand = "J’avais 14."
	rights(requested).When(other).ThenRefused(t, "demande-deja-faite")
	for _, kind := range []record.SubjectKind{record.SubjectIdentity, record.SubjectOther} {
		ask.About = record.Subject{Kind: kind}
		rights().When(ask).Then(t, record.RectificationRequested{Rectification: demand, About: ask.About, Demand: requested.Demand})
	}
	for _, about := range []record.Subject{
		{Kind: record.SubjectAverage, Enseignement: maths, Period: 2}, {Kind: record.SubjectAverage, Enseignement: philo, Period: 1},
		{Kind: record.SubjectAppreciation, Enseignement: philo}, {Kind: record.SubjectAppreciation, Enseignement: maths, Period: 1},
		{Kind: record.SubjectOther, Period: 1}, {Kind: "x"},
	} {
		ask.About = about
		rights().When(ask).ThenRefused(t, "objet-inconnu")
	}
	ask.About, ask.Demand = requested.About, "\u00a0"
	rights().When(ask).ThenRefused(t, "texte-vide")
	ask.Demand = strings.Repeat("é", record.MaxStatement+1)
	rights().When(ask).ThenRefused(t, "texte-trop-long")
}

func FuzzParseSubject(f *testing.F) {
	for _, a := range []record.Subject{requested.About, {Kind: record.SubjectIdentity}, {Kind: record.SubjectAppreciation, Enseignement: philo}} {
		f.Add(a.String())
		if got, err := record.ParseSubject(a.String()); err != nil || got != a {
			f.Errorf("%s reads as %v, %v", a, got, err)
		}
	}
	for _, wrong := range []string{"", "moyenne|2017", "moyenne|x|061300|S|1|1", "moyenne|2017|061300|S|1|256", "|||||", "|0|||0|0", "0|0|||0|1", "moyenne|+2017|061300|S|1|1"} {
		f.Add(wrong)
		if got, err := record.ParseSubject(wrong); err == nil {
			f.Errorf("%q reads as %v", wrong, got)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := record.ParseSubject(text); err == nil {
			if again, err := record.ParseSubject(a.String()); err != nil || again != a {
				t.Errorf("%q reads as %v, which reads as %v, %v", text, a, again, err)
			}
		}
	})
}

func TestGrantingARectification(t *testing.T) {
	grant := record.GrantRectification{Rectification: demand, Reason: "Erreur de saisie.", Mark: points(1300)}
	granted := record.RectificationGranted{Rectification: demand, About: requested.About, Reason: grant.Reason}
	corrected := record.AverageCorrected{Enseignement: maths, Period: 1, Mark: points(1300), Reason: grant.Reason}
	rights(requested).When(grant).Then(t, corrected, granted)
	rights(requested, locked, record.ProcessingRestricted{Reason: record.AccuracyContested}).When(grant).Then(t, corrected, granted)
	rights(requested, corrected).When(grant).Then(t, granted) // corrected meanwhile by the usual way

	after := rights(requested, corrected, granted).State()
	if r := after.Rectification(demand); r.Status != record.RectificationAllowed || r.DecidedAt != 9 || after.ContentVersion() != 8 || after.Validated() {
		t.Errorf("%+v, content %d: a correction is a new version, to be visaed again", r, after.ContentVersion())
	}
	rights(requested, corrected, granted).When(record.RefuseRectification{Rectification: demand, Reason: "Non."}).ThenRefused(t, "demande-deja-tranchee")
	rights().When(grant).ThenRefused(t, "demande-inconnue")
	grant.Reason = ""
	rights(requested).When(grant).ThenRefused(t, "motif-manquant")

	text := requested
	text.About = record.Subject{Kind: record.SubjectAppreciation, Enseignement: maths}
	grant = record.GrantRectification{Rectification: demand, Reason: "Texte repris.", Text: "Sérieuse."}
	granted.About, granted.Reason = text.About, grant.Reason
	rights(text, locked).When(grant).Then(t, record.AppreciationWritten{Enseignement: maths, Text: "Sérieuse."}, granted)
	grant.Text = ""
	rights(text).When(grant).ThenRefused(t, "texte-vide")

	identity := requested
	identity.About = record.Subject{Kind: record.SubjectIdentity}
	granted.About = identity.About
	rights(identity).When(grant).Then(t, granted) // corrected where identity is kept
}

func TestRefusingARectification(t *testing.T) {
	refuse := record.RefuseRectification{Rectification: demand, Reason: "La note est exacte."}
	refused := record.RectificationRefused(refuse)
	rights(requested).When(refuse).Then(t, refused)
	rights(requested, refused).When(record.GrantRectification{Rectification: demand, Reason: "x", Mark: points(1300)}).ThenRefused(t, "demande-deja-tranchee")
	refuse.Reason = " "
	rights(requested).When(refuse).ThenRefused(t, "motif-manquant")
	rights().When(refuse).ThenRefused(t, "demande-inconnue")
}

func TestOpposition(t *testing.T) {
	rights().When(record.OpposeTransmission{}).Then(t, record.TransmissionOpposed{})
	rights(record.TransmissionOpposed{}).When(record.OpposeTransmission{Transmitted: true}).Then(t)
	rights().When(record.OpposeTransmission{Closed: true}).ThenRefused(t, "deliberations-closes")
	if refusal := rights().When(record.OpposeTransmission{Transmitted: true}).ThenRefused(t, "livret-transmis"); refusal != nil && refusal.Remedy == "" {
		t.Error("a late opposition is refused without a remedy")
	}
	rights().When(record.WithdrawOpposition{Closed: true}).Then(t)
	rights(record.TransmissionOpposed{}).When(record.WithdrawOpposition{}).Then(t, record.OppositionWithdrawn{})
	rights(record.TransmissionOpposed{}).When(record.WithdrawOpposition{Closed: true}).ThenRefused(t, "deliberations-closes")
	rights(record.TransmissionOpposed{}, record.OppositionWithdrawn{}).When(record.OpposeTransmission{}).Then(t, record.TransmissionOpposed{})
	if s := rights(record.TransmissionOpposed{}).State(); !s.Opposed() || s.ContentVersion() != 5 || !s.Validated() {
		t.Error("an opposition changes what the livret says")
	}
}

func TestRestriction(t *testing.T) {
	restricted := record.ProcessingRestricted{Reason: record.AccuracyContested}
	rights().When(record.RestrictProcessing{Reason: record.AccuracyContested}).Then(t, restricted)
	rights().When(record.RestrictProcessing{Reason: "x"}).ThenRefused(t, "motif-de-limitation-inconnu")
	rights(restricted).When(record.RestrictProcessing{Reason: record.LegalClaims}).ThenRefused(t, "traitement-limite")
	rights().When(record.LiftRestriction{}).Then(t)
	rights(restricted).When(record.LiftRestriction{}).Then(t, record.RestrictionLifted{})
	for _, c := range []domain.Command[*record.State]{
		school(record.SchoolingRecorded{Year: 2014, UAI: "0000124K", MEF: "20111010110"}), record.SetPeriods{Year: 2015, Count: 3},
		record.RecordAverage{Enseignement: maths, Period: 2, Mark: points(900)}, record.CorrectAverage{Enseignement: maths, Period: 1, Mark: points(900), Reason: "x"},
		record.RecordAnnualAverage{Enseignement: maths}, record.RecordGroupFigures{Enseignement: maths}, record.AssessCompetence{Enseignement: maths},
		record.WriteAppreciation{Enseignement: maths, Text: "x"}, record.NameTeachers{Enseignement: maths, Staff: []uuid.UUID{prof}}, record.DeclareEngagement{Code: "C"},
		record.DeclareOtherEngagement{Text: "x"}, record.WriteObservation{Year: 2014, Text: "x"}, record.IssueAvis{Avis: "F"},
		record.AttestB2i{}, record.LockPeriod{Year: 2014}, record.UnlockPeriod{Year: 2014, Reason: "x"}, record.GiveHeadVisa{Year: 2015},
		record.AcknowledgeLivret{Version: 5},
	} {
		rights(restricted).When(c).ThenRefused(t, "traitement-limite")
	}
}

func TestPaperLivret(t *testing.T) {
	day := func(d int) domain.Date { return domain.NewDate(2016, 7, d) }
	hand := record.HandOverPaperLivret{On: day(8), Proclaimed: day(5), Today: day(9)}
	handed := record.PaperLivretHandedOver{On: day(8)}
	rights().When(record.RefuseOnlineService{}).Then(t, record.OnlineServiceRefused{})
	rights().When(record.AcceptOnlineService{}).Then(t)
	refused := rights(record.OnlineServiceRefused{})
	refused.When(record.AcceptOnlineService{}).Then(t, record.OnlineServiceAccepted{})
	refused.When(hand).Then(t, handed)
	for _, late := range []record.HandOverPaperLivret{
		{On: day(4), Proclaimed: day(5), Today: day(9)}, {On: day(8), Today: day(9)}, {On: day(10), Proclaimed: day(5), Today: day(9)},
	} {
		refused.When(late).ThenRefused(t, "remise-hors-delai")
	}
	hand.On = day(9)
	refused.And(handed).When(hand).ThenRefused(t, "papier-deja-remis")

	for _, c := range []struct {
		given      spec.History[*record.State]
		declined   bool
		proclaimed domain.Date
		owed       bool
	}{
		{refused, false, domain.Date{}, false}, // not before the proclamation
		{refused, false, day(5), true},
		{rights(), true, day(5), true}, // the school does not offer the service
		{rights(), false, day(5), false},
		{refused.And(handed), true, day(5), false},
		{refused.And(record.OnlineServiceAccepted{}), false, day(5), false},
	} {
		if got := c.given.State().PaperOwed(c.declined, c.proclaimed); got != c.owed {
			t.Errorf("declined %t, proclaimed %q: owed is %t", c.declined, c.proclaimed, got)
		}
	}
}

func TestRightsNeedALivret(t *testing.T) {
	for _, c := range []domain.Command[*record.State]{
		record.AcknowledgeLivret{}, record.RequestRectification{}, record.OpposeTransmission{}, record.RestrictProcessing{},
		record.RefuseOnlineService{}, record.HandOverPaperLivret{},
	} {
		spec.Given(record.Decider).When(c).ThenRefused(t, "livret-non-ouvert")
	}
}

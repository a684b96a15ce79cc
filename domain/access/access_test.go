package access_test

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/access"
)

var (
	theLivret = uuid.MustParse("6f1c0000-0000-4000-8000-000000000001")
	aStaff    = uuid.MustParse("6f1c0000-0000-4000-8000-000000000002")
	aPerson   = uuid.MustParse("6f1c0000-0000-4000-8000-000000000003")
	colleague = uuid.MustParse("6f1c0000-0000-4000-8000-000000000004")
	stranger  = uuid.MustParse("6f1c0000-0000-4000-8000-00000000000f")
)

// target is a livret of the June session of 2017, of a pupil born on 10 June 1999.
func target() access.Target {
	return access.Target{
		Livret: theLivret, UAI: "0000001A", Academie: "18", Division: access.Division{Year: 2016, Name: "TS1"},
		Teachers: []uuid.UUID{colleague, aStaff}, Birth: day("1999-06-10"),
		Guardians: []access.Guardian{{PersonID: 41, Legal: 1}, {PersonID: 42, Legal: 2}, {PersonID: 43, Legal: 0}},
		Session:   2017, Round: "juin", Deliberated: true,
		Jurors: []access.Juror{{Staff: aStaff, Role: access.PresidentJury}, {Staff: aStaff, Role: access.VicePresidentJury}, {Staff: aStaff, Role: access.MembreJury}, {Staff: colleague, Role: access.PresidentJury}},
	}
}

// related is an actor of that role who stands in every relation to the target.
func related(role string) access.Actor {
	return access.Actor{
		Actor: domain.Actor{Role: role, Person: aPerson}, UAI: "0000001A", Academie: "18", Staff: aStaff,
		Divisions: []access.Division{{Year: 2015, Name: "1S1"}, {Year: 2016, Name: "TS1"}},
		Livrets:   []uuid.UUID{theLivret}, PersonID: 41, Session: 2017, Round: "juin",
	}
}

// only is an actor whom no other line than this one allows the act: a professeur principal teaches too.
func only(line access.Line) access.Actor {
	actor := related(line.Role)
	if line.Relation == access.OwnTeaching {
		actor.Divisions = nil
	}
	if line.Relation == access.OwnDivision {
		actor.Staff = uuid.Nil
	}
	return actor
}

// adult is the same livret, of a pupil who is of age.
func adult() access.Target {
	on := target()
	on.Birth = day("1998-06-10")
	return on
}

// of is a target on which the relation of a line can hold: some ask for a minor, one for an adult.
func of(line access.Line) access.Target {
	if line.Relation == access.OwnLivretOfAge {
		return adult()
	}
	return target()
}

func day(s string) domain.Date {
	d, err := domain.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// today is a day on which the pupil is still minor, and the end of première has come.
var today = day("2016-11-02")

func rule(err error) string {
	refusal, refused := errors.AsType[*domain.Refusal](err)
	switch {
	case err == nil:
		return ""
	case !refused:
		return "not a refusal: " + err.Error()
	}
	return refusal.Rule
}

// What a line of the policy rests on, taken away piece by piece: then nobody may.
func TestEveryRelationIsNeeded(t *testing.T) {
	type spoil func(*access.Actor, *access.Target)
	elsewhere := spoil(func(a *access.Actor, _ *access.Target) { a.UAI = "0000002B" })
	nowhere := spoil(func(a *access.Actor, on *access.Target) { a.UAI, on.UAI = "", "" })
	spoils := map[access.Relation]map[string]spoil{
		access.OwnTeaching: {
			"another school": elsewhere, "no school": nowhere,
			"another teacher":  func(a *access.Actor, _ *access.Target) { a.Staff = stranger },
			"nobody":           func(a *access.Actor, on *access.Target) { a.Staff, on.Teachers = uuid.Nil, []uuid.UUID{uuid.Nil} },
			"no teacher named": func(_ *access.Actor, on *access.Target) { on.Teachers = nil },
		},
		access.OwnDivision: {
			"another school": elsewhere, "no school": nowhere,
			"the division of another year": func(_ *access.Actor, on *access.Target) { on.Division.Year = 2014 },
			"another division":             func(_ *access.Actor, on *access.Target) { on.Division.Name = "TS2" },
			"no division": func(a *access.Actor, on *access.Target) {
				on.Division, a.Divisions = access.Division{}, []access.Division{{}}
			},
		},
		access.OwnSchool: {"another school": elsewhere, "no school": nowhere},
		access.OwnLivret: {
			"another livret":      func(a *access.Actor, on *access.Target) { on.Livret = stranger },
			"no livret":           func(a *access.Actor, on *access.Target) { on.Livret = uuid.Nil; a.Livrets = []uuid.UUID{uuid.Nil} },
			"no session":          func(a *access.Actor, on *access.Target) { on.Session = 0 },
			"a later exam":        func(a *access.Actor, on *access.Target) { on.Session = 2018 },
			"no service":          func(_ *access.Actor, on *access.Target) { on.Declined = true },
			"the service refused": func(_ *access.Actor, on *access.Target) { on.Refused = true },
		},
		access.OwnLivretOfAge: {
			"another livret":      func(a *access.Actor, on *access.Target) { on.Livret = stranger },
			"no livret":           func(a *access.Actor, on *access.Target) { on.Livret = uuid.Nil; a.Livrets = []uuid.UUID{uuid.Nil} },
			"a minor":             func(a *access.Actor, on *access.Target) { on.Birth = target().Birth },
			"no birth date":       func(a *access.Actor, on *access.Target) { on.Birth = domain.Date{} },
			"a later exam":        func(a *access.Actor, on *access.Target) { on.Session = 2018 },
			"no service":          func(_ *access.Actor, on *access.Target) { on.Declined = true },
			"the service refused": func(_ *access.Actor, on *access.Target) { on.Refused = true },
		},
		access.OwnMinor: {
			"another school": elsewhere, "no school": nowhere,
			"a contact":           func(a *access.Actor, _ *access.Target) { a.PersonID = 43 },
			"another person":      func(a *access.Actor, _ *access.Target) { a.PersonID = 44 },
			"nobody":              func(a *access.Actor, on *access.Target) { a.PersonID = 0; on.Guardians[0].PersonID = 0 },
			"an authority of 3":   func(a *access.Actor, on *access.Target) { on.Guardians[0].Legal = 3 },
			"an adult":            func(a *access.Actor, on *access.Target) { on.Birth = day("1998-11-02") },
			"no birth date":       func(a *access.Actor, on *access.Target) { on.Birth = domain.Date{} },
			"a later exam":        func(a *access.Actor, on *access.Target) { on.Session = 2018 },
			"no service":          func(_ *access.Actor, on *access.Target) { on.Declined = true },
			"the service refused": func(_ *access.Actor, on *access.Target) { on.Refused = true },
		},
		access.OwnJury: {
			"another person": func(a *access.Actor, _ *access.Target) { a.Staff = stranger },
			"nobody": func(a *access.Actor, on *access.Target) {
				a.Staff, on.Jurors = uuid.Nil, []access.Juror{{Role: a.Role}}
			},
			"another office": func(a *access.Actor, on *access.Target) {
				on.Jurors = []access.Juror{{Staff: a.Staff, Role: access.ChefCentre}}
			},
			"no jury at all":   func(_ *access.Actor, on *access.Target) { on.Jurors = nil },
			"colleague's jury": func(_ *access.Actor, on *access.Target) { on.Jurors = on.Jurors[3:] },
		},
		access.OwnSession: {
			"another year":  func(a *access.Actor, on *access.Target) { on.Session = 2018 },
			"another round": func(a *access.Actor, on *access.Target) { on.Round = "septembre" },
			"no year":       func(a *access.Actor, on *access.Target) { a.Session, on.Session = 0, 0 },
			"no round":      func(a *access.Actor, on *access.Target) { a.Round, on.Round = "", "" },
		},
		access.OwnAcademie: {
			"another académie": func(a *access.Actor, on *access.Target) { on.Academie = "19" },
			"no académie":      func(a *access.Actor, on *access.Target) { a.Academie, on.Academie = "", "" },
		},
		access.WholeLedger: {},
	}
	for _, line := range access.Policy() {
		if err := access.May(only(line), line.Act, of(line), today); err != nil {
			t.Errorf("%s, %s: %v", line.Role, line.Act, err)
		}
		against, known := spoils[line.Relation]
		if !known {
			t.Errorf("%s, %s: relation %d is not tested", line.Role, line.Act, line.Relation)
		}
		for what, spoil := range against {
			actor, on := only(line), of(line)
			spoil(&actor, &on)
			if err := access.May(actor, line.Act, on, today); err == nil {
				t.Errorf("%s, %s: allowed with %s", line.Role, line.Act, what)
			}
		}
	}
}

func TestAGuardianLosesAccessByTheClock(t *testing.T) {
	for _, c := range []struct {
		birth, today, rule string
	}{
		{"1999-06-10", "2016-05-31", "acces-avant-fin-de-premiere"},
		{"1999-06-10", "2016-06-01", ""},
		{"1999-06-10", "2017-06-09", ""},
		{"1999-06-10", "2017-06-10", "acces-eleve-majeur"},
		{"1998-03-01", "2016-05-31", "acces-eleve-majeur"}, // of age before the end of première
		{"2000-02-29", "2018-02-28", ""},
		{"2000-02-29", "2018-03-01", "acces-eleve-majeur"},
		{"", "2017-01-10", "acces-naissance-inconnue"},
		{"1999-06-10", "", "acces-avant-fin-de-premiere"}, // a caller without a clock opens nothing
	} {
		on, now := target(), domain.Date{}
		on.Birth = domain.Date{}
		if c.birth != "" {
			on.Birth = day(c.birth)
		}
		if c.today != "" {
			now = day(c.today)
		}
		err := access.May(related(access.ResponsableLegal), access.ReadFamilyView, on, now)
		if got := rule(err); got != c.rule {
			t.Errorf("born %q, on %q: %q, want %q", c.birth, c.today, got, c.rule)
		}
	}
}

func TestAPupilReadsFromTheEndOfPremiereOn(t *testing.T) {
	for now, want := range map[string]string{
		"2016-05-31": "acces-avant-fin-de-premiere", "2016-06-01": "", "2017-06-10": "", "2020-01-01": "",
	} {
		if got := rule(access.May(related(access.Eleve), access.ReadFamilyView, target(), day(now))); got != want {
			t.Errorf("on %s: %q, want %q", now, got, want)
		}
	}
}

// A school that does not offer the service closes the livret to the family, who may have it on paper, and to
// nobody else. Who has no right to it at all is told that, and not what his school does.
func TestASchoolMayNotOfferTheService(t *testing.T) {
	on, born := target(), target().Birth
	on.Declined = true
	for _, c := range []struct {
		role       string
		act        access.Act
		now, birth domain.Date
		rule       string
	}{
		{access.Eleve, access.ReadFamilyView, today, born, "teleservice-non-propose"},
		{access.Eleve, access.ReadFamilyView, day("2016-05-31"), born, "teleservice-non-propose"}, // waiting would not help
		{access.ResponsableLegal, access.ReadFamilyView, today, born, "teleservice-non-propose"},
		{access.ResponsableLegal, access.ReadFamilyView, day("2017-06-10"), born, "acces-eleve-majeur"},
		{access.ResponsableLegal, access.ReadFamilyView, today, domain.Date{}, "acces-naissance-inconnue"},
		{access.ChefEtablissement, access.ReadFamilyView, today, born, ""},
		{access.CPE, access.ReadFamilyView, today, born, ""},
		{access.ProfesseurPrincipal, access.ReadFamilyView, today, born, ""},
		{access.Enseignant, access.RecordAverage, today, born, ""},
		{access.PresidentJury, access.ReadJuryView, today, born, ""},
		{access.ChefEtablissement, access.OfferService, today, born, ""},
		{access.Enseignant, access.OfferService, today, born, "acces-fonction"},
	} {
		on.Birth = c.birth
		if got := rule(access.May(related(c.role), c.act, on, c.now)); got != c.rule {
			t.Errorf("%s, %s on %s: %q, want %q", c.role, c.act, c.now, got, c.rule)
		}
	}
}

// A livret in quarantine is closed to all but who decides on it; the family still asks and declares.
func TestAQuarantineClosesTheLivret(t *testing.T) {
	for _, restricted := range []bool{false, true} {
		for _, c := range []struct {
			role string
			act  access.Act
			open bool // in quarantine too
		}{
			{access.Eleve, access.ReadFamilyView, false},
			{access.Eleve, access.AcknowledgeLivret, false},
			{access.Eleve, access.RequestRectification, true},
			{access.ResponsableLegal, access.ReadFamilyView, false},
			{access.ResponsableLegal, access.OpposeTransmission, true},
			{access.CPE, access.ReadFamilyView, false},
			{access.CPE, access.WriteObservationCPE, false},
			{access.ProfesseurPrincipal, access.ReadFamilyView, false},
			{access.Enseignant, access.ReadTeaching, false},
			{access.Enseignant, access.RecordAverage, false},
			{access.ChefEtablissement, access.LockPeriod, false},
			{access.ChefEtablissement, access.ReadFamilyView, true},
			{access.ChefEtablissement, access.DecideRectification, true},
			{access.ChefEtablissement, access.RestrictProcessing, true},
			{access.DEC, access.RestrictProcessing, true},
			{access.PresidentJury, access.ReadJuryView, false},
			{access.Auditeur, access.ReadHistory, false},
			{access.Systeme, access.MaskPassages, true},
			{access.Exploitant, access.DestroyKeys, true},
		} {
			on, want := target(), ""
			if on.Restricted = restricted; restricted && !c.open {
				want = "acces-traitement-limite"
			}
			if got := rule(access.May(related(c.role), c.act, on, today)); got != want {
				t.Errorf("%s, %s, restricted %t: %q, want %q", c.role, c.act, restricted, got, want)
			}
		}
	}
}

// A family prints once the jury has deliberated, and a school whenever it must hand over a paper.
func TestAFamilyPrintsOnceDeliberationsAreClosed(t *testing.T) {
	on := target()
	on.Deliberated = false
	for role, want := range map[string]string{access.Eleve: "acces-avant-cloture", access.ResponsableLegal: "acces-avant-cloture", access.ChefEtablissement: ""} {
		if got := rule(access.May(related(role), access.PrintLivret, on, today)); got != want {
			t.Errorf("%s: %q, want %q", role, got, want)
		}
		if err := access.May(related(role), access.PrintLivret, target(), today); err != nil {
			t.Errorf("%s, once closed: %v", role, err)
		}
	}
}

// What only an adult decides for himself is left to the guardians of a minor, and to nobody twice.
func TestAMinorLeavesItToHisGuardians(t *testing.T) {
	for _, act := range []access.Act{access.OpposeTransmission, access.RefuseOnlineService} {
		for role, rules := range map[string][2]string{
			access.Eleve: {"acces-eleve-mineur", ""}, access.ResponsableLegal: {"", "acces-eleve-majeur"},
		} {
			for n, on := range []access.Target{target(), adult()} {
				if got := rule(access.May(related(role), act, on, today)); got != rules[n] {
					t.Errorf("%s, %s of pupil %d: %q, want %q", role, act, n, got, rules[n])
				}
			}
		}
	}
}

// A refusal tells a stranger nothing: whatever he asks about, be it nothing at all, he reads the same words.
func TestStrangersLearnNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		role := rapid.SampledFrom(access.Roles()).Draw(t, "role")
		act := rapid.SampledFrom(access.Acts()).Draw(t, "act")
		asker := access.Actor{
			Actor: domain.Actor{Role: role, Person: aPerson}, UAI: "0000002B", Academie: "19", Staff: aPerson,
			Divisions: []access.Division{{Year: 2016, Name: "TS9"}}, Livrets: []uuid.UUID{stranger}, PersonID: 99, Session: 2015, Round: "juin",
		}
		if role == access.ResponsableLegal && rapid.Bool().Draw(t, "contact") {
			asker.UAI, asker.PersonID = "0000001A", 43
		}
		on := anyTarget().Draw(t, "target")
		if on.Livret == stranger || on.UAI == "0000002B" || on.Academie == "19" || on.Session == 2015 {
			t.Skip("no stranger to it")
		}
		about := access.May(asker, act, on, today)
		aboutNothing := access.May(asker, act, access.Target{}, today)
		if !reflect.DeepEqual(about, aboutNothing) {
			t.Fatalf("%s, %s: %s about a livret, %s about nothing", role, act, rule(about), rule(aboutNothing))
		}
	})
}

// The livret by name is for the pupil, for who holds authority over a minor, and for his school. For nobody
// else, whatever else holds.
func TestTheFamilyViewLeavesFamilyAndSchoolNever(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		actor, on := anyActor().Draw(t, "actor"), anyTarget().Draw(t, "target")
		now := anyDay().Draw(t, "today")
		if access.May(actor, access.ReadFamilyView, on, now) != nil {
			return
		}
		if family := actor.Role == access.Eleve || actor.Role == access.ResponsableLegal; family && (on.Declined || on.Refused || on.Restricted) {
			t.Fatal("a family reads on line what its school does not offer, what it refused, or what is in quarantine")
		}
		inHisSchool := actor.UAI != "" && actor.UAI == on.UAI
		switch actor.Role {
		case access.Eleve:
			if !slices.Contains(actor.Livrets, on.Livret) {
				t.Fatal("a pupil reads another's livret")
			}
		case access.ResponsableLegal:
			authority := slices.ContainsFunc(on.Guardians, func(g access.Guardian) bool {
				return g.PersonID == actor.PersonID && (g.Legal == 1 || g.Legal == 2)
			})
			if !inHisSchool || !authority || on.Birth.IsZero() || !now.Before(on.Birth.Anniversary(18)) {
				t.Fatal("a guardian reads without authority over a minor")
			}
		case access.ChefEtablissement, access.CPE, access.ProfesseurPrincipal:
			if !inHisSchool {
				t.Fatalf("%s reads the livret of another school", actor.Role)
			}
		default:
			t.Fatalf("%s reads a livret by name", actor.Role)
		}
	})
}

// Jurors and statisticians have no act in which a name is shown.
func TestWhoSeesNoName(t *testing.T) {
	for role, want := range map[string][]access.Act{
		access.PresidentJury:     {access.RecordSitting, access.ExamineLivret, access.GivePresidentVisa, access.RecordResult, access.ReadJuryView},
		access.VicePresidentJury: {access.ReadJuryView},
		access.MembreJury:        {access.ReadJuryView},
		access.ChefCentre:        {access.ReadJuryView},
		access.Statisticien:      {access.PublishStatistics, access.ExportStatistics, access.ReadStatistics},
		access.Archives:          {access.GiveEliminationVisa, access.DecideVersement, access.ReadRetention},
		"":                       nil,
		"unheard-of":             nil,
	} {
		var got []access.Act
		for _, act := range access.Acts() {
			if access.May(related(role), act, target(), today) == nil {
				got = append(got, act)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q may %q, want %q", role, got, want)
		}
	}
}

func TestAGrantIsMaysYes(t *testing.T) {
	grant, err := access.Allow(related(access.CPE), access.DeclareEngagement, target(), today)
	if err != nil || grant.Act() != access.DeclareEngagement || grant.Actor() != (domain.Actor{Role: access.CPE, Person: aPerson}) {
		t.Errorf("%+v, %v", grant, err)
	}
	grant, err = access.Allow(related(access.CPE), access.GiveHeadVisa, target(), today)
	if rule(err) != "acces-fonction" || grant != (access.Grant{}) {
		t.Errorf("%+v, %v", grant, err)
	}
}

// A typographer's check of what people read: apostrophes, and no-break spaces before double punctuation.
func TestRefusalsAreWrittenInFrench(t *testing.T) {
	wrong := regexp.MustCompile(`'| [;:!?»]|« |[^\x{00a0}\x{202f} ][;!?]`)
	young, unknown := target(), target()
	young.Birth, unknown.Birth = day("1990-01-01"), domain.Date{}
	declined, refused, restricted, deliberating := target(), target(), target(), target()
	deliberating.Deliberated = false
	declined.Declined, refused.Refused, restricted.Restricted = true, true, true
	refusals := []error{
		access.May(related(access.Eleve), access.ReadFamilyView, declined, today),
		access.May(related(access.Eleve), access.ReadFamilyView, refused, today),
		access.May(related(access.Eleve), access.ReadFamilyView, restricted, today),
		access.May(related(access.Eleve), access.PrintLivret, deliberating, today),
		access.May(related(access.Eleve), access.OpposeTransmission, target(), today),
		access.May(related(access.Archives), access.ReadFamilyView, target(), today),
		access.May(related(access.CPE), access.ReadFamilyView, access.Target{}, today),
		access.May(related(access.Eleve), access.ReadFamilyView, target(), day("2016-01-01")),
		access.May(related(access.ResponsableLegal), access.ReadFamilyView, young, today),
		access.May(related(access.ResponsableLegal), access.ReadFamilyView, unknown, today),
	}
	seen := map[string]bool{}
	for _, err := range refusals {
		refusal, refused := errors.AsType[*domain.Refusal](err)
		if !refused {
			t.Fatal(err)
		}
		seen[refusal.Rule] = true
		for _, text := range []string{refusal.Reason, refusal.Remedy} {
			if text == "" || wrong.MatchString(text) {
				t.Errorf("%s: %q", refusal.Rule, text)
			}
		}
	}
	if len(seen) != len(refusals) {
		t.Errorf("%d rules in %d refusals", len(seen), len(refusals))
	}
}

func anyDay() *rapid.Generator[domain.Date] {
	return rapid.SampledFrom([]domain.Date{{}, today, day("2016-05-31"), day("2017-06-09"), day("2017-06-10"), day("2018-03-01")})
}

func anyTarget() *rapid.Generator[access.Target] {
	ids := rapid.SampledFrom([]uuid.UUID{uuid.Nil, theLivret, aStaff, stranger})
	return rapid.Custom(func(t *rapid.T) access.Target {
		on := target()
		on.Livret = ids.Draw(t, "livret")
		on.Teachers = rapid.SliceOfN(ids, 0, 2).Draw(t, "teachers")
		on.Birth = rapid.SampledFrom([]domain.Date{{}, day("1999-06-10"), day("1990-01-01"), day("2000-02-29")}).Draw(t, "birth")
		on.Declined = rapid.Bool().Draw(t, "no service")
		on.Refused = rapid.Bool().Draw(t, "service refused")
		on.Restricted = rapid.Bool().Draw(t, "quarantine")
		if rapid.Bool().Draw(t, "elsewhere") {
			on.UAI, on.Academie = "", ""
		}
		if rapid.Bool().Draw(t, "no guardian") {
			on.Guardians = nil
		}
		if rapid.Bool().Draw(t, "no session") {
			on.Session, on.Round = 0, ""
		}
		return on
	})
}

func anyActor() *rapid.Generator[access.Actor] {
	return rapid.Custom(func(t *rapid.T) access.Actor {
		a := related(rapid.SampledFrom(append(access.Roles(), "", "unheard-of")).Draw(t, "role"))
		a.PersonID = rapid.SampledFrom([]uint64{0, 41, 42, 43, 44}).Draw(t, "person")
		if rapid.Bool().Draw(t, "elsewhere") {
			a.UAI = "0000002B"
		}
		if rapid.Bool().Draw(t, "no livret") {
			a.Livrets = nil
		}
		return a
	})
}

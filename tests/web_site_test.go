package tests

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/web"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/vaulttest"
	"livret/eventstore/ledger"
	"livret/projections/statistics"
)

// webSite is the canary school behind its pages, with somebody of each role who can sign in by a header.
type webSite struct {
	*httptest.Server
	t        *testing.T
	instance *instance.Instance
	school   canarySchool
	livrets  []uuid.UUID // of the pupils, in their order
	people   people
	log      *syncBuffer
}

// people is a sign-in of tests: the header X-Person says who it is.
type people map[string]access.Actor

func (p people) Actor(r *http.Request) (access.Actor, bool) {
	actor, ok := p[r.Header.Get("X-Person")]
	return actor, ok
}

type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

const (
	physics = "062300/S/1" // taught by the colleague, marks typed by hand
	maths   = "061300/S/1" // imported
)

func newWebSite(t *testing.T) *webSite {
	t.Helper()
	_, school, i := openCanarySchool(t)
	s := &webSite{t: t, instance: i, school: school, log: new(syncBuffer)}
	for _, p := range school.pupils {
		livret, err := i.FindPupil(t.Context(), canaryUAI, p.ID, 2017)
		if err != nil {
			t.Fatal(err)
		}
		s.livrets = append(s.livrets, livret)
	}
	staff, err := i.Family.Roster().Staff(t.Context(), canaryUAI)
	if err != nil || len(staff) == 0 {
		t.Fatalf("%d members of staff, %v", len(staff), err)
	}
	s.cast(staff[0])
	s.arrange()
	site, err := web.New(i, s.people, nil, slog.New(slog.NewTextHandler(s.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := site.Handler()
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

func (s *webSite) cast(teacher uuid.UUID) {
	actor := func(role string) access.Actor {
		return access.Actor{Actor: domain.Actor{Role: role, Person: uuid.New()}}
	}
	s.people = people{}
	add := func(name, role string, more func(*access.Actor)) {
		a := actor(role)
		more(&a)
		s.people[name] = a
	}
	here := func(a *access.Actor) { a.UAI = canaryUAI }
	signs := func(a *access.Actor) { here(a); a.Staff = uuid.New() }
	add("head", access.ChefEtablissement, signs)
	add("cpe", access.CPE, signs)
	add("head elsewhere", access.ChefEtablissement, func(a *access.Actor) { a.UAI = "0000456K" })
	add("teacher", access.Enseignant, func(a *access.Actor) { here(a); a.Staff = teacher })
	add("colleague", access.Enseignant, func(a *access.Actor) { here(a); a.Staff = uuid.New() })
	add("idle teacher", access.Enseignant, func(a *access.Actor) { here(a); a.Staff = uuid.New() })
	add("principal", access.ProfesseurPrincipal, func(a *access.Actor) {
		here(a)
		a.Staff, a.Divisions = uuid.New(), []access.Division{{Year: 2017, Name: "TSVT1"}}
	})
	add("pupil", access.Eleve, func(a *access.Actor) { here(a); a.Livrets = s.livrets[:1] })
	add("classmate", access.Eleve, func(a *access.Actor) { here(a); a.Livrets = s.livrets[1:2] })
	add("guardian of an adult", access.ResponsableLegal, func(a *access.Actor) { here(a); a.PersonID = 77001; a.Livrets = s.livrets[:1] })
	add("guardian of a minor", access.ResponsableLegal, func(a *access.Actor) { here(a); a.PersonID = 77002; a.Livrets = s.livrets[2:3] })
	s.people["juror"], s.people["member"] = juror(access.PresidentJury, june), juror(access.MembreJury, june)
	s.people["juror of september"] = juror(access.MembreJury, september)
	add("statistician", access.Statisticien, func(a *access.Actor) { a.Academie = "08" })
	add("auditor", access.Auditeur, func(a *access.Actor) { a.Academie = "08" })
	add("auditor elsewhere", access.Auditeur, func(a *access.Actor) { a.Academie = "09" })
	add("exams", access.DEC, func(a *access.Actor) { a.Academie = "08" })
	add("archives", access.Archives, func(a *access.Actor) { a.Academie = "08" })
	add("operator", access.Exploitant, func(*access.Actor) {})
}

// arrange makes the third pupil a minor with a guardian, gives the colleague an enseignement of all pupils, locks
// its second period for the first of them, brings all before a jury, and publishes statistics.
func (s *webSite) arrange() {
	head, colleague := s.people["head"], s.people["colleague"].Staff
	execute(s, head, access.RecordIdentity, identity.PupilDecider, s.livrets[2], identity.RecordPupil{
		Civil:     &identity.CivilIdentityRecorded{FamilyName: s.school.pupils[2].FamilyName, FirstNames: s.school.pupils[2].FirstNames, BirthDate: "2001-01-09"},
		Guardians: []identity.GuardianRecorded{{PersonID: 77002, Civility: "M.", Name: "ABBADIEUX", First: "Firmin", Legal: 1}},
	})
	taught := record.Enseignement{Year: 2017, Matiere: "062300", Modalite: "S", Rank: 1}
	for _, livret := range s.livrets {
		execute(s, head, access.RecordSchooling, record.Decider, livret, record.NameTeachers{Enseignement: taught, Staff: []uuid.UUID{colleague}})
	}
	execute(s, head, access.LockPeriod, record.Decider, s.livrets[0], record.LockPeriod{Year: 2017, Period: 2})
	jury := instance.JuryName{Session: june, Number: "0108"}
	seat(s.t, s.instance, jury, map[deliberation.Office]access.Actor{deliberation.President: s.people["juror"], deliberation.Member: s.people["member"]})
	seat(s.t, s.instance, instance.JuryName{Session: september, Number: "0001"}, map[deliberation.Office]access.Actor{deliberation.Member: s.people["juror of september"]})
	transmit(s.t, s.instance, jury, s.livrets...)
	s.publishGraduates(2019)
	policy, err := statistics.NewPolicy(5)
	if err == nil {
		_, err = s.instance.Publish(s.t.Context(), s.people["statistician"], 2018, policy)
	}
	if err == nil {
		err = s.instance.CatchUp(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func execute[S any](s *webSite, actor access.Actor, act access.Act, d domain.Decider[S], id uuid.UUID, cmd domain.Command[S]) {
	s.t.Helper()
	grant, err := access.Allow(actor, act, access.Target{Livret: id, UAI: canaryUAI, Academie: "08"}, s.instance.Today())
	if err == nil {
		_, err = ledger.Execute(s.t.Context(), s.instance.Ledger, ledger.Order{ID: uuid.New(), Grant: grant}, d, id, cmd)
	}
	if err != nil {
		s.t.Fatalf("%T: %v", cmd, err)
	}
}

// answer is what the site answered, whole.
type answer struct {
	*http.Response
	body string
}

func (s *webSite) do(method, path, person string, body io.Reader, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("X-Person", person)
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{response, string(content)}
}

func (s *webSite) get(path, person string) answer { return s.do(http.MethodGet, path, person, nil) }

func (s *webSite) post(path, person string, form url.Values) answer {
	return s.do(http.MethodPost, path, person, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
}

func (s *webSite) state(livret uuid.UUID) (*record.State, eventstore.Version) {
	s.t.Helper()
	state, version, err := ledger.Load(s.t.Context(), s.instance.Ledger, record.Decider, livret)
	if err != nil {
		s.t.Fatal(err)
	}
	return state, version
}

// candidate is the address of the first candidate's dossier.
func (s *webSite) candidate() string {
	s.t.Helper()
	var list []struct{ Number string }
	if err := json.Unmarshal([]byte(s.get("/api/v1/jury/2018/juin", "juror").body), &list); err != nil || len(list) != len(s.livrets) {
		s.t.Fatalf("%d candidates, %v", len(list), err)
	}
	return "/jury/2018/juin/" + list[0].Number
}

// shred destroys the keys of a livret, as later versions do at the end of its term.
func (s *webSite) shred(livret uuid.UUID) {
	s.t.Helper()
	vault := s.instance.Ledger.Vault()
	custodian, ok := vault.(keyvault.Custodian)
	if !ok {
		s.t.Fatal("this vault moves no state")
	}
	for _, class := range []keyvault.Class{keyvault.Identity, keyvault.Record, keyvault.Candidate} {
		key, err := vault.Find(s.t.Context(), livret, class)
		if err != nil {
			s.t.Fatal(err)
		}
		vaulttest.Move(s.t, custodian, key.ID, keyvault.Active, keyvault.Archived, keyvault.Fenced, keyvault.Shredded)
	}
}

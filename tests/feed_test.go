package tests

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

// told is a CloudEvent as a consumer reads it.
type told struct {
	SpecVersion, ID, Source, Type, Subject, After string
	Data                                          json.RawMessage
}

// admit admits a consumer and answers its token.
func (s *webSite) admit(name, audience, scope string) string {
	s.t.Helper()
	token, err := s.instance.Consumers().Add(instance.Consumer{Name: name, Audience: audience, Scope: scope}, s.instance.Ledger.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func (s *webSite) ask(path, token, accept string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, "", nil, "Authorization", "Bearer "+token, "Accept", accept)
}

// events reads page after page, until there is nothing left, and answers where that is.
func (s *webSite) events(audience, token, after string, limit string) (all []told, end string) {
	s.t.Helper()
	for {
		got := s.ask("/feed/"+audience+"?limit="+limit+"&after="+after, token, "application/x-ndjson")
		if got.StatusCode != http.StatusOK {
			s.t.Fatalf("%s: %d %s", audience, got.StatusCode, got.body)
		}
		link, _, _ := strings.Cut(strings.TrimPrefix(got.Header.Get("Link"), "<"), ">")
		_, next, _ := strings.Cut(link, "after=")
		next, _, _ = strings.Cut(next, "&")
		n := len(all)
		for d := json.NewDecoder(strings.NewReader(got.body)); d.More(); {
			var e told
			if err := d.Decode(&e); err != nil {
				s.t.Fatal(err)
			}
			all = append(all, e)
		}
		if next == after && n == len(all) {
			return all, next
		}
		after = next
	}
}

// last is what each subject is in the end.
func last(events []told) map[string]told {
	all := make(map[string]told)
	for _, e := range events {
		e.ID, e.After = "", ""
		all[e.Subject] = e
	}
	return all
}

func TestAFeedShowsWhatThePagesShow(t *testing.T) {
	s := newWebSite(t)
	school := s.admit("ent", "family", string(canaryUAI))
	all, _ := s.events("family", school, "", "3")
	whole, _ := s.events("family", school, "", "1000")
	if !reflect.DeepEqual(last(all), last(whole)) {
		t.Error("page by page, the feed tells other things than at once")
	}
	livrets := last(all)
	if len(livrets) != len(s.livrets) {
		t.Errorf("%d livrets are told of %d", len(livrets), len(s.livrets))
	}
	for _, livret := range s.livrets {
		var page, told any
		if err := json.Unmarshal([]byte(s.get("/api/v1/livrets/"+livret.String(), "head").body), &page); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(livrets[livret.String()].Data, &told); err != nil || !reflect.DeepEqual(page, told) {
			t.Errorf("the feed and the API say different things of a livret: %v", err)
		}
	}
	again, _ := s.events("family", school, "", "3")
	if !slices.EqualFunc(all, again, func(x, y told) bool { return x.ID == y.ID && x.Subject == y.Subject }) {
		t.Error("read again, the same changes have other ids")
	}
	for n, e := range all { // whoever comes back with any place is told the rest, and it is enough
		if n%5 != 0 {
			continue
		}
		rest, _ := s.events("family", school, e.After, "7")
		if got := last(append(all[:n+1:n+1], rest...)); !reflect.DeepEqual(got, livrets) {
			t.Errorf("resumed after %d of %d events, the copy is another", n+1, len(all))
		}
	}
	if elsewhere, _ := s.events("family", s.admit("ent-2", "family", "0000456W"), "", "100"); len(elsewhere) != 0 {
		t.Errorf("a school is told of %d livrets of another", len(elsewhere))
	}
}

// What a jury's software is told names nobody, holds no livret's id, and no position of the ledger.
func TestAFeedOfAJuryIsTheJurysView(t *testing.T) {
	s := newWebSite(t)
	token := s.admit("exams", "jury", june.String())
	got := s.ask("/feed/jury?limit=1000", token, "application/cloudevents-batch+json")
	var events []told
	if err := json.Unmarshal([]byte(got.body), &events); err != nil || len(events) != len(s.livrets) || got.Header.Get("Content-Type") != "application/cloudevents-batch+json" {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for _, e := range events {
		var dossier struct{ Number string }
		if err := json.Unmarshal(e.Data, &dossier); err != nil {
			t.Fatal(err)
		}
		var page, told any
		json.Unmarshal([]byte(s.get("/api/v1/jury/2018/juin/"+dossier.Number, "juror").body), &page)
		json.Unmarshal(e.Data, &told)
		if !reflect.DeepEqual(page, told) || e.SpecVersion != "1.0" || e.Type != "livret.jury.present" {
			t.Errorf("%s is not what the jury is shown", e.Type)
		}
	}
	for _, livret := range s.livrets {
		if strings.Contains(got.body, livret.String()) {
			t.Error("a jury's software is told the id of a livret")
		}
	}
	for _, p := range s.school.pupils {
		if strings.Contains(got.body, p.FamilyName) {
			t.Error("a jury's software is told a name")
		}
	}
	if strings.Contains(got.body, string(canaryUAI)) {
		t.Error("a jury's software is told the school")
	}
	if other, _ := s.events("jury", s.admit("exams-2", "jury", september.String()), "", "100"); len(other) != 0 {
		t.Errorf("another session is told of %d candidates", len(other))
	}
	published, _ := s.events("statistics", s.admit("dsp", "statistics", ""), "", "100")
	if subjects := last(published); len(subjects) == 0 || subjects["2018"].Type != "livret.statistics.present" {
		t.Errorf("statistics: %v", published)
	}
}

func TestWhoIsForgottenIsToldAsShredded(t *testing.T) {
	s := newWebSite(t)
	school, exams := s.admit("ent", "family", string(canaryUAI)), s.admit("exams", "jury", june.String())
	family, familyEnd := s.events("family", school, "", "100")
	jury, juryEnd := s.events("jury", exams, "", "100")
	gone := s.livrets[1]
	s.shred(gone)
	s.recordEnd(gone)
	for _, f := range []struct {
		audience, token, after string
		before                 []told
	}{{"family", school, familyEnd, family}, {"jury", exams, juryEnd, jury}} {
		news, _ := s.events(f.audience, f.token, f.after, "100")
		if len(news) != 1 || news[0].Type != "livret."+f.audience+".shredded" || news[0].Data != nil {
			t.Fatalf("%s is told %d events", f.audience, len(news))
		}
		if before, known := last(f.before)[news[0].Subject]; !known || before.Data == nil {
			t.Errorf("%s is told that a subject is shredded that it never knew", f.audience)
		}
		anew, _ := s.events(f.audience, f.token, "", "100")
		if last(anew)[news[0].Subject].Type != news[0].Type || len(last(anew)) != len(last(f.before)) {
			t.Errorf("%s begins anew, and is told otherwise", f.audience)
		}
	}
}

// recordEnd records the end of a livret's keys as a destruction does.
func (s *webSite) recordEnd(livret uuid.UUID) {
	s.t.Helper()
	grant, err := access.Allow(access.Actor{Actor: domain.Actor{Role: access.Exploitant}}, access.DestroyKeys, access.Target{Livret: livret}, s.instance.Today())
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = ledger.Execute(s.t.Context(), s.instance.Ledger, ledger.Order{ID: uuid.New(), Grant: grant}, retention.Decider, livret, ended{})
	if err != nil {
		s.t.Fatal(err)
	}
}

type ended struct{}

func (ended) Decide(*retention.State) ([]domain.Event, error) {
	return []domain.Event{retention.DestructionBegun{Lot: uuid.New()}}, nil
}

func TestWhoMayFollow(t *testing.T) {
	s := newWebSite(t)
	school := s.admit("ent", "family", string(canaryUAI))
	_, place := s.events("family", school, "", "1000")
	statistics := s.admit("dsp", "statistics", "")
	for _, c := range []struct {
		path, token, accept string
		status              int
	}{
		{"/feed/family", "", "", 401}, {"/feed/family", "livret_other", "", 401}, {"/feed/jury", school, "", 403}, {"/feed/all", school, "", 404},
		{"/feed/family?after=x", school, "", 410}, {"/feed/family?after=x", school, "text/event-stream", 410}, {"/feed/statistics?after=" + place, statistics, "", 410},
		{"/feed/family?limit=0", school, "", 400}, {"/feed/family?limit=1001", school, "", 400}, {"/feed/family", school, "text/html", 406},
		{"/feed/family?after=" + place, school, "", 200},
	} {
		if got := s.ask(c.path, c.token, c.accept); got.StatusCode != c.status {
			t.Errorf("%s as %q: %d, want %d", c.path, c.accept, got.StatusCode, c.status)
		}
	}
	if err := s.instance.Consumers().Remove("ent"); err != nil {
		t.Fatal(err)
	}
	if got := s.ask("/feed/family", school, ""); got.StatusCode != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("a consumer that was removed gets %d", got.StatusCode)
	}
	if strings.Contains(s.log.String(), school) {
		t.Error("a token stands in the log")
	}
}

// TestTheWorkedConsumerIsExact kills the example again and again while marks are recorded: its copy is what the pages show.
func TestTheWorkedConsumerIsExact(t *testing.T) {
	s := newWebSite(t)
	program, kept := filepath.Join(t.TempDir(), "consumer"), filepath.Join(t.TempDir(), "copy.json")
	if out, err := exec.Command("go", "build", "-o", program, "livret/docs/examples/consumer").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	token := s.admit("ent", "family", string(canaryUAI))
	start := func() *exec.Cmd {
		c := exec.Command(program, kept)
		c.Env = append(os.Environ(), "LIVRET_FEED="+s.URL+"/feed/family", "LIVRET_TOKEN="+token)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	line := record.Enseignement{Year: 2017, Matiere: "062300", Modalite: "S", Rank: 1}
	write := func(n int) {
		text := strings.Repeat("progrès réels. ", 1+n%7) + uuid.NewString()
		execute(s, s.people["head"], access.WriteAppreciation, record.Decider, s.livrets[n%len(s.livrets)], record.WriteAppreciation{Enseignement: line, Text: text})
	}
	for n := range 30 {
		c := start()
		for m := range 4 {
			write(4*n + m)
			time.Sleep(time.Duration(n%5) * 5 * time.Millisecond)
		}
		c.Process.Kill()
		c.Wait()
	}
	s.shred(s.livrets[3])
	s.recordEnd(s.livrets[3])
	c := start()
	defer func() { c.Process.Kill(); c.Wait() }()
	want, _ := s.events("family", token, "", "1000")
	deadline := time.Now().Add(time.Minute)
	for differ := "nothing yet"; differ != ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the copy is not exact: ", differ)
		}
		differ = s.differs(kept, want)
	}
}

// differs says in what a copy is not what is told.
func (s *webSite) differs(kept string, want []told) string {
	var has struct{ Subjects map[string]json.RawMessage }
	content, err := os.ReadFile(kept)
	if err == nil {
		err = json.Unmarshal(content, &has)
	}
	if err != nil {
		return err.Error()
	}
	present := 0
	for subject, e := range last(want) {
		if e.Data == nil {
			continue
		}
		present++
		if !bytes.Equal(has.Subjects[subject], e.Data) {
			return "a livret is another one"
		}
	}
	if present != len(has.Subjects) {
		return "there are others in it"
	}
	return ""
}

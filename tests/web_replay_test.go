package tests

import (
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"golang.org/x/mod/sumdb/tlog"

	"livret/domain/access"
	"livret/domain/mark"
	"livret/domain/record"
)

// replay is the address of the auditor's page of a livret.
func (s *webSite) replay(n int) string { return "/livrets/" + s.livrets[n].String() + "/rejeu" }

// sign signs a checkpoint, and answers when.
func (s *webSite) sign() time.Time {
	s.t.Helper()
	signed, _, err := s.instance.Checkpoint(s.t.Context(), s.people["operator"])
	if err != nil {
		s.t.Fatal(err)
	}
	return signed.Time
}

// TestAnAuditorReplaysALivret goes through a livret fact by fact, checks the proof of one by the bytes on the page alone, and
// asks what was shown at an instant, before and after a correction.
func TestAnAuditorReplaysALivret(t *testing.T) {
	s := newWebSite(t)
	page := s.get(s.replay(0), "auditor")
	if page.StatusCode != http.StatusOK || !strings.Contains(page.body, "pas encore prouvé") || !strings.Contains(page.body, "Aucun point de contrôle n’a encore été signé") {
		t.Fatalf("%d, without a checkpoint", page.StatusCode)
	}
	if got := s.get(s.past(0, "jury", time.Now()), "auditor"); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Aucun point de contrôle") {
		t.Errorf("without a checkpoint, an instant answers %d", got.StatusCode)
	}
	before := s.sign()
	proved := s.get(s.replay(0)+"?fait=3", "auditor")
	s.checkProof(proved.body)

	// A correction: the day before, nobody was shown it.
	execute(s, s.people["head"], access.CorrectAverage, record.Decider, s.livrets[0],
		record.CorrectAverage{Enseignement: record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1}, Period: 1, Mark: mark.Must(mark.Hundredths(1973)), Reason: "copie retrouvée"})
	if err := s.instance.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := s.get(s.replay(0), "auditor").body
	for _, said := range []string{"Correction\u00a0: Moyenne", "<ins>19,73</ins>", "<del>", "copie retrouvée", "pas encore prouvé"} {
		if !strings.Contains(last, said) {
			t.Errorf("the last fact lacks %q", said)
		}
	}
	if then := s.get(s.past(0, "famille", before), "auditor"); then.StatusCode != http.StatusOK || strings.Contains(then.body, "19,73") || !strings.Contains(then.body, s.school.pupils[0].FamilyName) || !strings.Contains(then.body, "prouvé") {
		t.Errorf("before the correction, the family was shown %d", then.StatusCode)
	}
	for _, view := range []string{"jury", "famille"} {
		if now := s.get(s.replay(0)+"/vue?fait="+lastStep(t, last)+"&vue="+view, "auditor").body; !strings.Contains(now, "19,73") || !strings.Contains(now, "instant non prouvé") {
			t.Errorf("after the correction, by its position, the %s was shown something else", view)
		}
	}
	jury := s.get(s.past(0, "jury", before), "auditor")
	if jury.StatusCode != http.StatusOK || strings.Contains(jury.body, "19,73") || strings.Contains(jury.body, s.school.pupils[0].FamilyName) || !strings.Contains(jury.body, "jury.v2") {
		t.Errorf("before the correction, the jury was shown %d", jury.StatusCode)
	}
	if first := s.get(s.replay(0)+"/vue?fait=1&vue=jury", "auditor"); first.StatusCode != http.StatusOK || !strings.Contains(first.body, "à aucun jury") {
		t.Errorf("before it was before a jury: %d", first.StatusCode)
	}
	for path, want := range map[string]int{"?fait=0": 404, "?fait=9999": 404, "?fait=x": 404, "/vue?instant=hier": 422, "/vue": 422, "/vue?instant=1998-01-01": 422} {
		if got := s.get(s.replay(0)+path, "auditor"); got.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, got.StatusCode, want)
		}
	}
	if log := s.get("/livrets/"+s.livrets[0].String()+"/consultations", "pupil").body; !strings.Contains(log, "uditeur") {
		t.Error("the auditor's reading is not logged")
	}

	// Whose keys are destroyed: no content, but the proof that it was there.
	s.shred(s.livrets[0])
	gone := s.get(s.replay(0)+"?fait=3", "auditor")
	if !strings.Contains(gone.body, "contenu détruit") || strings.Contains(gone.body, "<ins>") || strings.Contains(gone.body, s.school.pupils[0].FamilyName) {
		t.Errorf("a destroyed livret answers %d", gone.StatusCode)
	}
	s.checkProof(gone.body)
	for _, view := range []string{"jury", "famille"} {
		if got := s.get(s.past(0, view, before), "auditor"); got.StatusCode != http.StatusGone {
			t.Errorf("what the %s was shown of a destroyed livret answers %d", view, got.StatusCode)
		}
	}
}

// past is the address of what a view showed at an instant.
func (s *webSite) past(n int, view string, at time.Time) string {
	return s.replay(n) + "/vue?" + url.Values{"vue": {view}, "instant": {at.Format(time.RFC3339Nano)}}.Encode()
}

var onPage = map[string]*regexp.Regexp{
	"leaf": regexp.MustCompile(`fromhex\("([0-9a-f]+)"\)`), "rank": regexp.MustCompile(`rank, size = (\d+)`), "size": regexp.MustCompile(`rank, size = \d+, (\d+)`),
	"root": regexp.MustCompile(`root = "([0-9a-f]{64})"`), "path": regexp.MustCompile(`(?s)path = """(.*?)"""`), "step": regexp.MustCompile(`Fait n°&nbsp;(\d+)`),
}

// read is what the page gives to check by oneself.
func readPage(t *testing.T, body, what string) string {
	t.Helper()
	found := onPage[what].FindStringSubmatch(html.UnescapeString(body))
	if found == nil {
		found = onPage[what].FindStringSubmatch(body)
	}
	if found == nil {
		t.Fatalf("the page gives no %s", what)
	}
	return found[1]
}

func lastStep(t *testing.T, body string) string { return readPage(t, body, "step") }

// checkProof checks the proof of a page with nothing but what stands on it.
func (s *webSite) checkProof(body string) {
	s.t.Helper()
	raw := func(text string) []byte {
		b, err := hex.DecodeString(text)
		if err != nil {
			s.t.Fatal(err)
		}
		return b
	}
	var path tlog.RecordProof
	for _, h := range strings.Fields(readPage(s.t, body, "path")) {
		path = append(path, tlog.Hash(raw(h)))
	}
	rank, _ := strconv.ParseInt(readPage(s.t, body, "rank"), 10, 64)
	size, _ := strconv.ParseInt(readPage(s.t, body, "size"), 10, 64)
	root, leaf := tlog.Hash(raw(readPage(s.t, body, "root"))), raw(readPage(s.t, body, "leaf"))
	if err := tlog.CheckRecord(path, size, root, rank, tlog.RecordHash(leaf)); err != nil {
		s.t.Errorf("the proof on the page does not hold: %v", err)
	}
	leaf[len(leaf)-1] ^= 1
	if tlog.CheckRecord(path, size, root, rank, tlog.RecordHash(leaf)) == nil {
		s.t.Error("it holds for another leaf as well")
	}
	if note := html.UnescapeString(body); !strings.Contains(note, fmt.Sprintf("\n%d\n%s\n", size, root)) {
		s.t.Error("the signed note on the page is not of that root")
	}
}

// TestReplayNeedsNoScript moves through a livret in a browser in which no script runs, by the slider, the list and the links.
func TestReplayNeedsNoScript(t *testing.T) {
	ctx, s := openBrowser(t), newWebSite(t)
	s.sign()
	step := func() string {
		t.Helper()
		return evaluate[string](t, ctx, `document.querySelector("output").textContent`)
	}
	if err := chromedp.Do(ctx, as("auditor"), command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}),
		chromedp.EmulateViewport(390, 800), chromedp.Navigate(s.URL+s.replay(0)+"?fait=5"),
		chromedp.Click(chromedp.CSS("a[rel=next]")), chromedp.WaitVisible(chromedp.CSS(`input[type=range][value="6"]`)),
		chromedp.Click(chromedp.CSS("a[rel=prev]")), chromedp.WaitVisible(chromedp.CSS(`input[type=range][value="5"]`)),
	); err != nil {
		t.Fatal(err)
	}
	if got := step(); got != "5" {
		t.Errorf("next and previous lead to fact %s", got)
	}
	if err := chromedp.Do(ctx, chromedp.Focus(chromedp.CSS("#curseur")), chromedp.KeyEvent(kb.ArrowUp),
		chromedp.Click(chromedp.CSS(".slider button")), chromedp.WaitVisible(chromedp.CSS(`input[type=range][value="6"]`))); err != nil {
		t.Fatal(err)
	}
	if got := step(); got != "6" {
		t.Errorf("the slider leads to fact %s", got)
	}
}

package tests

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"livret/domain/mark"
)

// openBrowser starts a browser without window. On a machine without one the test is skipped, loudly, unless
// LIVRET_REQUIRE_BROWSER is set.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		if os.Getenv("LIVRET_REQUIRE_BROWSER") != "" {
			t.Fatal("no Chromium on this machine")
		}
		t.Skip("SKIPPED: no Chromium on this machine, so nothing was looked at as a browser shows it; set LIVRET_REQUIRE_BROWSER=1 to refuse this")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	for _, off := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(off, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return ctx
}

// as is the browser of somebody who signed in.
func as(person string) chromedp.Action[chromedp.Void] {
	return command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"X-Person": person}})
}

func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// TestPagesReflow looks at every page on a narrow phone, a phone and a screen: none scrolls sideways, tables of
// figures excepted, which scroll by themselves.
func TestPagesReflow(t *testing.T) {
	ctx, s := openBrowser(t), newWebSite(t)
	for _, p := range s.allPages() {
		for _, width := range []int64{320, 390, 1280} {
			if err := chromedp.Do(ctx, as(p.person), chromedp.EmulateViewport(width, 800), chromedp.Navigate(s.URL+p.path)); err != nil {
				t.Fatalf("%s: %v", p.path, err)
			}
			if got := evaluate[int64](t, ctx, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("%s is %d wide at %d", p.path, got, width)
			}
			if small := evaluate[string](t, ctx, `[...document.querySelectorAll("button, .button")].filter(b => b.offsetHeight && b.offsetHeight < 32).map(b => b.textContent).join()`); small != "" {
				t.Errorf("%s: too small for a thumb: %s", p.path, small)
			}
		}
	}
}

// TestNothingNeedsAScript types in the grid and chooses in the jury's list of a browser in which no script runs.
func TestNothingNeedsAScript(t *testing.T) {
	ctx, s := openBrowser(t), newWebSite(t)
	if err := chromedp.Do(ctx, as("colleague"), command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}),
		chromedp.Navigate(s.URL+physicsGrid),
		chromedp.SendKeys(chromedp.JSPath(`document.getElementById("t1.4")`), "13,5"),
		chromedp.SendKeys(chromedp.JSPath(`document.getElementById("t0.4")`), "Travail sérieux."),
		chromedp.Click(chromedp.CSS(".gridform button")),
		chromedp.WaitVisible(chromedp.CSS(".notice.ok")),
	); err != nil {
		t.Fatal(err)
	}
	if evaluate[int](t, ctx, `document.querySelectorAll(".counter").length`) != 0 {
		t.Fatal("a script ran")
	}
	saved, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(".notice.ok")))
	if err != nil || !strings.Contains(saved, "2\u00a0saisies enregistrées") {
		t.Errorf("%q, %v", saved, err)
	}
	written := 0
	for _, livret := range s.livrets {
		state, _ := s.state(livret)
		if state.Line(physicsOf).Average(1).Mark == mark.Must(mark.Hundredths(1350)) && state.Line(physicsOf).Appreciation.Value == "Travail sérieux." {
			written++
		}
	}
	if written != 1 {
		t.Errorf("written in %d livrets", written)
	}
}

// TestTheScriptHelps checks the little that the script adds: a counter, arrows in the grid and before a jury; and
// that the policy of the pages lets nothing else run.
func TestTheScriptHelps(t *testing.T) {
	ctx, s := openBrowser(t), newWebSite(t)
	if err := chromedp.Do(ctx, as("colleague"), chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.URL+physicsGrid),
		chromedp.SendKeys(chromedp.JSPath(`document.getElementById("t0.4")`), "Très bien 😀"),
		chromedp.Focus(chromedp.JSPath(`document.getElementById("t1.4")`)), chromedp.KeyEvent(kb.ArrowDown),
	); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, `document.getElementById("t0.4").nextElementSibling.textContent`); got != "289\u00a0caractères restants" {
		t.Errorf("the counter says %q", got)
	}
	if got := evaluate[string](t, ctx, "document.activeElement.id"); got != "t1.5" {
		t.Errorf("down goes to %q", got)
	}
	if evaluate[bool](t, ctx, `(() => { const s = document.createElement("script"); s.textContent = "window.intruder = true"; document.body.append(s); return window.intruder === true })()`) {
		t.Error("an inline script runs")
	}
	if err := chromedp.Do(ctx, command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false}),
		chromedp.Evaluate[chromedp.Void](`document.querySelector(".gridform").dispatchEvent(new Event("submit"))`),
		as("juror"), chromedp.Navigate(s.URL+s.candidate()), chromedp.KeyEvent(kb.ArrowRight),
		chromedp.WaitVisible(chromedp.CSS("a[rel=prev]")),
	); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, "location.pathname"); got == s.candidate() || !strings.HasPrefix(got, "/jury/2018/juin/") {
		t.Errorf("right goes to %s", got)
	}
}

// TestTheKeyboardSkipsToTheContent presses Tab and Enter on a page just opened.
func TestTheKeyboardSkipsToTheContent(t *testing.T) {
	ctx, s := openBrowser(t), newWebSite(t)
	if err := chromedp.Do(ctx, as("pupil"), chromedp.Navigate(s.URL+"/livrets/"+s.livrets[0].String()), chromedp.KeyEvent(kb.Tab)); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, "document.activeElement.textContent"); got != "Aller au contenu" {
		t.Fatalf("the first stop is %q", got)
	}
	if evaluate[int](t, ctx, "document.activeElement.getBoundingClientRect().left") < 0 {
		t.Error("the first stop is not visible")
	}
	if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, ctx, "document.activeElement.id"); got != "contenu" {
		t.Errorf("it leads to %q", got)
	}
}

// TestALivretPrints checks that a livret comes out as a tagged A4 document, its compétences unfolded.
func TestALivretPrints(t *testing.T) {
	ctx, s := openBrowser(t), newWebSite(t)
	if err := chromedp.Do(ctx, as("pupil"), chromedp.Navigate(s.URL+"/livrets/"+s.livrets[0].String())); err != nil {
		t.Fatal(err)
	}
	printed, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (page.PrintToPDFResult, error) {
		return cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
	})
	if err != nil {
		t.Fatal(err)
	}
	pdf := string(printed.Data)
	if !strings.Contains(pdf, "/MarkInfo") || !strings.Contains(pdf, "/Lang") || !strings.Contains(pdf, "/MediaBox [0 0 594.95") {
		t.Error("not a tagged A4 document in a known language")
	}
	if pages := strings.Count(pdf, "/Type /Page\n"); pages < 3 {
		t.Errorf("%d pages: the cover, a year and the last page have one each", pages)
	}
}

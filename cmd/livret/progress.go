package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows how far a work is: on a terminal a bar, by how much of the files was read; otherwise a plain
// line every few seconds, and a last one.
type progress struct {
	mu      sync.Mutex
	w       io.Writer // of plain lines; nil: none
	what    string
	count   int
	shown   time.Time
	started time.Time
	bars    *mpb.Progress // nil: not a terminal
	bar     *mpb.Bar
}

// lineEvery is how often a plain line is written.
const lineEvery = 5 * time.Second

// progress starts to show a work on files of that many bytes.
func (p *program) progress(what string, size int64) *progress {
	b := &progress{what: what, started: time.Now(), shown: time.Now()}
	switch {
	case p.quiet:
	case isTerminal(p.err):
		b.bars = mpb.New(mpb.WithOutput(p.err), mpb.WithWidth(40))
		b.bar = b.bars.AddBar(size, mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return b.said() })),
			mpb.AppendDecorators(decor.Percentage(), decor.Name(" "), decor.AverageETA(decor.ET_STYLE_GO)))
	default:
		b.w = p.err
	}
	return b
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (b *progress) said() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%d %s ", b.count, b.what)
}

// reader counts what is read of a file.
func (b *progress) reader(r io.Reader) io.Reader {
	if b.bar == nil {
		return r
	}
	counted, err := b.bar.ProxyReader(r)
	if err != nil {
		return r // the bar is done: the work goes on
	}
	return counted
}

// set says how many are done; it may be called from several goroutines and out of order.
func (b *progress) set(count int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count = max(b.count, count); b.w != nil && time.Since(b.shown) >= lineEvery {
		b.shown = time.Now()
		b.line()
	}
}

// reached says how many are done of how many, where it is the count and not the bytes that tell.
func (b *progress) reached(count, all int) {
	b.set(count)
	if b.bar != nil {
		b.bar.SetTotal(int64(all), false)
		b.bar.SetCurrent(int64(count))
	}
}

func (b *progress) line() {
	fmt.Fprintf(b.w, "%d %s, %s\n", b.count, b.what, time.Since(b.started).Round(100*time.Millisecond))
}

// done ends the show.
func (b *progress) done() {
	if b.bars != nil {
		b.bar.Abort(true)
		b.bars.Wait()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.w != nil && b.count > 0 {
		b.line()
	}
}

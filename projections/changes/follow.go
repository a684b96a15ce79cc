package changes

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Follow yields page after page as the view changes, until its context ends or there is an error, which it yields last.
// When nothing happened for as long as idle, it yields a page without changes: whoever waits knows that he is still heard,
// and how far. It reads no further than it yielded: a reader is never ahead of who he reads for.
func (f *Feed) Follow(ctx context.Context, a Audience, after string, limit int, idle time.Duration) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for quiet := time.Now(); ; {
			page, err := f.Read(ctx, a, after, limit)
			if err != nil {
				yield(page, err)
				return
			}
			after = page.Next
			if len(page.Changes) > 0 || !page.More && time.Since(quiet) >= idle {
				if !yield(page, nil) {
					return
				}
				quiet = time.Now()
			}
			if page.More {
				continue
			}
			if err := f.wait(ctx, a, after, idle-time.Since(quiet)); err != nil {
				yield(page, err)
				return
			}
		}
	}
}

// wait waits until the log grows behind a place, or not longer than that.
func (f *Feed) wait(ctx context.Context, a Audience, after string, long time.Duration) error {
	at, err := f.open(a, after)
	if err != nil {
		return err
	}
	patience, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	for _, err := range f.Log.Follow(patience, at) {
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		break
	}
	return ctx.Err()
}

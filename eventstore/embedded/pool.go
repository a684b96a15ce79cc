package embedded

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"livret/eventstore"
)

// reader is a connection that reads. One goroutine at a time uses it.
type reader struct {
	conn  *sqlite3.Conn
	run   *sqlite3.Stmt // of consecutive events
	one   *sqlite3.Stmt
	front *sqlite3.Stmt
	begin *sqlite3.Stmt
	end   *sqlite3.Stmt
}

// snapshot makes all that a function reads one transaction: SQLite's locks are taken once, not at each row.
func (r *reader) snapshot(read func() error) error {
	if err := r.begin.Exec(); err != nil {
		return err
	}
	return errors.Join(read(), r.end.Exec())
}

// pool lends readers for the time of a page: nobody holds one while somebody else's code runs, so none ever
// keeps SQLite's log from being moved into the database.
type pool struct {
	path  string
	slots chan struct{} // bounds how many are lent
	wg    sync.WaitGroup

	mu     sync.Mutex
	idle   []*reader
	closed bool
}

func newPool(path string) *pool {
	return &pool{path: path, slots: make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0)))}
}

// use lends a reader to a function.
func (p *pool) use(ctx context.Context, read func(*reader) error) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	r, err := p.get()
	if err != nil {
		return err
	}
	defer p.put(r)
	return explain(read(r))
}

func (p *pool) get() (*reader, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, eventstore.ErrClosed
	}
	p.wg.Add(1)
	if n := len(p.idle); n > 0 {
		r := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return r, nil
	}
	r, err := openReader(p.path)
	if err != nil {
		p.wg.Done()
	}
	return r, explain(err)
}

func (p *pool) put(r *reader) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, r)
	p.wg.Done()
}

// close waits for the pages under way and closes all connections.
func (p *pool) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.wg.Wait()
	var failed []error
	for _, r := range p.idle {
		failed = append(failed, closeConn(r.conn))
	}
	p.idle = nil
	return errors.Join(failed...)
}

func openReader(path string) (*reader, error) {
	conn, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READONLY)
	if err != nil {
		return nil, err
	}
	r := &reader{conn: conn}
	err = conn.BusyTimeout(patience)
	for _, s := range []struct {
		stmt **sqlite3.Stmt
		sql  string
	}{
		{&r.run, `SELECT number, front, sealed FROM events WHERE number > ?1 AND number <= ?2 ORDER BY number`},
		{&r.one, `SELECT number, front, sealed FROM events WHERE number = ?1`},
		{&r.front, `SELECT front FROM events WHERE number = ?1`},
		{&r.begin, `BEGIN`},
		{&r.end, `COMMIT`},
	} {
		if err == nil {
			*s.stmt, _, err = conn.PrepareFlags(s.sql, sqlite3.PREPARE_PERSISTENT)
		}
	}
	if err != nil {
		return nil, errors.Join(err, closeConn(conn))
	}
	return r, nil
}

package embedded

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// load puts every row into the registry without trying to unwrap it: a damaged one answers when it is opened,
// and does not close the vault on all others.
func (db *database) load(r *registry.Registry) error {
	secret := r.Secret()
	generation, err := db.integer("SELECT generation FROM vault")
	if err != nil {
		return explain(err)
	}
	r.SetGeneration(uint64(generation))
	columns := "id, owner, class, state, kek_ref, epoch, fingerprint, wrapped"
	if db.version != sealless {
		columns += ", seal"
	}
	err = db.each("SELECT "+columns+" FROM keys", func(s *sqlite3.Stmt) error {
		row := registry.Row{
			Info:  keyvault.Info{Class: class(s.ColumnText(2)), State: state(s.ColumnText(3))},
			Epoch: uint32(s.ColumnInt64(5)),
		}
		if s.ColumnType(7) != sqlite3.NULL {
			row.Wrapped = s.ColumnBlob(7, make([]byte, 0, keyvault.WrappedSize))
		}
		ok := fill(row.ID[:], s, 0) && fill(row.Owner[:], s, 1) && fill(row.KEK[:], s, 4) && fill(row.Fingerprint[:], s, 6)
		if db.version == sealless {
			row.Seal = secret.SealRow(row.Info, row.KEK, row.Epoch, row.Wrapped)
		} else {
			ok = ok && fill(row.Seal[:], s, 8)
		}
		if !ok {
			return fmt.Errorf("%w: a row of the key table", keyvault.ErrCorrupt)
		}
		if _, err := r.Find(row.Owner, row.Class); err == nil {
			return fmt.Errorf("%w: two keys of one owner and class", keyvault.ErrCorrupt)
		}
		r.AddRow(row)
		return nil
	})
	if err != nil {
		return explain(err)
	}
	if err := db.loadPairs(r); err != nil {
		return explain(err)
	}
	return explain(db.each(`SELECT blind, owner FROM claims`, func(s *sqlite3.Stmt) error {
		var blind keyvault.Blind
		var owner uuid.UUID
		if !fill(blind[:], s, 0) || !fill(owner[:], s, 1) {
			return fmt.Errorf("%w: a row of the claim table", keyvault.ErrCorrupt)
		}
		r.AddClaim(blind, owner)
		return nil
	}))
}

// loadPairs takes in the custody pairs. One that is not as the vault wrote it closes the vault: keys would be wrapped
// to somebody else.
func (db *database) loadPairs(r *registry.Registry) error {
	secret := r.Secret()
	if db.version == sealless {
		return nil
	}
	return db.each(`SELECT name, public, seal FROM pairs`, func(s *sqlite3.Stmt) error {
		pair, err := keyvault.ParsePair(s.ColumnText(0), s.ColumnBlob(1, nil))
		if err != nil {
			return err
		}
		var seal keyvault.Seal
		if !fill(seal[:], s, 2) || seal != secret.SealPair(pair) {
			return fmt.Errorf("%w: custody pair %s", keyvault.ErrCorrupt, pair.Name)
		}
		r.AddPair(pair)
		return nil
	})
}

func (db *database) integer(sql string) (n int64, err error) {
	err = db.each(sql, func(s *sqlite3.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	})
	return n, err
}

func (db *database) each(sql string, row func(*sqlite3.Stmt) error) error {
	s, _, err := db.conn.Prepare(sql)
	if err != nil {
		return err
	}
	defer s.Close()
	for s.Step() {
		if err := row(s); err != nil {
			return err
		}
	}
	return s.Err()
}

func run(s *sqlite3.Stmt, values ...any) error {
	for i, value := range values {
		var err error
		switch v := value.(type) {
		case []byte:
			err = s.BindBlob(i+1, v) // nil is NULL
		case string:
			err = s.BindText(i+1, v)
		case int64:
			err = s.BindInt64(i+1, v)
		}
		if err != nil {
			return err
		}
	}
	return s.Exec()
}

func fill(into []byte, s *sqlite3.Stmt, column int) bool {
	b := s.ColumnRawBlob(column)
	return len(b) == len(into) && copy(into, b) == len(b)
}

// class and state give one string to all rows that say the same.
func class(text string) keyvault.Class {
	for _, c := range []keyvault.Class{
		keyvault.Identity, keyvault.Record, keyvault.Candidate, keyvault.Sanction,
		keyvault.Subject, keyvault.SchoolSanction, keyvault.Consultation, keyvault.Staff, keyvault.Session,
	} {
		if text == string(c) {
			return c
		}
	}
	return keyvault.Class(text)
}

func state(text string) keyvault.State {
	for _, s := range []keyvault.State{keyvault.Active, keyvault.Archived, keyvault.Held, keyvault.Fenced, keyvault.Shredded} {
		if text == string(s) {
			return s
		}
	}
	return keyvault.State(text)
}

// explain gives the errors of SQLite the names of ours.
func explain(err error) error {
	switch {
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED):
		return ErrInUse
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.NOTADB):
		return fmt.Errorf("%w: %w", keyvault.ErrCorrupt, err)
	}
	return err
}

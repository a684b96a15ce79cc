package peers

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/hallgren/eventsourcing/core"
	peer "github.com/hallgren/eventsourcing/eventstore/sql"
	_ "github.com/ncruces/go-sqlite3/driver"

	"livret/eventstore"
)

// openPeer opens github.com/hallgren/eventsourcing on SQLite as durable as we are, with the same driver.
func openPeer(b *testing.B, dir string) *peer.SQLite {
	b.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "peer.db")+
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	s, err := peer.NewSQLiteSingelWriter(db)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// peerEvents says the same as drafts, in the peer's words.
func peerEvents(drafts []eventstore.Envelope) []core.Event {
	events := make([]core.Event, len(drafts))
	for i, d := range drafts {
		metadata, err := d.Header.AppendBinary(nil)
		if err != nil {
			panic(err)
		}
		events[i] = core.Event{
			AggregateID: string(d.Stream), AggregateType: "record", Version: core.Version(d.Sequence),
			Reason: d.Type, Timestamp: time.Now(), Data: d.Sealed, Metadata: metadata,
		}
	}
	return events
}

module livret/tests/bench/peers

go 1.26.0

require (
	github.com/google/uuid v1.6.0
	github.com/hallgren/eventsourcing/core v0.5.2
	github.com/hallgren/eventsourcing/eventstore/sql v0.7.0
	github.com/ncruces/go-sqlite3 v0.37.0
	livret v0.0.0
)

require (
	github.com/gofrs/flock v0.13.2 // indirect
	github.com/ncruces/go-sqlite3-wasm/v6 v6.5.35401 // indirect
	github.com/ncruces/julianday v1.0.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace livret => ../../..

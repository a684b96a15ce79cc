// Package ledger is the door: one command in, its events out. Everything that becomes true passes through
// Execute, and everything that is shown comes out of Facts.
package ledger

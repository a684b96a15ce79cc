package access_test

import (
	"testing"

	"livret/domain/access"
)

func BenchmarkMay(b *testing.B) {
	actor, on := related(access.Auditeur), target()
	for b.Loop() {
		if err := access.May(actor, access.CheckLedger, on, today); err != nil { // the last line of the policy
			b.Fatal(err)
		}
	}
}

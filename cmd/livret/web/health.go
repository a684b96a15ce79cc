package web

import (
	"fmt"
	"net/http"
)

// alive answers that the process does.
func alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") }

// ready answers 503 once the ledger is found not to be what was signed. Pages are served all the same, by this process
// too: it is the operator who must be told, and decides.
func (s *Site) ready(w http.ResponseWriter, _ *http.Request) {
	if s.Ready() != nil {
		http.Error(w, "nothing is signed any more: the ledger does not continue its last checkpoint", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

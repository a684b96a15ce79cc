package web

import (
	"errors"
	"io/fs"
	"net/http"

	"livret/eventstore/merkle"
)

// publishedTree serves the tree to anybody, as C2SP tlog-tiles lays it out: checkpoints and hashes, never an event. A tile is
// the same for ever, a checkpoint for a moment.
func (s *Site) publishedTree(w http.ResponseWriter, r *http.Request) {
	path := r.PathValue("path")
	data, err := s.Published(r.Context(), path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		http.NotFound(w, r)
		return
	case err != nil:
		http.Error(w, "the tree can not be read", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if path == merkle.CheckpointPath {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=10")
	} else {
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Write(data)
}

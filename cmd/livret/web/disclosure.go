package web

import (
	"bytes"
	"net/http"

	"github.com/google/uuid"

	"livret/domain/access"
)

// disclosure hands over a copy of all that is held on a pupil. It is logged as a reading of his livret.
func (s *Site) disclosure(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	id, err := uuid.Parse(r.PathValue("livret"))
	if err != nil {
		return view{}, errNoPage
	}
	if err := s.may(r.Context(), actor, access.ExportPersonal, id); err != nil {
		return view{}, err
	}
	if err := s.consulted(r.Context(), actor, id); err != nil {
		return view{}, err
	}
	d, err := s.Disclose(r.Context(), actor, id)
	if err != nil {
		return view{}, err
	}
	var archive bytes.Buffer
	err = d.Write(&archive)
	return view{File: &file{"donnees-conservees.zip", "application/zip", archive.Bytes()}}, err
}

package web

import (
	"net/http"

	"livret/domain"
	"livret/domain/access"
)

// Demo is a demonstration: a fictional school, and personas to choose from instead of signing in. It is only
// ever served on the loopback interface.
type Demo struct {
	Today    domain.Date
	School   string
	Personas []Persona
}

// Persona is somebody fictional to act as.
type Persona struct {
	ID        string
	Name      string
	RoleLabel string
	About     string
	Actor     access.Actor
	Start     string // the page to land on
}

const personaCookie = "livret-persona"

// Actor is the persona that the visitor chose.
func (d *Demo) Actor(r *http.Request) (access.Actor, bool) {
	p := d.persona(r)
	if p == nil {
		return access.Actor{}, false
	}
	return p.Actor, true
}

func (d *Demo) persona(r *http.Request) *Persona {
	cookie, err := r.Cookie(personaCookie)
	if err != nil {
		return nil
	}
	return d.find(cookie.Value)
}

func (d *Demo) find(id string) *Persona {
	for i := range d.Personas {
		if d.Personas[i].ID == id {
			return &d.Personas[i]
		}
	}
	return nil
}

func (s *Site) choosePersona(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	p := s.demo.find(r.PostFormValue("persona"))
	if p == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: personaCookie, Value: p.ID, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, p.Start, http.StatusSeeOther)
}

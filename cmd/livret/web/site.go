// Package web is what a browser and other software see: French pages that work on a phone, on paper and
// without a script, and a JSON API that says the same. It holds no rule: package access decides who may, the
// commands decide what may be written, and the views decide what is shown.
package web

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"livret/cmd/livret/instance"
	"livret/domain/access"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets/*
var assets embed.FS

// SignIn tells who asks. Until one is configured, nobody does: a site without sign-in shows nothing personal.
type SignIn interface {
	// Actor is who sent the request, if anybody signed in.
	Actor(r *http.Request) (access.Actor, bool)
}

// Closed is the sign-in of a site where none is configured: nobody ever signs in.
type Closed struct{}

// Actor answers nobody.
func (Closed) Actor(*http.Request) (access.Actor, bool) { return access.Actor{}, false }

// Site is the pages and the API of one data folder. It is safe for concurrent use.
type Site struct {
	*instance.Instance
	signIn SignIn
	demo   *Demo // nil unless this is a demonstration
	log    *slog.Logger
	paris  *time.Location
	pages  map[string]*template.Template

	readers chan struct{}   // one for each who reads the feed
	lasting context.Context // ends with the answers that would go on for ever
	end     func()
}

// New makes the site. With a demonstration, personas are chosen from its list and signIn is not asked.
func New(i *instance.Instance, signIn SignIn, demo *Demo, log *slog.Logger) (*Site, error) {
	s := &Site{Instance: i, signIn: signIn, demo: demo, log: log, readers: make(chan struct{}, feedReaders)}
	s.lasting, s.end = context.WithCancel(context.Background())
	if demo != nil {
		s.signIn = demo
	}
	var err error
	if s.paris, err = time.LoadLocation("Europe/Paris"); err != nil {
		return nil, err
	}
	s.pages, err = s.parsePages()
	return s, err
}

// EndStreams ends the answers that would go on for ever, so that a server can wait for all of them.
func (s *Site) EndStreams() { s.end() }

// Handler routes requests.
func (s *Site) Handler() (http.Handler, error) {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /assets/{file}", http.StripPrefix("/assets/", cached(http.FileServerFS(files))))
	mux.HandleFunc("GET /{$}", s.page(s.home))
	mux.HandleFunc("GET /classes", s.page(s.classes))
	mux.HandleFunc("GET /classes/{year}/{division}", s.page(s.division))
	mux.HandleFunc("GET /classes/{year}/{division}/completude", s.page(s.completeness))
	mux.HandleFunc("GET /classes/{year}/{division}/cloture", s.page(s.closing))
	mux.HandleFunc("POST /classes/{year}/{division}/cloture", s.page(s.saveClosing))
	mux.HandleFunc("GET /classes/{year}/{division}/transmission", s.page(s.transmission))
	mux.HandleFunc("POST /classes/{year}/{division}/transmission", s.page(s.transmitClass))
	mux.HandleFunc("GET /classes/{year}/{division}/{sheet}", s.page(s.sheet))
	mux.HandleFunc("POST /classes/{year}/{division}/{sheet}", s.page(s.saveSheet))
	mux.HandleFunc("GET /classes/{year}/{division}/{matiere}/{modalite}/{rank}", s.page(s.grid))
	mux.HandleFunc("POST /classes/{year}/{division}/{matiere}/{modalite}/{rank}", s.page(s.saveGrid))
	mux.HandleFunc("GET /livrets/{livret}", s.page(s.livret))
	mux.HandleFunc("GET /livrets/{livret}/historique", s.page(s.history))
	mux.HandleFunc("GET /livrets/{livret}/rejeu", s.page(s.replay))
	mux.HandleFunc("GET /livrets/{livret}/rejeu/vue", s.page(s.past))
	mux.HandleFunc("GET /livrets/{livret}/droits", s.page(s.rights))
	mux.HandleFunc("POST /livrets/{livret}/droits", s.page(s.exercise))
	mux.HandleFunc("GET /livrets/{livret}/consultations", s.page(s.consultations))
	mux.HandleFunc("GET /livrets/{livret}/impression", s.page(s.printed))
	mux.HandleFunc("GET /livrets/{livret}/copie", s.page(s.disclosure))
	mux.HandleFunc("GET /verifier", s.page(s.verify))
	mux.HandleFunc("GET /demandes", s.page(s.requests))
	mux.HandleFunc("GET /papier", s.page(s.paper))
	mux.HandleFunc("GET /historique", s.page(s.findHistory))
	mux.HandleFunc("GET /jury", s.page(s.ownSession))
	mux.HandleFunc("GET /jury/{session}/{round}", s.page(s.candidates))
	mux.HandleFunc("GET /jury/{session}/{round}/{number}", s.page(s.candidate))
	mux.HandleFunc("POST /jury/{session}/{round}/{number}", s.page(s.deliberate))
	mux.HandleFunc("GET /sessions", s.page(s.thisSession))
	mux.HandleFunc("GET /sessions/{session}/{round}", s.page(s.examSession))
	mux.HandleFunc("GET /sanctions", s.page(s.sanctions))
	mux.HandleFunc("POST /sanctions", s.page(s.recordSanction))
	mux.HandleFunc("GET /sanctions/{sanction}", s.page(s.sanction))
	mux.HandleFunc("POST /sanctions/{sanction}", s.page(s.decideSanction))
	mux.HandleFunc("GET /conservation", s.page(s.conservation))
	mux.HandleFunc("GET /archives", s.page(s.archives))
	mux.HandleFunc("POST /archives", s.page(s.makeArchive))
	mux.HandleFunc("GET /statistiques", s.page(s.statistics))
	mux.HandleFunc("GET /statistiques/{session}", s.page(s.statistics))
	mux.HandleFunc("GET /accessibilite", s.page(static("accessibilite", "Accessibilité")))
	mux.HandleFunc("GET /donnees-personnelles", s.page(static("donnees", "Données personnelles")))
	if s.demo != nil {
		mux.HandleFunc("POST /demonstration/persona", s.choosePersona)
	}
	mux.HandleFunc("GET /tlog/{path...}", s.publishedTree)
	mux.HandleFunc("GET /feed/{audience}", s.feed)
	mux.HandleFunc("GET /livez", alive)
	mux.HandleFunc("GET /readyz", s.ready)
	s.api(mux)
	if err := s.describeFeed(mux); err != nil {
		return nil, err
	}
	mux.HandleFunc("/", s.elsewhere(mux))

	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.page(func(*http.Request) (view, error) { return view{}, errCrossOrigin }))
	return s.recovering(headers(guard.Handler(mux))), nil
}

// elsewhere answers what no route takes: a page that does not exist, or a method that its page has not.
func (s *Site) elsewhere(mux *http.ServeMux) http.HandlerFunc {
	missing := s.page(func(*http.Request) (view, error) { return view{}, errNoPage })
	mistaken := s.page(func(*http.Request) (view, error) { return view{}, errMethod })
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			if _, pattern := mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			missing(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		mistaken(w, r)
	}
}

// headers sets what protects a reader: no script but ours, no frame, no referrer, nothing kept on a shared
// phone.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// cached lets browsers keep what is the same for everybody.
func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		next.ServeHTTP(w, r)
	})
}

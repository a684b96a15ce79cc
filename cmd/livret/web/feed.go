package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"livret/cmd/livret/instance"
	"livret/projections/changes"
)

// What the feed is served as. All three bear the same events: CloudEvents 1.0 in JSON.
const (
	eventStream = "text/event-stream"
	ndjson      = "application/x-ndjson"
	eventBatch  = "application/cloudevents-batch+json"
)

// How the feed is served.
const (
	feedLimit     = 100              // events of a page, unless asked for,
	feedMostly    = 1000             // and at most
	feedHeartbeat = 15 * time.Second // between two signs of life
	feedPatience  = 30 * time.Second // with a reader who takes nothing: what he was not told, he is when he comes back
	feedRetry     = 2 * time.Second  // before a reader comes back
	feedReaders   = 256              // at the same time
)

// cloudEvent is a change as consumers get it: CloudEvents 1.0, in JSON. It has no time, which is not for a jury to know;
// After is where to go on from, once the event is written, and stands with it.
type cloudEvent struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject"`
	After           string          `json:"after"`
	DataContentType string          `json:"datacontenttype,omitempty"`
	DataSchema      string          `json:"dataschema,omitempty"`
	Data            json.RawMessage `json:"data,omitempty"`
}

func eventOf(audience string, c changes.Change) cloudEvent {
	e := cloudEvent{SpecVersion: "1.0", ID: c.ID, Source: "/feed/" + audience, Type: "livret." + audience + "." + string(c.State), Subject: c.Subject, After: c.Place}
	if c.Data != nil {
		e.DataContentType, e.Data = "application/json", c.Data
	}
	return e
}

// problems of the feed.
var (
	noConsumer = problem{Status: http.StatusUnauthorized, Title: "Jeton nécessaire", Code: "jeton",
		Detail: "Ce flux n’est ouvert qu’aux logiciels admis, qui s’annoncent par un jeton.", Remedy: "L’exploitant en délivre un par « livret feed consumer add »."}
	otherAudience = problem{Status: http.StatusForbidden, Title: "Accès refusé", Code: "acces-flux",
		Detail: "Ce jeton n’ouvre pas ce flux.", Remedy: "Demandez à l’exploitant un jeton pour ce public."}
	lostPlace = problem{Status: http.StatusGone, Title: "Reprise impossible", Code: "reprise-impossible",
		Detail: "Le flux ne peut pas reprendre de cet endroit : la vue a changé de version, ou le registre n’est pas le même.",
		Remedy: "Videz votre copie et recommencez sans « after »."}
	badLimit = problem{Status: http.StatusBadRequest, Title: "Requête irrecevable", Code: "requete-irrecevable",
		Detail: "Le nombre d’événements demandé n’est pas recevable.", Remedy: "Demandez-en de 1 à 1000."}
	unservable = problem{Status: http.StatusNotAcceptable, Title: "Format inconnu", Code: "format-inconnu",
		Detail: "Le flux n’existe pas dans ce format.", Remedy: "Demandez " + eventStream + ", " + ndjson + " ou " + eventBatch + "."}
	crowded = problem{Status: http.StatusServiceUnavailable, Title: "Trop de lecteurs", Code: "trop-de-lecteurs",
		Detail: "Trop de logiciels lisent le flux en ce moment même.", Remedy: "Réessayez dans un instant."}
)

// feed tells a consumer what became of the subjects of its view: as they change, or a page at a time.
func (s *Site) feed(w http.ResponseWriter, r *http.Request) {
	err := s.tell(w, r)
	if errors.Is(err, changes.ErrPlace) {
		err = lostPlace
	}
	if err == nil {
		return
	}
	p := s.classify(r, err)
	writeProblem(w, p, `Bearer realm="livret"`)
}

// tell fails only as long as nothing was sent.
func (s *Site) tell(w http.ResponseWriter, r *http.Request) error {
	consumer, err := s.consumer(r)
	if err != nil {
		return err
	}
	audience, err := s.Audience(consumer)
	if err != nil {
		return err
	}
	select {
	case s.readers <- struct{}{}:
		defer func() { <-s.readers }()
	default:
		return crowded
	}
	after, limit := r.URL.Query().Get("after"), feedLimit
	if asked := r.URL.Query().Get("limit"); asked != "" {
		if limit, err = strconv.Atoi(asked); err != nil || limit < 1 || limit > feedMostly {
			return badLimit
		}
	}
	switch as := accepted(r.Header.Get("Accept")); as {
	case eventStream:
		if last := r.Header.Get("Last-Event-ID"); last != "" {
			after = last
		}
		return s.stream(w, r, consumer, audience, after, limit)
	case ndjson, eventBatch:
		page, err := s.Feed().Read(r.Context(), audience, after, limit)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", as)
		w.Header().Set("Link", fmt.Sprintf("<%s?after=%s&limit=%d>; rel=\"next\"", r.URL.Path, url.QueryEscape(page.Next), limit))
		return writePage(w, as, consumer.Audience, page)
	}
	return unservable
}

// consumer is who asks, if the feed asked for is the one that it may follow.
func (s *Site) consumer(r *http.Request) (instance.Consumer, error) {
	audience := r.PathValue("audience")
	if !slices.Contains(instance.Audiences(), audience) {
		return instance.Consumer{}, errNoPage
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return instance.Consumer{}, noConsumer
	}
	consumer, err := s.Consumers().By(token, s.Today())
	switch {
	case errors.Is(err, instance.ErrNoConsumer):
		return consumer, noConsumer
	case err == nil && consumer.Audience != audience:
		return consumer, otherAudience
	}
	return consumer, err
}

// accepted is the first form that a reader names of those there are; NDJSON if any will do.
func accepted(header string) string {
	if header == "" {
		return ndjson
	}
	for part := range strings.SplitSeq(header, ",") {
		switch kind, _, _ := mime.ParseMediaType(part); kind {
		case eventStream, ndjson, eventBatch:
			return kind
		case "*/*", "application/*":
			return ndjson
		}
	}
	return ""
}

// writePage writes a page that was asked for. A reader who is gone is no failure.
func writePage(w http.ResponseWriter, as, audience string, page changes.Page) error {
	events := make([]cloudEvent, len(page.Changes))
	for n, c := range page.Changes {
		events[n] = eventOf(audience, c)
	}
	out := json.NewEncoder(w)
	if as == eventBatch {
		out.Encode(events)
		return nil
	}
	for _, e := range events {
		if out.Encode(e) != nil {
			return nil
		}
	}
	return nil
}

// stream sends changes as they come, until the reader or the server goes. Nothing is queued for a reader who is slow: the
// next page is read when he has taken the last, and who takes nothing for too long is cut off and comes back.
func (s *Site) stream(w http.ResponseWriter, r *http.Request, consumer instance.Consumer, audience changes.Audience, after string, limit int) error {
	if err := s.Feed().Knows(audience, after); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.lasting, cancel)()
	connection := http.NewResponseController(w)
	connection.SetReadDeadline(time.Time{}) // that of a request would end the answer
	send := func(text []byte) bool {
		connection.SetWriteDeadline(time.Now().Add(feedPatience))
		_, err := w.Write(text)
		return err == nil && connection.Flush() == nil
	}
	w.Header().Set("Content-Type", eventStream)
	w.Header().Set("X-Accel-Buffering", "no") // a proxy would hold events back
	if !send(fmt.Appendf(nil, "retry: %d\n\n", feedRetry.Milliseconds())) {
		return nil
	}
	checked := time.Now()
	for page, err := range s.Feed().Follow(ctx, audience, after, limit, feedHeartbeat) {
		if err != nil {
			if ctx.Err() == nil {
				s.classify(r, err) // which logs it
			}
			return nil
		}
		if time.Since(checked) >= feedHeartbeat {
			if now, err := s.consumer(r); err != nil || now.ID != consumer.ID {
				return nil
			}
			checked = time.Now()
		}
		text, err := eventLines(consumer.Audience, page)
		if err != nil || !send(text) {
			return nil
		}
	}
	return nil
}

// eventLines is a page as server-sent events. One without changes is a place alone: who reads it knows that he heard everything up to
// there, and that somebody is still speaking.
func eventLines(audience string, page changes.Page) ([]byte, error) {
	var text []byte
	for _, c := range page.Changes {
		e := eventOf(audience, c)
		data, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		text = fmt.Appendf(text, "id: %s\nevent: %s\ndata: %s\n\n", e.After, e.Type, data)
	}
	if len(page.Changes) == 0 {
		text = fmt.Appendf(text, "id: %s\n\n", page.Next)
	}
	return text, nil
}

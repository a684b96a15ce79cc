package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"livret/cmd/livret/instance"
	"livret/domain/access"
)

// Watch adds the state of an instance to the metrics. It is read when somebody scrapes; where owners of keys stand,
// which means reading every retention stream, at most each quarter of an hour.
func (t *Telemetry) Watch(i *instance.Instance, actor access.Actor) {
	t.registry.MustRegister(&state{instance: i, actor: actor})
}

type state struct {
	instance *instance.Instance
	actor    access.Actor

	mu      sync.Mutex
	docket  instance.Docket
	counted time.Time
}

const (
	patience = 5 * time.Second  // for one scrape
	recount  = 15 * time.Minute // of what comes due
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("livret_"+name, help, labels, nil)
}

var (
	lagEvents  = desc("view_lag_events", "Events that a view has not folded.", "view")
	lagSeconds = desc("view_lag_seconds", "Age of the oldest event that a view has not folded; 0 if there is none.", "view")
	hearing    = desc("reaction_lag_facts", "Facts, or days, that a reaction has not heard.", "reaction")
	parked     = desc("reaction_parked_streams", "Streams at which a reaction waits for somebody.", "reaction")
	commits    = desc("store_commits_total", "Durable commits of the event store.")
	committed  = desc("store_committed_events_total", "Events in these commits: their ratio is the size of a group commit.")
	standing   = desc("retention_owners", "Owners of keys (livrets, sanctions, files of holds) by where they stand.", "standing")
	alarms     = desc("retention_alarms", "Owners at their term that can not end for want of somebody's act.")
	proven     = desc("ledger_unforked", "1 as long as the ledger continues its last checkpoint, 0 once it was found not to.")
	seen       = desc("state_readable", "1 if the state of the instance could be read for this scrape.")
)

// Describe names what is collected.
func (s *state) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lagEvents, lagSeconds, hearing, parked, commits, committed, standing, alarms, proven, seen} {
		to <- d
	}
}

// Collect reads the state. What could not be read is left out, and said: a number from before would be a lie.
func (s *state) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	total := func(d *prometheus.Desc, value uint64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value))
	}
	durable, gained := s.instance.Commits()
	total(commits, durable)
	total(committed, gained)
	gauge(proven, number(s.instance.Ready() == nil))
	lags, failed := s.instance.Lags(ctx)
	for _, l := range lags {
		gauge(lagEvents, float64(l.Events), l.View)
		age := 0.0
		if !l.Oldest.IsZero() {
			age = max(0, s.instance.Ledger.Now().Sub(l.Oldest).Seconds())
		}
		gauge(lagSeconds, age, l.View)
	}
	reactions, err := s.instance.Reactions(ctx)
	for _, r := range reactions {
		gauge(hearing, float64(r.Lag), r.Name)
		gauge(parked, float64(len(r.Parked)), r.Name)
	}
	docket, failedToCount := s.due(ctx)
	if failedToCount == nil {
		for where, n := range docket.Counts {
			gauge(standing, float64(n), string(where))
		}
		gauge(alarms, float64(docket.Alarms()))
	}
	gauge(seen, number(failed == nil && err == nil && failedToCount == nil))
}

func number(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// due is where owners of keys stand, counted anew if that was long ago.
func (s *state) due(ctx context.Context) (instance.Docket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.counted.IsZero() && time.Since(s.counted) < recount {
		return s.docket, nil
	}
	docket, err := s.instance.Due(ctx, s.actor, s.instance.Today())
	if err == nil {
		docket.Livrets, docket.Groups = nil, nil // numbers are kept, ids are not
		s.docket, s.counted = docket, time.Now()
	}
	return s.docket, err
}

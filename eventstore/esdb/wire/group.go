package wire

import (
	"context"
	"errors"
	"hash/fnv"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// GroupSettings are those of a persistent subscription.
type GroupSettings struct {
	ResolveLinks     bool
	ExtraStatistics  bool
	MaxRetries       int32
	MinCheckpoint    int32
	MaxCheckpoint    int32
	MaxSubscribers   int32 // 0: any number
	LiveBuffer       int32
	ReadBatch        int32
	HistoryBuffer    int32
	MessageTimeout   time.Duration // 0: for ever
	CheckpointAfter  time.Duration
	ConsumerStrategy string // RoundRobin, DispatchToSingle or Pinned
}

// group is a persistent subscription: it hands the events of a stream, or of the whole log, to competing consumers, in no
// order that they may rely upon, each event at least once.
type group struct {
	stream, name string // stream is "$all" for the whole log
	log          Log
	start        From[uint64]   // of a stream
	after        From[Position] // of the whole log
	filter       *filter
	stop         context.CancelFunc
	fed          chan struct{} // closed when nothing feeds it any more

	mu        sync.Mutex
	settings  GroupSettings
	waiting   []*delivery // to be handed over, those to be tried again first
	parked    []*delivery
	inFlight  map[uuid.UUID][]*delivery // an id may stand in several streams
	consumers []*consumer
	turn      int           // of the consumer that is next
	room      chan struct{} // closed when waiting got shorter
	last      Record        // known
	total     int64
}

// delivery is an event on its way to a consumer.
type delivery struct {
	record  Record
	retries int32
	to      *consumer
	late    *time.Timer
}

// consumer is one connection to a group.
type consumer struct {
	slots   int
	busy    int
	out     chan *delivery // holds as many as there are slots
	dropped chan struct{}  // closed when the group has no more to do with it
}

// feed has the group wait for its consumers with what the log holds and what comes, until its context ends.
func (g *group) feed(ctx context.Context, head Position, ready func()) {
	defer close(g.fed)
	r := &reading{log: g.log, filter: g.filter}
	take := func(record *Record) error {
		if !g.filter.keeps(record) {
			return nil
		}
		return g.push(ctx, record)
	}
	if g.stream != "$all" {
		r.stream, r.revision = g.stream, g.start
		if g.start.End {
			r.revision, _ = r.behind(ctx)
		}
		next := r.revision.At
		ready()
		err := each(g.log.Stream(ctx, g.stream, r.revision, false), func(record *Record) error {
			next = record.Revision + 1
			return take(record)
		})
		if err == nil || errors.Is(err, ErrStreamNotFound) {
			_ = each(g.log.Follow(ctx, head), func(record *Record) error {
				if record.Stream != g.stream || record.Revision < next {
					return nil
				}
				return take(record)
			})
		}
		return
	}
	ready()
	last := head
	if !g.after.End {
		last = g.after.At
		err := each(g.log.All(ctx, g.after, false), func(record *Record) error {
			last = record.Position
			return take(record)
		})
		if err != nil {
			return
		}
	}
	_ = each(g.log.Follow(ctx, last), take)
}

// push adds a record to what waits, once there is room.
func (g *group) push(ctx context.Context, record *Record) error {
	for {
		g.mu.Lock()
		if len(g.waiting) < max(int(g.settings.HistoryBuffer), 1) {
			g.waiting = append(g.waiting, &delivery{record: *record})
			g.last = *record
			g.dispatch()
			g.mu.Unlock()
			return nil
		}
		room := g.room
		g.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// dispatch hands over what waits to consumers that have room.
func (g *group) dispatch() {
	handed := 0
	for _, d := range g.waiting {
		c := g.choose(d)
		if c == nil {
			break
		}
		handed++
		c.busy++
		g.total++
		d.to = c
		g.inFlight[d.record.ID] = append(g.inFlight[d.record.ID], d)
		if timeout := g.settings.MessageTimeout; timeout > 0 {
			d.late = time.AfterFunc(timeout, func() { g.settle(d, c, retry) })
		}
		c.out <- d
	}
	if handed > 0 {
		g.waiting = slices.Delete(g.waiting, 0, handed)
		close(g.room)
		g.room = make(chan struct{})
	}
}

// choose answers who is handed an event, nil if it has to wait.
func (g *group) choose(d *delivery) *consumer {
	n := len(g.consumers)
	if n == 0 {
		return nil
	}
	first, tries := 0, n
	switch g.settings.ConsumerStrategy {
	case "Pinned":
		h := fnv.New32a()
		h.Write([]byte(d.record.Stream))
		first, tries = int(h.Sum32()%uint32(n)), 1
	case "RoundRobin":
		first = g.turn % n
	}
	for i := range tries {
		if c := g.consumers[(first+i)%n]; c.busy < c.slots {
			g.turn = (first + i + 1) % n
			return c
		}
	}
	return nil
}

// verdict is what becomes of an event that was handed over.
type verdict int

const (
	done verdict = iota
	retry
	park
	again // not the event's fault
)

// settle takes an event back from its consumer, if that still has it.
func (g *group) settle(d *delivery, from *consumer, v verdict) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if d.to == from {
		g.release(d, v)
		g.dispatch()
	}
}

func (g *group) release(d *delivery, v verdict) {
	id := d.record.ID
	if d.late != nil {
		d.late.Stop()
	}
	d.to.busy--
	d.to = nil
	g.inFlight[id] = slices.DeleteFunc(g.inFlight[id], func(other *delivery) bool { return other == d })
	if len(g.inFlight[id]) == 0 {
		delete(g.inFlight, id)
	}
	if v == retry {
		d.retries++
		if v = again; d.retries > g.settings.MaxRetries {
			v = park
		}
	}
	switch v {
	case again:
		g.waiting = slices.Insert(g.waiting, 0, d)
	case park:
		g.parked = append(g.parked, d)
	}
}

// judge is what a consumer says of events it was handed. Ids it was not handed are not looked at.
func (g *group) judge(c *consumer, ids []uuid.UUID, v verdict) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range ids {
		if i := slices.IndexFunc(g.inFlight[id], func(d *delivery) bool { return d.to == c }); i >= 0 {
			g.release(g.inFlight[id][i], v)
		}
	}
	g.dispatch()
}

// join adds a consumer.
func (g *group) join(slots int) (*consumer, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if most := int(g.settings.MaxSubscribers); most > 0 && len(g.consumers) >= most {
		return nil, g.refusal(subscribersReached)
	}
	c := &consumer{slots: slots, out: make(chan *delivery, slots), dropped: make(chan struct{})}
	g.consumers = append(g.consumers, c)
	g.dispatch()
	return c, nil
}

// leave takes a consumer away; what it had waits for another.
func (g *group) leave(c *consumer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.consumers, c)
	if i < 0 {
		return
	}
	g.consumers = slices.Delete(g.consumers, i, i+1)
	for _, ds := range g.inFlight {
		for _, d := range slices.Clone(ds) {
			if d.to == c {
				g.release(d, again)
			}
		}
	}
	close(c.dropped)
	g.dispatch()
}

// drop takes all consumers away.
func (g *group) drop() {
	g.mu.Lock()
	all := slices.Clone(g.consumers)
	g.mu.Unlock()
	for _, c := range all {
		g.leave(c)
	}
}

// replay has up to so many parked events wait again; negative: all.
func (g *group) replay(most int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.parked)
	if most >= 0 {
		n = int(min(most, int64(n), math.MaxInt32))
	}
	for _, d := range g.parked[:n] {
		d.retries = 0
	}
	g.waiting = slices.Concat(g.parked[:n:n], g.waiting)
	g.parked = slices.Delete(g.parked, 0, n)
	g.dispatch()
}

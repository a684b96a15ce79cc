package deliberation_test

import (
	"encoding/json"
	"testing"
	"time"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/spec"
)

func july(day int) domain.Date { return domain.NewDate(2016, time.July, day) }

func TestPublicationsFollowOneAnother(t *testing.T) {
	publish := deliberation.PublishStatistics{Session: 2016, Number: 1, Dated: july(5), Document: json.RawMessage(`{ "n": 1 }`)}
	first := deliberation.StatisticsPublished{Session: 2016, Number: 1, Dated: july(5), Document: json.RawMessage(`{"n":1}`)}
	second := deliberation.StatisticsPublished{Session: 2016, Number: 2, Dated: july(9), Document: json.RawMessage(`{"n":2}`)}
	none, one := spec.Given(deliberation.PublicationDecider), spec.Given(deliberation.PublicationDecider, first)

	none.When(publish).Then(t, first)
	one.When(publish).Then(t)
	one.And(second).When(publish).Then(t) // however late the retry

	next := deliberation.PublishStatistics{Session: 2016, Number: 2, Dated: july(9), Document: json.RawMessage(`{"n":2}`)}
	one.When(next).Then(t, second)
	none.When(next).ThenRefused(t, "publication-depassee")
	late := publish
	late.Document = json.RawMessage(`{"n":3}`)
	one.When(late).ThenRefused(t, "publication-depassee")
	next.Dated = july(4)
	one.When(next).ThenRefused(t, "publication-antidatee")
	next.Dated = domain.Date{}
	one.When(next).ThenRefused(t, "publication-antidatee")
	for rule, spoil := range map[string]func(*deliberation.PublishStatistics){
		"session-inconnue":      func(c *deliberation.PublishStatistics) { c.Session = 16 },
		"publication-illisible": func(c *deliberation.PublishStatistics) { c.Document = json.RawMessage(`{`) },
		"publication-trop-grande": func(c *deliberation.PublishStatistics) {
			c.Document, _ = json.Marshal(make([]byte, 1_000_000))
		},
	} {
		bad := publish
		spoil(&bad)
		none.When(bad).ThenRefused(t, rule)
	}

	state := one.And(second).State()
	for day, want := range map[int]int{4: 0, 5: 1, 8: 1, 9: 2, 30: 2} {
		if got, ok := state.InForce(july(day)); got.Number != want || ok != (want > 0) {
			t.Errorf("in force on 5+%d July: number %d, want %d", day, got.Number, want)
		}
	}
	if deliberation.PublicationStream(2016) == deliberation.PublicationStream(2017) {
		t.Error("two sessions share a stream")
	}
}

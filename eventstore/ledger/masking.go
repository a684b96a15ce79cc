package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/masking"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// Roster tells who is in a school: a teacher may mention any classmate or colleague of a pupil, so a text is
// searched for the names of all of them. It must know at least what was committed before the facts that a
// reaction hears.
type Roster interface {
	Livrets(ctx context.Context, school nomenclature.UAI) ([]uuid.UUID, error)
	Staff(ctx context.Context, school nomenclature.UAI) ([]uuid.UUID, error)
}

// Masking searches the free texts of livrets for names of people and places, and records which passages the
// jury must not see. It alone stands between names and jury: it may open identities, and what it records
// says where names are, not what they are. A text of which the names around changed is searched again, and
// what was hidden stays so: whose name it was may be forgotten since, and nobody could find it again.
type Masking struct{ Roster Roster }

// Name is that of the reaction, with the version of its rule: a new rule searches every text again.
func (Masking) Name() string { return "reaction.masking." + masking.RuleVersion }

// Categories are those of texts and names.
func (Masking) Categories() []string {
	return []string{record.Category, identity.Category, identity.StaffCategory}
}

// React masks the texts written among the facts, and all texts of the schools where a name is new.
func (m Masking) React(ctx context.Context, l *Ledger, facts []Fact) error {
	livrets, err := m.touched(ctx, l, facts)
	if err != nil {
		return err
	}
	matchers := &matchers{ledger: l, roster: m.Roster, bySchools: make(map[string]*matcher)}
	orders := abreast()
	for livret := range livrets {
		orders.Go(func() error {
			if err := m.mask(ctx, l, matchers, livret); !beyond(err) {
				return err
			}
			return nil
		})
	}
	return orders.Wait()
}

// touched lists the livrets whose texts are to be searched.
func (m Masking) touched(ctx context.Context, l *Ledger, facts []Fact) (map[uuid.UUID]bool, error) {
	livrets := make(map[uuid.UUID]bool)
	named := make(map[uuid.UUID]bool) // livrets of which a name changed
	schools := make(map[nomenclature.UAI]bool)
	for _, fact := range facts {
		id, ok := fact.Envelope.Stream.UUID()
		if !ok {
			continue
		}
		switch e := fact.Event.(type) {
		case record.AppreciationWritten, record.OtherEngagementDeclared, record.ObservationWritten, record.SchoolingRecorded:
			livrets[id] = true
		case identity.SiecleIDRecorded:
			schools[e.UAI] = true
		case identity.StaffIdentified:
			schools[e.UAI] = true
		case identity.CivilIdentityRecorded, identity.GuardianRecorded, identity.SchoolAttended:
			named[id] = true
		}
	}
	for livret := range named {
		pupil, _, err := Load(ctx, l, identity.PupilDecider, livret)
		if err != nil && !beyond(err) {
			return nil, err
		}
		for _, known := range pupil.Siecle {
			schools[known.UAI] = true
		}
	}
	for school := range schools {
		all, err := m.Roster.Livrets(ctx, school)
		if err != nil {
			return nil, err
		}
		for _, livret := range all {
			livrets[livret] = true
		}
	}
	return livrets, nil
}

// mask searches the texts of one livret, and records the masks that say something new.
func (m Masking) mask(ctx context.Context, l *Ledger, matchers *matchers, livret uuid.UUID) error {
	state, _, err := Load(ctx, l, record.Decider, livret)
	if err != nil {
		return err
	}
	schools := schoolsOf(state)
	if len(schools) == 0 {
		return nil // whose names to look for is not known yet: the jury is shown nothing
	}
	var matcher *masking.Matcher
	var command record.MaskPassages
	for text := range state.Texts() {
		if matcher == nil {
			if matcher, err = matchers.of(ctx, schools); err != nil {
				return err
			}
		}
		masked := record.PassagesMasked{Text: text.Sequence, Rule: masking.RuleVersion}
		for _, span := range matcher.Mask(text.Value) {
			masked.Spans = append(masked.Spans, [2]uint16{uint16(span.From), uint16(span.To)})
		}
		if text.Mask != nil {
			masked.Spans = union(masked.Spans, text.Mask.Spans)
		}
		command.Masks = append(command.Masks, masked)
	}
	if len(command.Masks) == 0 {
		return nil
	}
	grant, err := l.itself(access.MaskPassages)
	if err != nil {
		return err
	}
	order := Order{ID: uuid.New(), Grant: grant, Quiet: true}
	_, err = Execute(ctx, l, order, record.Decider, livret, command)
	var refusal *domain.Refusal
	if errors.As(err, &refusal) {
		return nil // the text was replaced while it was searched: the next facts say so
	}
	return err
}

// union is the passages that stand in one list or in both, in order; those that overlap become one.
func union(a, b [][2]uint16) [][2]uint16 {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y [2]uint16) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	var merged [][2]uint16
	for _, span := range all {
		if last := len(merged) - 1; last >= 0 && span[0] < merged[last][1] {
			merged[last][1] = max(merged[last][1], span[1])
			continue
		}
		merged = append(merged, span)
	}
	return merged
}

func schoolsOf(state *record.State) []nomenclature.UAI {
	var schools []nomenclature.UAI
	for _, year := range state.Years {
		for _, schooling := range year.Schoolings {
			schools = append(schools, schooling.UAI)
		}
	}
	slices.Sort(schools)
	return slices.Compact(schools)
}

// matchers compiles the names of each set of schools once, for the time of one reaction.
type matchers struct {
	ledger    *Ledger
	roster    Roster
	mu        sync.Mutex
	bySchools map[string]*matcher
}

type matcher struct {
	once    sync.Once
	matcher *masking.Matcher
	err     error
}

func (m *matchers) of(ctx context.Context, schools []nomenclature.UAI) (*masking.Matcher, error) {
	var key strings.Builder
	for _, school := range schools {
		key.WriteString(string(school) + " ")
	}
	m.mu.Lock()
	found := m.bySchools[key.String()]
	if found == nil {
		found = new(matcher)
		m.bySchools[key.String()] = found
	}
	m.mu.Unlock()
	found.once.Do(func() {
		var names masking.Names
		if names, found.err = m.names(ctx, schools); found.err == nil {
			found.matcher = masking.Compile(names)
		}
	})
	return found.matcher, found.err
}

func (m *matchers) names(ctx context.Context, schools []nomenclature.UAI) (masking.Names, error) {
	var names masking.Names
	for _, school := range schools {
		names.Codes = append(names.Codes, string(school))
		livrets, err := m.roster.Livrets(ctx, school)
		if err != nil {
			return names, err
		}
		for _, livret := range livrets {
			pupil, _, err := Load(ctx, m.ledger, identity.PupilDecider, livret)
			if beyond(err) {
				continue
			}
			if err != nil {
				return names, err
			}
			add(&names, pupil.KnownNames())
		}
		staff, err := m.roster.Staff(ctx, school)
		if err != nil {
			return names, err
		}
		for _, id := range staff {
			member, _, err := Load(ctx, m.ledger, identity.StaffDecider, id)
			if beyond(err) {
				continue
			}
			if err != nil {
				return names, err
			}
			add(&names, member.KnownNames())
		}
	}
	for _, repeated := range []*[]string{&names.Schools, &names.Towns, &names.Codes} { // one school has one name, said by all its pupils
		slices.Sort(*repeated)
		*repeated = slices.Compact(*repeated)
	}
	return names, nil
}

func add(names *masking.Names, known identity.KnownNames) {
	for _, p := range known.People {
		names.People = append(names.People, masking.Person{Family: p.Family, Usage: p.Usage, First: p.First})
	}
	names.Schools = append(names.Schools, known.Schools...)
	names.Towns = append(names.Towns, known.Towns...)
	names.Codes = append(names.Codes, known.UAIs...)
}

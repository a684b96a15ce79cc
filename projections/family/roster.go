package family

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"livret/domain/nomenclature"
	"livret/eventstore"
)

// Roster lists who shares a school, for the masking of free texts: pupils of some years around now, and
// staff. It says who is there, never how they are called.
type Roster struct {
	reader *Reader
	years  []nomenclature.SchoolYear
}

// Roster answers for pupils who were in a school in one of the given years.
func (r *Reader) Roster(years ...nomenclature.SchoolYear) Roster { return Roster{r, years} }

// Livrets are those of the pupils of a school, each once.
func (r Roster) Livrets(ctx context.Context, school nomenclature.UAI) ([]uuid.UUID, error) {
	var all []uuid.UUID
	for _, year := range r.years {
		livrets, err := r.reader.Find(ctx, school, year, "")
		if err != nil {
			return nil, err
		}
		all = append(all, livrets...)
	}
	slices.SortFunc(all, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(all), nil
}

// Staff are the random ids of those who teach, or did, in a school.
func (r Roster) Staff(ctx context.Context, school nomenclature.UAI) ([]uuid.UUID, error) {
	streams, err := r.reader.rows.Find(ctx, staffLabel(school)...)
	return uuidsOf(streams), err
}

func uuidsOf(streams []eventstore.StreamID) []uuid.UUID {
	all := make([]uuid.UUID, 0, len(streams))
	for _, stream := range streams {
		if id, ok := stream.UUID(); ok {
			all = append(all, id)
		}
	}
	return all
}

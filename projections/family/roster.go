package family

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/nomenclature"
	"livret/eventstore"
)

// Roster lists who shares a school, or did, for the masking of free texts. It says who, never how they are
// called.
type Roster struct{ reader *Reader }

// Roster answers from this view.
func (r *Reader) Roster() Roster { return Roster{r} }

// Livrets are those of the pupils of a school.
func (r Roster) Livrets(ctx context.Context, school nomenclature.UAI) ([]uuid.UUID, error) {
	streams, err := r.reader.rows.Find(ctx, pupilsLabel(school)...)
	return uuidsOf(streams), err
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

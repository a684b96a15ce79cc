package family

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Reader reads the family's view for a page.
type Reader struct {
	rows  *projections.Reader
	lists nomenclature.Nomenclature
}

// NewReader makes a reader of the live view.
func NewReader(store projections.Store, keys keyvault.Opener, lists nomenclature.Nomenclature) *Reader {
	return &Reader{rows: projections.NewReader(store, keys, Projection()), lists: lists}
}

// Entry is one line of a list of pupils.
type Entry struct {
	Livret   uuid.UUID `json:"livret"`
	ListName string    `json:"listName"` // surname first; empty if no identity was recorded yet
	Division string    `json:"division"`

	MEF      nomenclature.MEF `json:"-"` // formation and teachers of that year, in the list of a whole school
	Teachers []uuid.UUID      `json:"-"` // staff ids
}

// Show answers a whole livret, or what there is of it: names may come before marks, and marks before names.
// It fails with projections.ErrNotFound if there is none, and with
// keyvault.ErrShredded or ErrArchived if it was forgotten or is in custody.
func (r *Reader) Show(ctx context.Context, livret uuid.UUID) (Livret, error) {
	recordStream, identityStream := eventstore.Stream(record.Category, livret), eventstore.Stream(identity.Category, livret)
	rows, err := r.rows.Rows(ctx, recordStream, identityStream)
	if err != nil {
		return Livret{}, err
	}
	var rec recordRow
	var who identityRow
	if len(rows) == 0 {
		return Livret{}, projections.ErrNotFound
	}
	for stream, into := range map[eventstore.StreamID]projections.Folder{recordStream: &rec, identityStream: &who} {
		if err := r.open(ctx, rows, stream, into); err != nil && !errors.Is(err, projections.ErrNotFound) {
			return Livret{}, err
		}
	}
	staff, err := r.staff(ctx, &rec)
	if err != nil {
		return Livret{}, err
	}
	a := assembly{lists: r.lists, record: &rec, identity: &who, staff: staff}
	l := a.livret(livret)
	if missing := (Incomplete{uint64(rows[recordStream].Parked), uint64(rows[identityStream].Parked)}); missing != (Incomplete{}) {
		l.Incomplete = &missing
	}
	return l, nil
}

func (r *Reader) open(ctx context.Context, rows map[eventstore.StreamID]projections.Row, stream eventstore.StreamID, into projections.Folder) error {
	row, ok := rows[stream]
	if !ok {
		return projections.ErrNotFound
	}
	return r.rows.Open(ctx, row, into)
}

// staff answers the members of staff that a livret names. One of them forgotten takes nothing from the rest.
func (r *Reader) staff(ctx context.Context, rec *recordRow) (map[uuid.UUID]Person, error) {
	people := make(map[uuid.UUID]Person)
	var streams []eventstore.StreamID
	meet := func(id uuid.UUID) {
		if _, met := people[id]; !met && id != uuid.Nil {
			people[id] = Person{ID: id}
			streams = append(streams, eventstore.Stream(identity.StaffCategory, id))
		}
	}
	for _, l := range rec.Lines {
		for _, id := range l.Teachers {
			meet(id)
		}
	}
	for _, y := range rec.Years {
		for _, o := range y.Observations {
			if n := len(o); n > 0 {
				meet(o[n-1].Value.Author)
			}
		}
	}
	if len(streams) == 0 {
		return people, nil
	}
	rows, err := r.rows.Rows(ctx, streams...)
	if err != nil {
		return nil, err
	}
	for id, p := range people {
		var row staffRow
		err := r.open(ctx, rows, eventstore.Stream(identity.StaffCategory, id), &row)
		switch {
		case err == nil:
			p.Name = row.Name
		case errors.Is(err, keyvault.ErrShredded), errors.Is(err, keyvault.ErrArchived):
			p.Forgotten = true
		case errors.Is(err, projections.ErrNotFound), errors.Is(err, keyvault.ErrCorrupt), errors.Is(err, keyvault.ErrUnknown):
		default:
			return nil, err
		}
		people[id] = p
	}
	return people, nil
}

// Find answers the livrets of a division, or of a whole school if division is empty, as pupils are there now.
func (r *Reader) Find(ctx context.Context, school nomenclature.UAI, year nomenclature.SchoolYear, division string) ([]uuid.UUID, error) {
	label := schoolLabel(school, year)
	if division != "" {
		label = divisionLabel(school, year, division)
	}
	streams, err := r.rows.Find(ctx, label...)
	if err != nil {
		return nil, err
	}
	return uuidsOf(streams), nil
}

// Pupils is the list of a division, or of a whole school if division is empty, by name. Those who were
// forgotten are not in it.
func (r *Reader) Pupils(ctx context.Context, school nomenclature.UAI, year nomenclature.SchoolYear, division string) ([]Entry, error) {
	livrets, err := r.Find(ctx, school, year, division)
	if err != nil {
		return nil, err
	}
	streams := make([]eventstore.StreamID, 0, 2*len(livrets))
	for _, id := range livrets {
		streams = append(streams, eventstore.Stream(record.Category, id), eventstore.Stream(identity.Category, id))
	}
	rows, err := r.rows.Rows(ctx, streams...)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, id := range livrets {
		e := Entry{Livret: id, Division: division}
		var who identityRow
		err := r.open(ctx, rows, eventstore.Stream(identity.Category, id), &who)
		switch {
		case err == nil && len(who.Civil) > 0:
			e.ListName = who.Civil[len(who.Civil)-1].Value.ListName()
		case gone(err):
			continue
		case err != nil && !errors.Is(err, projections.ErrNotFound):
			return nil, err
		}
		if division == "" {
			var rec recordRow
			if err := r.open(ctx, rows, eventstore.Stream(record.Category, id), &rec); gone(err) {
				continue
			} else if err != nil {
				return nil, err
			}
			schooling := rec.schooling(year)
			e.Division, e.MEF, e.Teachers = schooling.Division, schooling.MEF, rec.teachers(year)
		}
		entries = append(entries, e)
	}
	french := collate.New(language.French) // é beside e, as a reader looks names up
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Division, b.Division), french.CompareString(a.ListName, b.ListName), slices.Compare(a.Livret[:], b.Livret[:]))
	})
	return entries, nil
}

// Attended tells whether a pupil is or ever was in a school. It fails as Show does.
func (r *Reader) Attended(ctx context.Context, livret uuid.UUID, school nomenclature.UAI) (bool, error) {
	row, err := r.rows.Row(ctx, eventstore.Stream(record.Category, livret))
	if err != nil {
		return false, err
	}
	var rec recordRow
	if err := r.rows.Open(ctx, row, &rec); err != nil {
		return false, err
	}
	return slices.ContainsFunc(rec.Labels(), func(label []string) bool { return slices.Equal(label, pupilsLabel(school)) }), nil
}

// NamedBy are the livrets that may name a member of staff: those of all who ever were in his school.
func (r *Reader) NamedBy(ctx context.Context, staff eventstore.StreamID) ([]uuid.UUID, error) {
	row, err := r.rows.Row(ctx, staff)
	if err != nil {
		return nil, err
	}
	var who staffRow
	if err := r.rows.Open(ctx, row, &who); err != nil || who.UAI == "" {
		return nil, err
	}
	streams, err := r.rows.Find(ctx, pupilsLabel(who.UAI)...)
	return uuidsOf(streams), err
}

// Divisions lists the divisions of a school in a year.
func (r *Reader) Divisions(ctx context.Context, school nomenclature.UAI, year nomenclature.SchoolYear) ([]string, error) {
	pupils, err := r.Pupils(ctx, school, year, "")
	if err != nil {
		return nil, err
	}
	var divisions []string
	for _, p := range pupils {
		if n := len(divisions); n == 0 || divisions[n-1] != p.Division {
			divisions = append(divisions, p.Division)
		}
	}
	return divisions, nil
}

func gone(err error) bool {
	return errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived)
}

// schooling is where and in what formation the pupil is, or last was, in a year.
func (r *recordRow) schooling(year nomenclature.SchoolYear) schooling {
	for _, y := range r.Years {
		if n := len(y.Schooling); y.Year == year && n > 0 {
			return y.Schooling[n-1].Value
		}
	}
	return schooling{}
}

// teachers are those of all lines of a year.
func (r *recordRow) teachers(year nomenclature.SchoolYear) (all []uuid.UUID) {
	for _, l := range r.Lines {
		if l.Year == year {
			all = append(all, l.Teachers...)
		}
	}
	return all
}

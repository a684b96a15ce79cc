package nomenclature

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"livret/domain"
)

// Calendar tells from which exam session each série has a livret, in each académie, and until which. It is
// data with a version: the arrêté of 8 February 2016 and what is known of its application are built in, an
// académie can move an opening, and ReadCalendar takes the place of all of it.
type Calendar struct {
	version  string
	openings []opening
	moved    map[place]SchoolYear
	ends     map[Serie]SchoolYear
}

type opening struct {
	session  SchoolYear
	academie string // code, or "*"
	series   []Serie
}

type place struct {
	serie    Serie
	academie string
}

// professional stands in a calendar for every spécialité of the baccalauréat professionnel.
const professional Serie = "PRO"

// LoadCalendar gives the built-in calendar.
func LoadCalendar() (Calendar, error) {
	file, err := data.Open("data/calendar.tsv")
	if err != nil {
		return Calendar{}, err
	}
	defer file.Close()
	return ReadCalendar(file)
}

// ReadCalendar reads a calendar: tab-separated lines "version NAME", "SESSION ACADÉMIES SÉRIES" with "*" for
// every académie and PRO for every professional spécialité, and "end SESSION SÉRIES"; "#" opens a comment.
// A line of another form is refused by rule "calendrier-illisible".
func ReadCalendar(file io.Reader) (Calendar, error) {
	text, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return Calendar{}, fmt.Errorf("nomenclature: read the calendar: %w", err)
	}
	c := Calendar{ends: map[Serie]SchoolYear{}}
	for _, row := range split(string(text)) {
		switch {
		case row[0] == "version" && len(row) == 2:
			c.version = row[1]
			continue
		case row[0] == "end" && len(row) == 3:
			if session, err := strconv.ParseInt(row[1], 10, 16); err == nil {
				for s := range strings.FieldsSeq(row[2]) {
					c.ends[Serie(s)] = SchoolYear(session)
				}
				continue
			}
		case len(row) == 3:
			session, err := strconv.ParseInt(row[0], 10, 16)
			codes := strings.Fields(row[1])
			if err == nil && !slices.ContainsFunc(codes, unknownAcademie) {
				o := opening{session: SchoolYear(session)}
				for s := range strings.FieldsSeq(row[2]) {
					o.series = append(o.series, Serie(s))
				}
				for _, o.academie = range codes {
					c.openings = append(c.openings, o)
				}
				continue
			}
		}
		return Calendar{}, domain.Refuse("calendrier-illisible", "Une ligne du calendrier de déploiement n’a pas la forme attendue : "+strings.Join(row, " ")+".", "Corrigez le calendrier.")
	}
	if c.version == "" || len(c.openings) == 0 {
		return Calendar{}, domain.Refuse("calendrier-illisible", "Le calendrier de déploiement n’a pas de version, ou n’ouvre aucune série.", "Corrigez le calendrier.")
	}
	return c, nil
}

func unknownAcademie(code string) bool {
	_, known := AcademieByCode(code)
	return !known && code != "*"
}

// Version names the calendar.
func (c Calendar) Version() string { return c.version }

// Series lists the séries that the calendar speaks of, in the order of their codes. PRO stands for every
// spécialité of the baccalauréat professionnel.
func (c Calendar) Series() []Serie {
	all := slices.Collect(maps.Keys(c.ends))
	for _, o := range c.openings {
		all = append(all, o.series...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Last is the last session of a série that ends, and false for the others.
func (c Calendar) Last(serie Serie) (SchoolYear, bool) {
	last, ends := c.ends[serie]
	return last, ends
}

// Move gives the calendar in which an académie opens a série from another session than planned, earlier or
// later. The séries without livret stay without. The version tells that it was moved.
func (c Calendar) Move(serie Serie, academie string, first SchoolYear) (Calendar, error) {
	if err := serie.Excluded(); err != nil {
		return c, err
	}
	if academie == "*" || unknownAcademie(academie) {
		return c, domain.Refuse("academie-inconnue", "Le code d’académie est inconnu.", "Donnez le code à deux chiffres de l’académie.")
	}
	moved := map[place]SchoolYear{{serie, academie}: first}
	for p, session := range c.moved {
		if _, again := moved[p]; !again {
			moved[p] = session
		}
	}
	c.moved = moved
	c.version, _, _ = strings.Cut(c.version, "+")
	c.version += "+" + strconv.Itoa(len(moved))
	return c, nil
}

// First is the first session of a série in an académie, and false if none is planned.
func (c Calendar) First(serie Serie, voie Voie, academie string) (SchoolYear, bool) {
	if voie == VoieProfessionnelle {
		serie = professional
	}
	if session, ok := c.moved[place{serie, academie}]; ok {
		return session, true
	}
	first, found := SchoolYear(0), false
	for _, o := range c.openings {
		if (o.academie == "*" || o.academie == academie) && slices.Contains(o.series, serie) && (!found || o.session < first) {
			first, found = o.session, true
		}
	}
	return first, found
}

// Open answers nil if a school may keep livrets of a formation for an exam session (the calendar year of the
// exam). A série without livret is refused by rule "serie-hors-livret", one that is not planned or not yet
// open in the school's académie by "serie-non-deployee", one that no longer exists by "serie-eteinte", and a
// school of no académie by "etablissement-sans-academie". A fictional school is bound by no calendar and by
// no académie: only the first rule is for it.
func (c Calendar) Open(f Formation, school UAI, session SchoolYear) error {
	if err := f.Serie.Excluded(); err != nil || school.Fictional() {
		return err
	}
	a, ok := AcademieOf(school, int(session))
	if !ok {
		return domain.Refuse("etablissement-sans-academie", "L’établissement "+string(school)+" n’est dans le ressort d’aucune académie connue.", "Vérifiez le numéro UAI de l’établissement.")
	}
	if last, ends := c.ends[f.Serie]; ends && session > last {
		return domain.Refuse("serie-eteinte", fmt.Sprintf("La série %s n’existe plus après la session %d.", f.Serie, last), "Vérifiez la formation et la session.")
	}
	switch first, planned := c.First(f.Serie, f.Voie(), a.Code); {
	case !planned:
		return domain.Refuse("serie-non-deployee", fmt.Sprintf("Le livret numérique n’est prévu pour la série %s dans l’académie « %s » à aucune session.", f.Serie, a.Name), "Tenez le livret sur papier, ou demandez à l’académie d’ouvrir cette série.")
	case session < first:
		return domain.Refuse("serie-non-deployee", fmt.Sprintf("Dans l’académie « %s », le livret numérique de la série %s commence à la session %d.", a.Name, f.Serie, first), "Tenez le livret de cette session sur papier, ou demandez à l’académie d’avancer l’ouverture.")
	}
	return nil
}

package identity

import (
	"slices"

	"livret/domain"
)

// RecordPupil is what a source, such as the base élèves of a school, says of a pupil. It is decided by
// difference: only what is new becomes a fact, so importing twice adds nothing. What a source leaves blank
// is not a deletion, with two exceptions: a civil identity stated without usage name has none, and a
// complete list of guardians removes those who are not in it.
type RecordPupil struct {
	Redacted
	Civil             *CivilIdentityRecorded // nil: not stated
	INE               string                 // empty: not stated
	Siecle            *SiecleIDRecorded      // nil: not stated
	Guardians         []GuardianRecorded
	GuardiansComplete bool // the source lists all of the pupil's guardians
	Schools           []SchoolAttended
}

// Decide refuses by "nom-absent", "date-naissance-illisible", "siecle-incomplet",
// "responsable-sans-identifiant", "responsabilite-inconnue", "responsable-en-double" and
// "scolarite-sans-annee".
func (c RecordPupil) Decide(p *Pupil) ([]domain.Event, error) {
	var events []domain.Event
	for _, decide := range []func(*Pupil) ([]domain.Event, error){c.civil, c.numbers, c.guardians, c.schools} {
		more, err := decide(p)
		if err != nil {
			return nil, err
		}
		events = append(events, more...)
	}
	return events, nil
}

func (c RecordPupil) civil(p *Pupil) ([]domain.Event, error) {
	if c.Civil == nil {
		return nil, nil
	}
	stated := c.Civil.over(p.Civil)
	if stated.FamilyName == "" {
		return nil, domain.Refuse("nom-absent", "L’élève n’a pas de nom de famille.",
			"Complétez sa fiche dans SIECLE, puis refaites l’export.")
	}
	if stated.BirthDate != "" {
		if _, err := domain.ParseDate(stated.BirthDate); err != nil {
			return nil, domain.Refuse("date-naissance-illisible", "La date de naissance de l’élève n’est pas une date du calendrier.",
				"Corrigez-la dans SIECLE, puis refaites l’export.")
		}
	}
	if stated.equal(p.Civil) {
		return nil, nil
	}
	return []domain.Event{stated}, nil
}

// over is the stated identity, cleaned, with what it leaves blank taken from the one known.
func (e CivilIdentityRecorded) over(known CivilIdentityRecorded) CivilIdentityRecorded {
	stated := CivilIdentityRecorded{
		FamilyName: cleanText(e.FamilyName),
		UsageName:  cleanText(e.UsageName),
		FirstNames: clean(e.FirstNames),
		BirthDate:  firstOf(cleanText(e.BirthDate), known.BirthDate),
		BirthPlace: firstOf(cleanText(e.BirthPlace), known.BirthPlace),
		Sex:        firstOf(cleanText(e.Sex), known.Sex),
	}
	if len(stated.FirstNames) == 0 {
		stated.FirstNames = known.FirstNames
	}
	return stated
}

func (e CivilIdentityRecorded) equal(other CivilIdentityRecorded) bool {
	return e.FamilyName == other.FamilyName && e.UsageName == other.UsageName &&
		slices.Equal(e.FirstNames, other.FirstNames) && e.BirthDate == other.BirthDate &&
		e.BirthPlace == other.BirthPlace && e.Sex == other.Sex
}

func (c RecordPupil) numbers(p *Pupil) ([]domain.Event, error) {
	var events []domain.Event
	if ine := cleanText(c.INE); ine != "" && ine != p.INE {
		events = append(events, INERecorded{INE: ine})
	}
	if c.Siecle == nil {
		return events, nil
	}
	siecle := SiecleIDRecorded{UAI: cleanUAI(c.Siecle.UAI), SiecleID: c.Siecle.SiecleID}
	if siecle.UAI == "" || siecle.SiecleID == 0 {
		return nil, domain.Refuse("siecle-incomplet", "L’identifiant SIECLE de l’élève n’est pas accompagné de son établissement, ou il est nul.",
			"Refaites l’export depuis SIECLE.")
	}
	if !slices.Contains(p.Siecle, siecle) {
		events = append(events, siecle)
	}
	return events, nil
}

func (c RecordPupil) guardians(p *Pupil) ([]domain.Event, error) {
	stated := new(Pupil)
	for _, g := range c.Guardians {
		g.Civility, g.Name, g.First, g.Parente = cleanText(g.Civility), cleanText(g.Name), cleanText(g.First), cleanText(g.Parente)
		switch at, twice := stated.guardian(g.PersonID); {
		case g.PersonID == 0:
			return nil, domain.Refuse("responsable-sans-identifiant", "Un responsable de l’élève n’a pas d’identifiant SIECLE.",
				"Refaites l’export des responsables depuis SIECLE.")
		case g.Legal > 2:
			return nil, domain.Refuse("responsabilite-inconnue", "La responsabilité légale d’une personne n’est ni 0, ni 1, ni 2.",
				"Corrigez-la dans SIECLE, puis refaites l’export des responsables.")
		case twice && stated.Guardians[at] != g:
			return nil, domain.Refuse("responsable-en-double", "Une même personne est déclarée deux fois responsable de l’élève, en des termes différents.",
				"Gardez une seule des deux fiches dans SIECLE, puis refaites l’export des responsables.")
		}
		stated.evolve(g)
	}
	var events []domain.Event
	for _, g := range stated.Guardians {
		if at, known := p.guardian(g.PersonID); !known || p.Guardians[at] != g {
			events = append(events, g)
		}
	}
	if c.GuardiansComplete {
		for _, g := range p.Guardians {
			if _, still := stated.guardian(g.PersonID); !still {
				events = append(events, GuardianRemoved{PersonID: g.PersonID})
			}
		}
	}
	return events, nil
}

func (c RecordPupil) schools(p *Pupil) ([]domain.Event, error) {
	stated := new(Pupil) // of two lines for one year and school, the last completes the first
	for _, line := range c.Schools {
		line.UAI, line.Name, line.Town = cleanUAI(line.UAI), cleanText(line.Name), cleanText(line.Town)
		line.Division, line.Level = cleanText(line.Division), cleanText(line.Level)
		if line.Year == 0 {
			return nil, domain.Refuse("scolarite-sans-annee", "Une ligne de la scolarité de l’élève n’a pas d’année scolaire.", "")
		}
		if at := stated.school(line); at >= 0 {
			line = line.over(stated.Schools[at])
		}
		stated.evolve(line)
	}
	var events []domain.Event
	for _, line := range stated.Schools {
		at := p.school(line)
		if at >= 0 {
			line = line.over(p.Schools[at])
		}
		if at < 0 || p.Schools[at] != line {
			events = append(events, line)
		}
	}
	return events, nil
}

// over is the line with what it leaves blank taken from the one known.
func (e SchoolAttended) over(known SchoolAttended) SchoolAttended {
	e.Name, e.Town = firstOf(e.Name, known.Name), firstOf(e.Town, known.Town)
	e.Division, e.Level = firstOf(e.Division, known.Division), firstOf(e.Level, known.Level)
	return e
}

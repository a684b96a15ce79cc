package identity

// Warning is something that someone at the school should look at; it refuses nothing.
type Warning struct {
	Rule   string // stable name in kebab-case French
	Reason string // in French, for the screen; quotes no value
	Remedy string
}

// Warnings lists what is odd in what the command says of a pupil known as p, in a fixed order: rules
// "ine-modifie", "ine-inconnu", "ine-cle-fausse", "naissance-absente" and "naissance-modifiee".
func (c RecordPupil) Warnings(p *Pupil) []Warning {
	var all []Warning
	if ine := cleanText(c.INE); ine != "" {
		if p.INE != "" && p.INE != ine {
			all = append(all, Warning{"ine-modifie", "L’INE de l’élève a changé.",
				"Vérifiez qu’il s’agit bien du même élève ; l’ancien numéro reste dans l’historique."})
		}
		switch kind, keyHolds := RecogniseINE(ine); {
		case kind == "":
			all = append(all, Warning{"ine-inconnu", "L’INE de l’élève n’a la forme d’aucun numéro connu.",
				"Vérifiez-le dans SIECLE ; il a été enregistré tel quel."})
		case !keyHolds:
			all = append(all, Warning{"ine-cle-fausse", "La clé de contrôle de l’INE de l’élève est fausse.",
				"Vérifiez-le dans SIECLE ; il a été enregistré tel quel."})
		}
	}
	if c.Civil == nil {
		return all
	}
	birth := cleanText(c.Civil.BirthDate)
	switch {
	case birth == "" && p.Civil.BirthDate == "":
		all = append(all, Warning{"naissance-absente", "La date de naissance de l’élève est inconnue : ses responsables légaux n’auront pas accès au livret.",
			"Complétez-la dans SIECLE, puis refaites l’export."})
	case birth != "" && p.Civil.BirthDate != "" && birth != p.Civil.BirthDate:
		all = append(all, Warning{"naissance-modifiee", "La date de naissance de l’élève a changé.",
			"Vérifiez qu’il s’agit bien du même élève."})
	}
	return all
}

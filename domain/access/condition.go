package access

// refuses is why what stands about a livret closes it to an act that the relation would allow; empty if it does not.
func (a Act) refuses(role string, on Target) reason {
	switch {
	case on.Restricted && !a.underRestriction(role):
		return restricted
	case a == PrintLivret && !on.Deliberated && (role == Eleve || role == ResponsableLegal):
		return notClosed
	}
	return ""
}

// underRestriction tells whether a role may still do something with a livret of which the processing is
// restricted (RGPD, art. 18). The head and the exams division read it to decide, or to defend a right in court, which
// is why RequestArchive is among their acts, and the head answers demands;
// the family still asks, and declares what it wants; the ledger and its operator go on with what the law does to
// keys. To everybody else it is closed.
func (a Act) underRestriction(role string) bool {
	switch role {
	case ChefEtablissement, DEC:
		switch a {
		case ReadFamilyView, PrintLivret, ReadHistory, ReadCandidateLink, ReadRequests, ReadPaperDue, ExportPersonal, ReadRetention, RequestArchive,
			RestrictProcessing, DecideRectification, DecideScreening, RequestRectification, RecordIdentity, OpposeTransmission, RefuseOnlineService, HandOverPaper:
			return true
		}
	case Eleve, ResponsableLegal:
		switch a {
		case RequestRectification, OpposeTransmission, RefuseOnlineService:
			return true
		}
	case Systeme, Exploitant, Archives:
		return true
	}
	switch a {
	case ListPupils, PlaceHold, ReleaseHold: // a name in a list, and what keeps a livret from being destroyed
		return true
	}
	return false
}

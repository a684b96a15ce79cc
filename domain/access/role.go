package access

// Roles, as they stand for ever in the sealed part of each event: who holds one is a matter for sign-in.
const (
	ChefEtablissement   = "chef-etablissement" // and the deputy, or whom the head delegates to: the person's id says who
	Enseignant          = "enseignant"
	ProfesseurPrincipal = "professeur-principal" // who teaches too
	CPE                 = "cpe"
	Eleve               = "eleve"
	ResponsableLegal    = "responsable-legal"
	DEC                 = "dec" // agent of the exams division of the académie
	PresidentJury       = "president-jury"
	VicePresidentJury   = "vice-president-jury"
	MembreJury          = "membre-jury"
	ChefCentre          = "chef-centre" // of a centre de délibération
	Statisticien        = "statisticien"
	Archives            = "archives"
	Auditeur            = "auditeur"
	Exploitant          = "exploitant" // who runs the program and has no business with its content
	Systeme             = "systeme"    // the ledger's own reactions
)

var roles = []struct{ role, label string }{
	{ChefEtablissement, "chef d’établissement"},
	{Enseignant, "enseignant"},
	{ProfesseurPrincipal, "professeur principal"},
	{CPE, "conseiller principal d’éducation"},
	{Eleve, "élève"},
	{ResponsableLegal, "responsable légal"},
	{DEC, "agent de la division des examens et concours"},
	{PresidentJury, "président de jury"},
	{VicePresidentJury, "vice-président de jury"},
	{MembreJury, "membre de jury"},
	{ChefCentre, "chef de centre de délibération"},
	{Statisticien, "agent du service statistique académique"},
	{Archives, "service d’archives"},
	{Auditeur, "auditeur"},
	{Exploitant, "exploitant"},
	{Systeme, "registre (automatique)"},
}

// Roles lists all roles, in the order in which documents name them.
func Roles() []string {
	all := make([]string, len(roles))
	for i, r := range roles {
		all[i] = r.role
	}
	return all
}

// RoleLabel is the French name of a role, and the role itself if there is none.
func RoleLabel(role string) string {
	for _, r := range roles {
		if r.role == role {
			return r.label
		}
	}
	return role
}

package access

// Act is what someone may want to do or see: each command and each view has one.
type Act string

// Acts on a livret, in the order of its life.
const (
	ImportFiles          Act = "import-files"     // SIECLE, STS and LSL, with all that they hold
	RecordIdentity       Act = "record-identity"  // by hand: a rectification of civil identity
	RecordSchooling      Act = "record-schooling" // by hand: division, formation, periods, group figures, teachers
	OrderTransfer        Act = "order-transfer"   // lets another school take the livret over
	RecordAverage        Act = "record-average"   // into the class grid
	CorrectAverage       Act = "correct-average"  // one that was imported
	AssessCompetence     Act = "assess-competence"
	WriteAppreciation    Act = "write-appreciation"
	DeclareEngagement    Act = "declare-engagement"
	WriteObservationCPE  Act = "write-observation-cpe"
	WriteObservationTeam Act = "write-observation-team"
	WriteObservationHead Act = "write-observation-head"
	DecideScreening      Act = "decide-screening" // what becomes of one's own text that the screening pointed at
	IssueAvis            Act = "issue-avis"
	AttestB2i            Act = "attest-b2i"
	LockPeriod           Act = "lock-period"
	UnlockPeriod         Act = "unlock-period"
	GiveHeadVisa         Act = "give-head-visa"
)

// Acts of the pupil and his family on their livret, and what the school does about them.
const (
	AcknowledgeLivret    Act = "acknowledge-livret"    // take note of it as it is
	RequestRectification Act = "request-rectification" // also one that came on paper
	DecideRectification  Act = "decide-rectification"  // and correct
	OpposeTransmission   Act = "oppose-transmission"   // or withdraw the opposition
	RestrictProcessing   Act = "restrict-processing"   // or lift the restriction
	RefuseOnlineService  Act = "refuse-online-service" // or accept it again
	HandOverPaper        Act = "hand-over-paper"
)

// Acts of the exam side, and of the ledger itself.
const (
	RegisterCandidate  Act = "register-candidate"
	TransmitLivret     Act = "transmit-livret"
	OpenSession        Act = "open-session"
	FormJury           Act = "form-jury" // and name its jurors
	RecordSitting      Act = "record-sitting"
	AssignJury         Act = "assign-jury"
	ExamineLivret      Act = "examine-livret"
	GivePresidentVisa  Act = "give-president-visa"
	NotifyJury         Act = "notify-jury" // of a rectification
	RecordResult       Act = "record-result"
	ReopenDeliberation Act = "reopen-deliberation"
	CloseDeliberations Act = "close-deliberations"
	PublishStatistics  Act = "publish-statistics"
	FreezeStatistics   Act = "freeze-statistics"
	ExportStatistics   Act = "export-statistics" // their sums, sealed to the national service
	MaskPassages       Act = "mask-passages"
	FreezeAvisShares   Act = "freeze-avis-shares"
	RecordKey          Act = "record-key"
	RecordConsultation Act = "record-consultation"
)

// Acts of the discipline commission, as they are recorded.
const (
	RecordSanction  Act = "record-sanction"  // what was pronounced, and what a recours made of it
	IdentifySubject Act = "identify-subject" // whose a sanction is, kept beside it
	ReadSanctions   Act = "read-sanctions"   // all of them, with the names of those sanctioned

	DecideSchoolSanctions Act = "decide-school-sanctions" // whether schools record theirs, and under which legal act
	RecordSchoolSanction  Act = "record-school-sanction"
)

// Acts on the service itself: the lists and the calendar in force, and to whom it is open.
const (
	LoadNomenclature Act = "load-nomenclature"
	MoveCalendar     Act = "move-calendar"
	OfferService     Act = "offer-service" // or decline to
)

// Acts on the end of a livret's life.
const (
	ProclaimSession     Act = "proclaim-session" // the day that all terms count from
	StartClock          Act = "start-clock"
	ArchiveKeys         Act = "archive-keys" // of livrets beyond active service
	NoteJury            Act = "note-jury"
	PlaceHold           Act = "place-hold"
	ReleaseHold         Act = "release-hold"
	GiveEliminationVisa Act = "give-elimination-visa" // for a session, or standing for listed categories; revoking one too
	DecideVersement     Act = "decide-versement"      // to the archives for good, and their receipt
	DecideSanctionHolds Act = "decide-sanction-holds" // whether a hold may keep a sanction
	DestroyKeys         Act = "destroy-keys"          // of livrets of which nothing is missing any more
)

// Acts on what wraps the keys, and on the copies of everything.
const (
	RotateKeys  Act = "rotate-keys"
	KeepCustody Act = "keep-custody" // custody pairs of sessions and of holds
	BackUp      Act = "back-up"
)

// AttestCheckpoint is to have others say that a checkpoint existed, and to keep what they say.
const AttestCheckpoint Act = "attest-checkpoint"

// Views, and what is done with them.
const (
	ListPupils        Act = "list-pupils"   // names and divisions, to find a livret
	ReadTeaching      Act = "read-teaching" // the class grid: one enseignement and the pupils who follow it
	ReadFamilyView    Act = "read-family-view"
	PrintLivret       Act = "print-livret" // with a code that checks the paper
	ReadHistory       Act = "read-history" // who wrote and corrected what, and when
	ReplayPast        Act = "replay-past"  // what a family or a jury was shown at an instant, the proof of each fact, and which candidate the pupil was
	ReadJuryView      Act = "read-jury-view"
	ReadCandidateLink Act = "read-candidate-link" // which livret a candidate's number stands for
	ReadSession       Act = "read-session"        // juries, candidates by number, how far deliberations are
	ReadStatistics    Act = "read-statistics"
	ReadConsultations Act = "read-consultations"
	ReadRequests      Act = "read-requests"  // what families of the school ask, and who never read
	ReadPaperDue      Act = "read-paper-due" // to whom a livret on paper is owed
	ExportPersonal    Act = "export-personal-data"
	ReadRetention     Act = "read-retention"     // what comes due, what is held, what was destroyed: no name
	ReadHolds         Act = "read-holds"         // who asked that livrets be kept, and why
	RequestArchive    Act = "request-archive"    // the probatory archive of a livret, for a procedure
	ReadRequestFiles  Act = "read-request-files" // who asked for such archives, and why
	ReplayViews       Act = "replay-views"
	CheckLedger       Act = "check-ledger"
)

var acts = []struct {
	act   Act
	label string
}{
	{ImportFiles, "importer les fichiers SIECLE, STS et LSL"},
	{RecordIdentity, "rectifier l’état civil d’un élève"},
	{RecordSchooling, "enregistrer la scolarité : division, formation, périodes, groupes, enseignants"},
	{OrderTransfer, "laisser un autre établissement reprendre le livret d’un élève qui y part"},
	{RecordAverage, "saisir une moyenne"},
	{CorrectAverage, "corriger une moyenne importée"},
	{AssessCompetence, "évaluer une compétence"},
	{WriteAppreciation, "rédiger une appréciation"},
	{DeclareEngagement, "déclarer un engagement"},
	{WriteObservationCPE, "rédiger l’observation sur les engagements"},
	{WriteObservationTeam, "rédiger l’avis de l’équipe sur l’investissement de l’élève"},
	{WriteObservationHead, "rédiger l’observation du chef d’établissement"},
	{DecideScreening, "maintenir ou récrire un texte signalé à la relecture"},
	{IssueAvis, "porter l’avis en vue de l’examen"},
	{AttestB2i, "attester la délivrance du B2i lycée"},
	{LockPeriod, "verrouiller une période"},
	{UnlockPeriod, "déverrouiller une période"},
	{GiveHeadVisa, "viser la page d’une année"},
	{AcknowledgeLivret, "prendre connaissance du livret, par un acte exprès"},
	{RequestRectification, "demander une rectification"},
	{DecideRectification, "accorder ou refuser une rectification"},
	{OpposeTransmission, "s’opposer à la transmission du livret au jury, ou retirer l’opposition"},
	{RestrictProcessing, "limiter le traitement d’un livret, ou lever la limitation"},
	{RefuseOnlineService, "refuser le livret en ligne, ou l’accepter de nouveau"},
	{HandOverPaper, "enregistrer la remise du livret sur papier"},
	{RegisterCandidate, "attribuer un numéro de candidat"},
	{TransmitLivret, "transmettre le livret au jury"},
	{OpenSession, "ouvrir une session d’examen"},
	{FormJury, "constituer un jury"},
	{RecordSitting, "enregistrer une séance de jury"},
	{AssignJury, "affecter un candidat à un jury"},
	{ExamineLivret, "enregistrer l’examen du livret par le jury"},
	{GivePresidentVisa, "apposer le visa du président du jury"},
	{NotifyJury, "aviser le jury d’une rectification"},
	{RecordResult, "enregistrer un résultat du jury"},
	{ReopenDeliberation, "ordonner une nouvelle délibération"},
	{CloseDeliberations, "clore les délibérations d’une session"},
	{PublishStatistics, "arrêter et publier les statistiques"},
	{ExportStatistics, "sceller les sommes d’une session pour le service statistique national"},
	{FreezeStatistics, "figer les sommes d’une session avant la fin des clés"},
	{MaskPassages, "masquer les noms dans les textes destinés au jury"},
	{FreezeAvisShares, "figer la répartition des avis"},
	{RecordKey, "enregistrer la naissance d’une clé"},
	{RecordConsultation, "inscrire une consultation au journal"},
	{RecordSanction, "enregistrer une décision de la commission de discipline du baccalauréat"},
	{IdentifySubject, "conserver l’identité de la personne sanctionnée avec la sanction"},
	{ReadSanctions, "lire les sanctions de la commission et les noms des personnes sanctionnées"},
	{DecideSchoolSanctions, "autoriser les sanctions d’établissement, en nommant le texte qui les prévoit, ou y mettre fin"},
	{RecordSchoolSanction, "enregistrer une sanction d’établissement, si un texte les autorise"},
	{LoadNomenclature, "charger une nomenclature du ministère"},
	{MoveCalendar, "avancer ou reculer l’ouverture d’une série dans l’académie"},
	{OfferService, "proposer aux familles le livret en ligne, ou ne pas le proposer"},
	{ProclaimSession, "enregistrer la proclamation des résultats d’une session"},
	{StartClock, "faire courir les durées de conservation"},
	{ArchiveKeys, "placer en archivage intermédiaire les clés des livrets qui quittent le service courant"},
	{NoteJury, "noter devant quel jury un livret est venu"},
	{PlaceHold, "geler un livret le temps d’une procédure"},
	{ReleaseHold, "lever un gel"},
	{GiveEliminationVisa, "enregistrer un visa d’élimination ou une autorisation permanente, ou la révoquer"},
	{DecideVersement, "décider un versement aux archives et enregistrer leur accusé de réception"},
	{DecideSanctionHolds, "décider si un gel peut conserver une sanction"},
	{DestroyKeys, "détruire les clés des livrets échus, visés et non gelés"},
	{RotateKeys, "renouveler la clé d’enveloppe"},
	{KeepCustody, "créer ou détruire une paire de garde, confier des clés à une garde"},
	{BackUp, "sauvegarder le registre"},
	{AttestCheckpoint, "faire dater et contresigner l’état du registre par des tiers"},
	{ListPupils, "chercher un élève dans une liste"},
	{ReadTeaching, "lire un enseignement et ses élèves"},
	{ReadFamilyView, "lire le livret nominatif"},
	{PrintLivret, "télécharger et imprimer le livret, avec son code de vérification"},
	{ReadHistory, "lire l’historique des écritures et des corrections"},
	{ReplayPast, "rejouer ce que la famille ou le jury voyait d’un livret à un instant, avec ses preuves"},
	{ReadJuryView, "lire le dossier pseudonyme d’un candidat"},
	{ReadCandidateLink, "rapprocher un numéro de candidat et un livret"},
	{ReadSession, "suivre les jurys et les délibérations d’une session"},
	{ReadStatistics, "lire les statistiques publiées"},
	{ReadConsultations, "lire le journal des consultations"},
	{ReadRequests, "lire les demandes des familles, et savoir qui n’a jamais consulté"},
	{ReadPaperDue, "savoir à qui un livret sur papier est dû"},
	{ExportPersonal, "remettre une copie de toutes les données d’un élève"},
	{ReadRetention, "lire les échéances et les certificats de destruction"},
	{ReadHolds, "lire qui a demandé un gel, et pourquoi"},
	{RequestArchive, "demander l’archive probatoire d’un livret, pour une procédure"},
	{ReadRequestFiles, "lire qui a demandé une archive probatoire, et pourquoi"},
	{ReplayViews, "reconstruire les vues"},
	{CheckLedger, "vérifier le registre"},
}

// Acts lists all acts, in the order in which documents name them.
func Acts() []Act {
	all := make([]Act, len(acts))
	for i, a := range acts {
		all[i] = a.act
	}
	return all
}

// Label is the French name of the act, for screens and documents.
func (a Act) Label() string {
	for _, known := range acts {
		if known.act == a {
			return known.label
		}
	}
	return string(a)
}

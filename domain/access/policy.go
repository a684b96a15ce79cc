package access

// The texts that lines come from. The arrêté of 8 February 2016 replaces that of 13 October 2014; the
// articles quoted are those of 2014, which could be read whole, and its successor widens them.
const (
	consultation2014 = "arrêté du 13 octobre 2014, art. 1er"
	categories2014   = "arrêté du 13 octobre 2014, art. 2"
	recipients2014   = "arrêté du 13 octobre 2014, art. 3"
	rights2014       = "arrêté du 13 octobre 2014, art. 4"
	jury2016         = "arrêté du 8 février 2016 : membres du jury, sans nom, prénom ni établissement"
	statistics2016   = "arrêté du 8 février 2016 : service statistique académique, informations non nominatives"
	optional2016     = "arrêté du 8 février 2016 : téléservice facultatif"
	visa             = "Code de l’éducation, art. D. 334-10"
	sovereignJury    = "Code de l’éducation, art. D. 334-20"
	art19            = "RGPD, art. 19"
	byPaper          = ourDecision + " : report de ce que le président a porté sur le dossier imprimé"
	byOrderOfHead    = ourDecision + " : exécution technique à la demande du chef d’établissement"
	byOrderOfDEC     = ourDecision + " : exécution technique à la demande de la division des examens"
	closing2016      = "arrêté du 8 février 2016 : à la clôture des délibérations"
	opposition2015   = "CNIL, délibération 2015-337 : droit d’opposition"
	paper2015        = "CNIL, délibération 2015-337 : livret sur papier à la proclamation"
	access15         = "RGPD, art. 15"
	rectification16  = "RGPD, art. 16"
	restriction18    = "RGPD, art. 18"
	retention2016    = "arrêté du 8 février 2016, art. 9"
	model2012        = "arrêté du 30 mars 2012, modèle du livret"
	sanctions2016    = "arrêté du 13 octobre 2014, art. 2 ; arrêté du 8 février 2016, art. 9"
	headGuide        = "guide du LSL pour les chefs d’établissement"
	elimination      = "Code du patrimoine, art. R. 212-14"
	versementLaw     = "Code du patrimoine, art. L. 212-4"
	needToKnow       = "RGPD, art. 5-1 c) et 25 : moindre privilège"
	proof1366        = "Code civil, art. 1366 : intégrité garantie"
	ourDecision      = "choix du registre, à valider par le responsable de traitement"
)

// onPaper is added where the head records what a family told him otherwise than on line.
const onPaper = " ; demande reçue sur papier"

var policy = []Line{
	{ImportFiles, ChefEtablissement, OwnSchool, headGuide},
	{ImportFiles, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande du chef d’établissement"},
	{RecordIdentity, ChefEtablissement, OwnSchool, rights2014},
	{RecordSchooling, ChefEtablissement, OwnSchool, headGuide},
	{OrderTransfer, ChefEtablissement, OwnSchool, ourDecision + " : l’établissement que l’élève quitte délivre l’exeat"},
	{OrderTransfer, DEC, OwnAcademie, ourDecision + " : à défaut de l’établissement"},
	{OrderTransfer, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande du chef d’établissement"},

	{RecordAverage, Enseignant, OwnTeaching, categories2014},
	{RecordAverage, ProfesseurPrincipal, OwnTeaching, categories2014},
	{CorrectAverage, ChefEtablissement, OwnSchool, headGuide},
	{AssessCompetence, Enseignant, OwnTeaching, model2012},
	{AssessCompetence, ProfesseurPrincipal, OwnTeaching, model2012},
	{AssessCompetence, ChefEtablissement, OwnSchool, headGuide},
	{WriteAppreciation, Enseignant, OwnTeaching, model2012},
	{WriteAppreciation, ProfesseurPrincipal, OwnTeaching, model2012},
	{WriteAppreciation, ChefEtablissement, OwnSchool, headGuide},

	{DeclareEngagement, CPE, OwnSchool, model2012},
	{WriteObservationCPE, CPE, OwnSchool, model2012},
	{WriteObservationTeam, ProfesseurPrincipal, OwnDivision, model2012},
	{WriteObservationHead, ChefEtablissement, OwnSchool, model2012},
	{DecideScreening, Enseignant, OwnTeaching, categories2014},
	{DecideScreening, ProfesseurPrincipal, OwnTeaching, categories2014},
	{DecideScreening, ProfesseurPrincipal, OwnDivision, categories2014},
	{DecideScreening, CPE, OwnSchool, categories2014},
	{DecideScreening, ChefEtablissement, OwnSchool, categories2014},

	{IssueAvis, ProfesseurPrincipal, OwnDivision, model2012 + " : au nom de l’équipe pédagogique"},
	{IssueAvis, ChefEtablissement, OwnSchool, model2012 + " : au nom du conseil de classe qu’il préside"},
	{AttestB2i, ChefEtablissement, OwnSchool, categories2014},
	{LockPeriod, ChefEtablissement, OwnSchool, headGuide},
	{LockPeriod, Exploitant, WholeLedger, byOrderOfHead},
	{UnlockPeriod, ChefEtablissement, OwnSchool, headGuide},
	{GiveHeadVisa, ChefEtablissement, OwnSchool, model2012},
	{GiveHeadVisa, Exploitant, WholeLedger, byOrderOfHead},

	{AcknowledgeLivret, Eleve, OwnLivret, consultation2014},
	{AcknowledgeLivret, ResponsableLegal, OwnMinor, consultation2014 + " ; " + recipients2014},
	{RequestRectification, Eleve, OwnLivret, rights2014 + " ; " + rectification16},
	{RequestRectification, ResponsableLegal, OwnMinor, rights2014 + " ; " + rectification16},
	{RequestRectification, ChefEtablissement, OwnSchool, rights2014 + onPaper},
	{DecideRectification, ChefEtablissement, OwnSchool, rights2014},
	{OpposeTransmission, Eleve, OwnLivretOfAge, opposition2015},
	{OpposeTransmission, ResponsableLegal, OwnMinor, opposition2015},
	{OpposeTransmission, ChefEtablissement, OwnSchool, opposition2015 + onPaper},
	{RestrictProcessing, ChefEtablissement, OwnSchool, restriction18},
	{RestrictProcessing, DEC, OwnAcademie, restriction18},
	{RefuseOnlineService, Eleve, OwnLivretOfAge, optional2016},
	{RefuseOnlineService, ResponsableLegal, OwnMinor, optional2016},
	{RefuseOnlineService, ChefEtablissement, OwnSchool, optional2016 + onPaper},
	{HandOverPaper, ChefEtablissement, OwnSchool, paper2015},

	{RegisterCandidate, DEC, OwnAcademie, recipients2014},
	{RegisterCandidate, Exploitant, WholeLedger, byOrderOfDEC},
	{RegisterCandidate, Systeme, WholeLedger, ourDecision + " : le registre tire les numéros au hasard"},
	{TransmitLivret, ChefEtablissement, OwnSchool, headGuide},
	{TransmitLivret, Exploitant, WholeLedger, byOrderOfHead},
	{OpenSession, DEC, OwnAcademie, recipients2014},
	{OpenSession, Exploitant, WholeLedger, byOrderOfDEC},
	{FormJury, DEC, OwnAcademie, recipients2014},
	{FormJury, Exploitant, WholeLedger, byOrderOfDEC},
	{RecordSitting, PresidentJury, OwnJury, sovereignJury},
	{RecordSitting, DEC, OwnAcademie, byPaper},
	{RecordSitting, Exploitant, WholeLedger, byOrderOfDEC},
	{AssignJury, DEC, OwnAcademie, recipients2014},
	{AssignJury, Exploitant, WholeLedger, byOrderOfDEC},
	{ExamineLivret, PresidentJury, OwnJury, visa},
	{ExamineLivret, DEC, OwnAcademie, byPaper},
	{ExamineLivret, Exploitant, WholeLedger, byOrderOfDEC},
	{GivePresidentVisa, PresidentJury, OwnJury, visa},
	{GivePresidentVisa, DEC, OwnAcademie, byPaper},
	{GivePresidentVisa, Exploitant, WholeLedger, byOrderOfDEC},
	{NotifyJury, Systeme, WholeLedger, art19},
	{RecordResult, PresidentJury, OwnJury, sovereignJury},
	{RecordResult, DEC, OwnAcademie, sovereignJury},
	{RecordResult, Exploitant, WholeLedger, byOrderOfDEC},
	{ReopenDeliberation, DEC, OwnAcademie, "Code de l’éducation, art. D. 334-34 ; décision d’une juridiction"},
	{ReopenDeliberation, Exploitant, WholeLedger, byOrderOfDEC},
	{CloseDeliberations, DEC, OwnAcademie, sovereignJury},
	{CloseDeliberations, Exploitant, WholeLedger, byOrderOfDEC},
	{PublishStatistics, Statisticien, OwnAcademie, statistics2016},
	{PublishStatistics, Systeme, WholeLedger, statistics2016 + " : arrêtées avant la fin des clés"},
	{ExportStatistics, Statisticien, OwnAcademie, statistics2016 + " ; " + ourDecision},
	{FreezeStatistics, Systeme, WholeLedger, statistics2016 + " : figées avant la fin des clés"},
	{MaskPassages, Systeme, WholeLedger, recipients2014 + " : données strictement anonymes"},
	{FreezeAvisShares, Systeme, WholeLedger, model2012},
	{RecordKey, Systeme, WholeLedger, retention2016},
	{RecordConsultation, Systeme, WholeLedger, retention2016},

	{RecordSanction, DEC, OwnAcademie, sanctions2016},
	{RecordSanction, Exploitant, WholeLedger, byOrderOfDEC},
	{IdentifySubject, Systeme, WholeLedger, sanctions2016 + " : une sanction survit au livret et dit encore de qui elle est"},
	{ReadSanctions, DEC, OwnAcademie, recipients2014},
	{DecideSchoolSanctions, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande du responsable de traitement"},
	{RecordSchoolSanction, ChefEtablissement, OwnSchool, "Code de l’éducation, art. R. 511-13 et R. 511-13-1, si un texte nommé l’autorise"},

	{LoadNomenclature, DEC, OwnAcademie, ourDecision},
	{LoadNomenclature, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande de l’académie"},
	{MoveCalendar, DEC, OwnAcademie, ourDecision + " : l’académie règle le déploiement"},
	{MoveCalendar, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande de l’académie"},
	{OfferService, ChefEtablissement, OwnSchool, optional2016},
	{OfferService, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande du chef d’établissement"},

	{ProclaimSession, DEC, OwnAcademie, retention2016 + " : les durées courent de la proclamation"},
	{ProclaimSession, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande de la division des examens"},
	{StartClock, Systeme, WholeLedger, retention2016},
	{ArchiveKeys, Systeme, WholeLedger, retention2016 + " : deux mois au plus après la proclamation"},
	{NoteJury, Systeme, WholeLedger, ourDecision + " : un recours peut viser tout un jury"},
	{PlaceHold, DEC, OwnAcademie, retention2016 + " : recours ; RGPD, art. 18-1 c)"},
	{PlaceHold, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande de la division des examens"},
	{ReleaseHold, DEC, OwnAcademie, retention2016 + " : fin de la procédure"},
	{ReleaseHold, Exploitant, WholeLedger, ourDecision + " : exécution technique à la demande de la division des examens"},
	{PlaceHold, Systeme, WholeLedger, ourDecision + " : le registre achève un gel interrompu"},
	{ReleaseHold, Systeme, WholeLedger, ourDecision + " : le registre achève une levée interrompue"},
	{ReadHolds, DEC, OwnAcademie, retention2016 + " : suivi des recours"},
	{GiveEliminationVisa, Archives, OwnAcademie, elimination},
	{GiveEliminationVisa, Exploitant, WholeLedger, ourDecision + " : saisie de la référence du bordereau visé"},
	{DecideVersement, Archives, OwnAcademie, versementLaw},
	{DecideVersement, Exploitant, WholeLedger, ourDecision + " : saisie de la référence du bordereau de versement"},
	{DecideSanctionHolds, DEC, OwnAcademie, retention2016 + " : exception du recours non répétée pour les sanctions"},
	{DecideSanctionHolds, Exploitant, WholeLedger, ourDecision + " : exécution technique d’une décision du responsable de traitement"},
	{DestroyKeys, Exploitant, WholeLedger, retention2016 + " ; " + elimination},
	{RotateKeys, Exploitant, WholeLedger, retention2016},
	{RotateKeys, Systeme, WholeLedger, retention2016 + " : chaque jour"},
	{KeepCustody, Exploitant, WholeLedger, retention2016 + " : archivage intermédiaire"},
	{BackUp, Exploitant, WholeLedger, "RGPD, art. 32-1 c)"},
	{AttestCheckpoint, Exploitant, WholeLedger, proof1366},
	{AttestCheckpoint, Systeme, WholeLedger, proof1366 + " : chaque jour"},

	{ListPupils, ChefEtablissement, OwnSchool, recipients2014},
	{ListPupils, CPE, OwnSchool, recipients2014},
	{ListPupils, ProfesseurPrincipal, OwnDivision, recipients2014},
	{ListPupils, ProfesseurPrincipal, OwnTeaching, recipients2014},
	{ListPupils, Enseignant, OwnTeaching, recipients2014},
	{ReadTeaching, ChefEtablissement, OwnSchool, recipients2014},
	{ReadTeaching, ProfesseurPrincipal, OwnTeaching, recipients2014},
	{ReadTeaching, Enseignant, OwnTeaching, recipients2014 + " ; " + needToKnow},

	{ReadFamilyView, Eleve, OwnLivret, consultation2014},
	{ReadFamilyView, ResponsableLegal, OwnMinor, recipients2014 + " ; Code civil, art. 414"},
	{ReadFamilyView, ChefEtablissement, OwnSchool, recipients2014},
	{ReadFamilyView, CPE, OwnSchool, recipients2014},
	{ReadFamilyView, ProfesseurPrincipal, OwnDivision, recipients2014},
	{PrintLivret, Eleve, OwnLivret, closing2016},
	{PrintLivret, ResponsableLegal, OwnMinor, closing2016},
	{PrintLivret, ChefEtablissement, OwnSchool, paper2015},
	{ReadHistory, ChefEtablissement, OwnSchool, rights2014},
	{ReadHistory, Auditeur, OwnAcademie, ourDecision},
	{ReplayPast, Auditeur, OwnAcademie, ourDecision + " : établir ce que le jury a examiné (Code de l’éducation, art. D. 334-10) en cas de recours"},

	{ReadJuryView, PresidentJury, OwnJury, recipients2014},
	{ReadJuryView, VicePresidentJury, OwnJury, recipients2014},
	{ReadJuryView, ChefCentre, OwnSession, recipients2014},
	{ReadJuryView, MembreJury, OwnJury, jury2016},
	{ReadCandidateLink, DEC, OwnAcademie, recipients2014},
	{ReadSession, DEC, OwnAcademie, recipients2014},
	{ReadSession, Exploitant, WholeLedger, byOrderOfDEC},
	{ReadStatistics, Statisticien, OwnAcademie, statistics2016},
	{ReadConsultations, Eleve, OwnLivret, access15},
	{ReadConsultations, ResponsableLegal, OwnMinor, access15},
	{ReadConsultations, Auditeur, OwnAcademie, ourDecision},
	{ReadRequests, ChefEtablissement, OwnSchool, rights2014},
	{ReadPaperDue, ChefEtablissement, OwnSchool, paper2015},
	{ReadPaperDue, Exploitant, WholeLedger, ourDecision + " : des identifiants, aucun nom"},
	{ExportPersonal, Eleve, OwnLivret, access15},
	{ExportPersonal, ResponsableLegal, OwnMinor, access15},
	{ExportPersonal, ChefEtablissement, OwnSchool, rights2014 + " ; " + access15},

	{ReadRetention, DEC, OwnAcademie, retention2016},
	{ReadRetention, Archives, OwnAcademie, elimination},
	{ReadRetention, Auditeur, OwnAcademie, ourDecision},
	{ReadRetention, Exploitant, WholeLedger, ourDecision + " : aucun contenu ne lui est montré"},
	{RequestArchive, DEC, OwnAcademie, retention2016 + " : recours ; RGPD, art. 18-2 : défense de droits en justice"},
	{RequestArchive, Exploitant, WholeLedger, byOrderOfDEC},
	{ReadRequestFiles, DEC, OwnAcademie, retention2016 + " : suivi des recours"},
	{ReadRequestFiles, Auditeur, OwnAcademie, ourDecision + " : contrôle de ce qui sort du registre"},
	{ReplayViews, Exploitant, WholeLedger, ourDecision + " : aucun contenu ne lui est montré"},
	{CheckLedger, Exploitant, WholeLedger, ourDecision + " : aucun contenu ne lui est montré"},
	{CheckLedger, Auditeur, OwnAcademie, ourDecision},
}

// Package record is one pupil's livret: averages, group figures, compétences, appréciations, engagements,
// observations, avis, locks and visas, and what the pupil and his family ask and declare about it. It knows pupils and staff by random ids only; names are facts of
// package identity.
package record

import "livret/domain"

// Category is the stream category of livrets: record-<livret>.
const Category = "record"

// Engagement is the code of a responsibility: C class delegate, V conseil de la vie lycéenne, A conseil
// d'administration, E comité d'éducation à la santé et à la citoyenneté, S association sportive.
type Engagement string

// Observation is the kind of a signed text of a year.
type Observation string

// The three signed texts of a year.
const (
	ObservationCPE  Observation = "cpe"  // on engagements (avisEngagement)
	ObservationTeam Observation = "team" // on investment and part in school life (avisInvestissement)
	ObservationHead Observation = "head" // visa and observations of the chef d'établissement (avisChefEtab)
)

// Avis is the team's opinion in view of the exam.
type Avis string

// The four avis of the exchange schema; the paper model of 2012 has no A.
const (
	TresFavorable   Avis = "T"
	Favorable       Avis = "F"
	AssezFavorable  Avis = "A"
	FaireSesPreuves Avis = "D"
)

// ScreeningDecision is what a human decided on a screened text.
type ScreeningDecision string

// The human keeps the text as it is, or has rewritten it.
const (
	TextKept      ScreeningDecision = "kept"
	TextRewritten ScreeningDecision = "rewritten"
)

// Events is the catalogue of what may stand in a record stream.
func Events() []domain.Kind {
	return []domain.Kind{
		domain.Define[LivretOpened](1),
		domain.Define[SchoolingRecorded](1),
		domain.Define[TransferOrdered](1),
		domain.Define[PeriodsSet](1),
		domain.Define[AverageRecorded](1),
		domain.Define[AverageCorrected](1),
		domain.Define[AnnualAverageRecorded](1),
		domain.Define[GroupFiguresRecorded](1),
		domain.Define[CompetenceAssessed](1),
		domain.Define[AppreciationWritten](1),
		domain.Define[TeachersNamed](1),
		domain.Define[EngagementDeclared](1),
		domain.Define[OtherEngagementDeclared](1),
		domain.Define[ObservationWritten](1),
		domain.Define[AvisIssued](1),
		domain.Define[AvisSharesFrozen](1),
		domain.Define[B2iAttested](1),
		domain.Define[PeriodLocked](1),
		domain.Define[PeriodUnlocked](1),
		domain.Define[HeadVisaGiven](1),
		domain.Define[FreeTextScreened](1),
		domain.Define[PassagesMasked](1),
		domain.Define[LivretAcknowledged](1),
		domain.Define[RectificationRequested](1),
		domain.Define[RectificationGranted](1),
		domain.Define[RectificationRefused](1),
		domain.Define[TransmissionOpposed](1),
		domain.Define[OppositionWithdrawn](1),
		domain.Define[ProcessingRestricted](1),
		domain.Define[RestrictionLifted](1),
		domain.Define[OnlineServiceRefused](1),
		domain.Define[OnlineServiceAccepted](1),
		domain.Define[PaperLivretHandedOver](1),
	}
}

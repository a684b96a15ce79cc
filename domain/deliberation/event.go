// Package deliberation is the exam side: sessions, juries, candidates, and what a jury does with a livret.
//
// A candidate stream says when the livret was transmitted, which version of it a jury examined and its president
// signed, and what the jury decided: the dated facts that courts ask for. Nothing in it is computed from marks.
package deliberation

import "livret/domain"

// Category is the stream category of candidates, candidate-<random>.
const Category = "candidate"

// Events is the catalogue of what may stand in a candidate, publication, aggregate, session or jury stream.
func Events() []domain.Kind {
	return []domain.Kind{
		domain.Define[CandidateRegistered](1), domain.Define[LivretTransmitted](1), domain.Define[JuryAssigned](1),
		domain.Define[LivretExamined](1), domain.Define[PresidentVisaGiven](1), domain.Define[RectificationNotified](1),
		domain.Define[ResultRecorded](1), domain.Define[OrientationProposed](1), domain.Define[DeliberationReopened](1),
		domain.Define[StatisticsPublished](1), domain.Define[AggregatesFrozen](1),
		domain.Define[SessionOpened](1), domain.Define[DeliberationsClosed](1), domain.Define[SessionProclaimed](1),
		domain.Define[JuryFormed](1), domain.Define[JurorNamed](1), domain.Define[JurorWithdrawn](1), domain.Define[SittingHeld](1),
	}
}

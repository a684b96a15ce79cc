package ledger

import (
	"slices"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/attestation"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/deployment"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/domain/sanction"
)

// leadsTo tells whether what package access allowed may lead to a fact: an order to enter marks that would lock
// a livret is not what was allowed. An event that is not listed is nobody's.
func leadsTo(act access.Act, event domain.Event) bool {
	return slices.Contains(actsOf(event), act)
}

func actsOf(event domain.Event) []access.Act {
	switch e := event.(type) {
	case record.LivretOpened, record.SchoolingRecorded, record.PeriodsSet, record.GroupFiguresRecorded, record.TeachersNamed:
		return []access.Act{access.ImportFiles, access.RecordSchooling}
	case record.TransferOrdered:
		return []access.Act{access.OrderTransfer}
	case record.AverageRecorded, record.AnnualAverageRecorded:
		return []access.Act{access.ImportFiles, access.RecordAverage}
	case record.AverageCorrected:
		return []access.Act{access.CorrectAverage, access.DecideRectification}
	case record.CompetenceAssessed:
		return []access.Act{access.ImportFiles, access.AssessCompetence}
	case record.AppreciationWritten:
		return []access.Act{access.ImportFiles, access.WriteAppreciation, access.DecideRectification}
	case record.EngagementDeclared, record.OtherEngagementDeclared:
		return []access.Act{access.ImportFiles, access.DeclareEngagement}
	case record.ObservationWritten:
		return []access.Act{access.ImportFiles, observing[e.Kind]}
	case record.FreeTextScreened:
		return []access.Act{access.DecideScreening}
	case record.AvisIssued:
		return []access.Act{access.ImportFiles, access.IssueAvis}
	case record.B2iAttested:
		return []access.Act{access.ImportFiles, access.AttestB2i}
	case record.PeriodLocked:
		return []access.Act{access.LockPeriod}
	case record.PeriodUnlocked:
		return []access.Act{access.UnlockPeriod}
	case record.HeadVisaGiven:
		return []access.Act{access.GiveHeadVisa}
	case record.LivretAcknowledged:
		return []access.Act{access.AcknowledgeLivret}
	case record.RectificationRequested:
		return []access.Act{access.RequestRectification}
	case record.RectificationGranted, record.RectificationRefused:
		return []access.Act{access.DecideRectification}
	case record.TransmissionOpposed, record.OppositionWithdrawn:
		return []access.Act{access.OpposeTransmission}
	case record.ProcessingRestricted, record.RestrictionLifted:
		return []access.Act{access.RestrictProcessing}
	case record.OnlineServiceRefused, record.OnlineServiceAccepted:
		return []access.Act{access.RefuseOnlineService}
	case record.PaperLivretHandedOver:
		return []access.Act{access.HandOverPaper}
	case record.AvisSharesFrozen:
		return []access.Act{access.FreezeAvisShares}
	case record.PassagesMasked:
		return []access.Act{access.MaskPassages}
	case identity.CivilIdentityRecorded, identity.INERecorded, identity.SiecleIDRecorded, identity.GuardianRecorded,
		identity.GuardianRemoved, identity.SchoolAttended, identity.StaffIdentified:
		return []access.Act{access.ImportFiles, access.RecordIdentity}
	case deliberation.CandidateRegistered:
		return []access.Act{access.RegisterCandidate}
	case deliberation.LivretTransmitted:
		return []access.Act{access.TransmitLivret}
	case deliberation.SessionOpened:
		return []access.Act{access.OpenSession}
	case deliberation.JuryFormed, deliberation.JurorNamed, deliberation.JurorWithdrawn:
		return []access.Act{access.FormJury}
	case deliberation.SittingHeld:
		return []access.Act{access.RecordSitting}
	case deliberation.JuryAssigned:
		return []access.Act{access.AssignJury}
	case deliberation.LivretExamined:
		return []access.Act{access.ExamineLivret}
	case deliberation.PresidentVisaGiven:
		return []access.Act{access.GivePresidentVisa}
	case deliberation.RectificationNotified:
		return []access.Act{access.NotifyJury}
	case deliberation.ResultRecorded, deliberation.OrientationProposed:
		return []access.Act{access.RecordResult}
	case deliberation.DeliberationReopened:
		return []access.Act{access.ReopenDeliberation}
	case deliberation.DeliberationsClosed:
		return []access.Act{access.CloseDeliberations}
	case deliberation.StatisticsPublished:
		return []access.Act{access.PublishStatistics}
	case deliberation.AggregatesFrozen:
		return []access.Act{access.FreezeStatistics}
	case deployment.NomenclatureLoaded:
		return []access.Act{access.LoadNomenclature}
	case deployment.CalendarMoved:
		return []access.Act{access.MoveCalendar}
	case deployment.ServiceDeclined, deployment.ServiceOffered:
		return []access.Act{access.OfferService}
	case retention.KeyCreated:
		return []access.Act{access.RecordKey}
	case deliberation.SessionProclaimed:
		return []access.Act{access.ProclaimSession}
	case retention.ClockStarted, retention.ClockPresumed, retention.TermSet:
		return []access.Act{access.StartClock}
	case retention.KeysArchived:
		return []access.Act{access.ArchiveKeys}
	case retention.JuryNoted:
		return []access.Act{access.NoteJury}
	case retention.HoldOpened, retention.HoldAcknowledged, retention.HoldPlaced, retention.DestructionCancelled:
		return []access.Act{access.PlaceHold}
	case retention.HoldClosed, retention.HoldReleased:
		return []access.Act{access.ReleaseHold}
	case retention.EliminationVisaGiven, retention.EliminationAuthorised, retention.AuthorisationRevoked:
		return []access.Act{access.GiveEliminationVisa}
	case retention.VersementDecided, retention.VersementAcknowledged:
		return []access.Act{access.DecideVersement}
	case retention.SanctionHoldsDecided:
		return []access.Act{access.DecideSanctionHolds}
	case retention.DestructionRequested, retention.DestructionBegun, retention.KeysDestroyed, retention.CertificateIssued:
		return []access.Act{access.DestroyKeys}
	case sanction.ProceedingsOpened, sanction.ProceedingsDropped, sanction.SanctionPronounced, sanction.LivretLinked,
		sanction.PaperVoided, sanction.SanctionAmended, sanction.SursisRevoked, sanction.SanctionAnnulled:
		return []access.Act{access.RecordSanction}
	case sanction.SchoolSanctionPronounced, sanction.SchoolSanctionLifted:
		return []access.Act{access.RecordSchoolSanction}
	case deployment.SchoolSanctionsEnabled, deployment.SchoolSanctionsRevoked:
		return []access.Act{access.DecideSchoolSanctions}
	case identity.SubjectIdentified:
		return []access.Act{access.IdentifySubject}
	case retention.WrappingKeyRotated, retention.WrappingKeyDestroyed, retention.CustodyPairCreated, retention.CustodyPairDestroyed:
		return []access.Act{access.RotateKeys, access.KeepCustody}
	case attestation.CheckpointTimestamped:
		return []access.Act{access.AttestCheckpoint}
	case consultation.LivretConsulted:
		return []access.Act{access.RecordConsultation}
	case consultation.ArchiveRequested, consultation.ArchiveMade:
		return []access.Act{access.RequestArchive, access.DecideVersement}
	}
	return nil
}

var observing = map[record.Observation]access.Act{
	record.ObservationCPE:  access.WriteObservationCPE,
	record.ObservationTeam: access.WriteObservationTeam,
	record.ObservationHead: access.WriteObservationHead,
}

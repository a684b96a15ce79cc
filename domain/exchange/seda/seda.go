// Package seda is what is exchanged with the archives when they keep livrets for good: the ArchiveTransfer that
// accompanies what is handed over, and the ArchiveTransferReply that acknowledges it, in the standard d'échange de
// données pour l'archivage, version 2.2 (SIAF, 2022; NF Z44-022, ISO 20614).
//
// The transfer is a minimal one: it names services and rules by the identifiers that an archival agreement gives them,
// livrets by their random ids, and no pupil at all. Who a livret is of stands in what is handed over.
package seda

import (
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/exchange"
)

// Namespace is that of the version that is written. A reply may be of any version 2.
const Namespace = "fr:gouv:culture:archivesdefrance:seda:v2.2"

// Algorithm is that of the digests, as the standard names it.
const Algorithm = "SHA-256"

// Transfer is a message ArchiveTransfer.
type Transfer struct {
	Identifier string // of the message: the reply quotes it
	Date       time.Time
	Agreement  string // archival agreement; empty: none
	Archives   string // identifier of the service that receives
	Producer   string // identifier of the service of which these are the archives, and which hands them over
	Reference  string // of the decision, or of the bordereau
	Session    string // of the exam, "2018-juin"
	AccessRule string // of the agreement, counted from the proclamation; empty: that of the agreement by default
	Livrets    []Livret
}

// Livret is what is handed over of one: a file beside the message.
type Livret struct {
	ID     uuid.UUID
	Digest string // SHA-256, in lower-case hexadecimal
	Bytes  int64
	From   domain.Date // the proclamation that its clock counts from
}

// File is where the file of a livret stands, beside the message.
func File(livret uuid.UUID) string { return "content/" + livret.String() + ".zip" }

// Write writes the message. What it writes first is what the schema has first: sequences are ordered.
func (t Transfer) Write(w io.Writer) error {
	x := exchange.Create(w, exchange.UTF8, 0)
	x.Open("ArchiveTransfer", "xmlns", Namespace)
	x.Leaf("Comment", "Versement "+t.Reference)
	x.Leaf("Date", t.Date.UTC().Format("2006-01-02T15:04:05Z"))
	x.Leaf("MessageIdentifier", t.Identifier)
	if t.Agreement != "" {
		x.Leaf("ArchivalAgreement", t.Agreement)
	}
	x.Open("CodeListVersions")
	x.Leaf("MessageDigestAlgorithmCodeListVersion", Algorithm)
	x.Leaf("MimeTypeCodeListVersion", "IANA")
	x.Leaf("FileFormatCodeListVersion", "PRONOM")
	x.Close()
	x.Open("DataObjectPackage")
	for _, l := range t.Livrets {
		l.object(x)
	}
	x.Open("DescriptiveMetadata")
	t.units(x)
	x.Close()
	x.Open("ManagementMetadata")
	x.Leaf("LegalStatus", "Public Archive")
	x.Leaf("OriginatingAgencyIdentifier", t.Producer)
	x.Leaf("SubmissionAgencyIdentifier", t.Producer)
	x.Open("AppraisalRule")
	x.Leaf("FinalAction", "Keep")
	x.Close()
	x.Close()
	x.Close()
	agency(x, "ArchivalAgency", t.Archives)
	agency(x, "TransferringAgency", t.Producer)
	x.Close()
	return x.End()
}

func agency(x *exchange.Writer, name, identifier string) {
	x.Open(name)
	x.Leaf("Identifier", identifier)
	x.Close()
}

// The ids of a livret in the message, where they must be names of XML.
func (l Livret) objectID() string { return "objet-" + l.ID.String() }
func (l Livret) groupID() string  { return "groupe-" + l.ID.String() }

// object says which file it is, and its digest.
func (l Livret) object(x *exchange.Writer) {
	x.Open("DataObjectGroup", "id", l.groupID())
	x.Open("BinaryDataObject", "id", l.objectID())
	x.Leaf("DataObjectVersion", "BinaryMaster_1")
	x.Leaf("Uri", File(l.ID))
	x.Leaf("MessageDigest", l.Digest, "algorithm", Algorithm)
	x.Leaf("Size", strconv.FormatInt(l.Bytes, 10))
	x.Open("FormatIdentification")
	x.Leaf("FormatLitteral", "ZIP Format")
	x.Leaf("MimeType", "application/zip")
	x.Leaf("FormatId", "x-fmt/263")
	x.Close()
	x.Open("FileInfo")
	x.Leaf("Filename", l.ID.String()+".zip")
	x.Close()
	x.Close()
	x.Close()
}

// units describe the livrets, below a unit for their session.
func (t Transfer) units(x *exchange.Writer) {
	x.Open("ArchiveUnit", "id", "session")
	x.Open("Content")
	x.Leaf("DescriptionLevel", "RecordGrp")
	x.Leaf("Title", "Livrets scolaires du lycée, session "+t.Session)
	x.Leaf("Description", "Archives probatoires au format BagIt (RFC 8493)\u00a0: la copie lisible de chaque livret, les actes du jury, et les preuves d’intégrité, vérifiables sans clé.")
	x.Leaf("Language", "fra")
	x.Close()
	for _, l := range t.Livrets {
		x.Open("ArchiveUnit", "id", "livret-"+l.ID.String())
		if t.AccessRule != "" {
			x.Open("Management")
			x.Open("AccessRule")
			x.Leaf("Rule", t.AccessRule)
			x.Leaf("StartDate", l.From.String())
			x.Close()
			x.Close()
		}
		x.Open("Content")
		x.Leaf("DescriptionLevel", "Item")
		x.Leaf("Title", "Livret scolaire du lycée")
		x.Leaf("OriginatingAgencyArchiveUnitIdentifier", l.ID.String())
		x.Leaf("EndDate", l.From.String())
		x.Close()
		x.Open("DataObjectReference")
		x.Leaf("DataObjectGroupReferenceId", l.groupID())
		x.Close()
		x.Close()
	}
	x.Close()
}

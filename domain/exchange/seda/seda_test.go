package seda_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/exchange/seda"
)

// order is what the official schemas of SEDA 2.2 (seda-2.2-main, -management, -technical, and the descriptive group) allow
// inside the elements that are written, in their order; "*" marks what may come more than once, "!" what must come. It was
// read from the schemas, and stands for them: a validation against the schemas themselves is not part of this test.
var order = map[string][]string{
	"ArchiveTransfer": {"Comment*", "Date!", "MessageIdentifier!", "Signature", "ArchivalAgreement", "CodeListVersions!", "DataObjectPackage",
		"RelatedTransferReference*", "TransferRequestReplyIdentifier", "ArchivalAgency!", "TransferringAgency!"},
	"CodeListVersions": {"ReplyCodeListVersion", "MessageDigestAlgorithmCodeListVersion!", "MimeTypeCodeListVersion", "EncodingCodeListVersion", "FileFormatCodeListVersion",
		"CompressionAlgorithmCodeListVersion", "DataObjectVersionCodeListVersion"},
	"DataObjectPackage": {"DataObjectGroup*", "DescriptiveMetadata!", "ManagementMetadata!"},
	"DataObjectGroup":   {"BinaryDataObject*", "LogBook"},
	"BinaryDataObject": {"DataObjectProfile", "DataObjectSystemId", "DataObjectGroupSystemId", "Relationship*", "DataObjectGroupReferenceId", "DataObjectVersion", "Uri",
		"MessageDigest!", "Size", "Compressed", "FormatIdentification", "FileInfo", "Metadata", "OtherMetadata"},
	"FormatIdentification": {"FormatLitteral", "MimeType", "FormatId", "Encoding"},
	"FileInfo":             {"Filename!"},
	"DescriptiveMetadata":  {"ArchiveUnit*"},
	"ArchiveUnit":          {"ArchiveUnitProfile", "Management", "Content!", "ArchiveUnit*", "DataObjectReference*"},
	"Management":           {"StorageRule", "AppraisalRule", "AccessRule"},
	"AccessRule":           {"Rule", "StartDate"},
	"AppraisalRule":        {"Rule", "StartDate", "FinalAction!"},
	"Content": {"DescriptionLevel", "Title*", "FilePlanPosition*", "SystemId*", "OriginatingSystemId*", "ArchivalAgencyArchiveUnitIdentifier*",
		"OriginatingAgencyArchiveUnitIdentifier*", "TransferringAgencyArchiveUnitIdentifier*", "Description*", "CustodialHistory", "Type", "DocumentType", "Language*", "StartDate", "EndDate"},
	"DataObjectReference": {"DataObjectGroupReferenceId!"},
	"ManagementMetadata": {"ArchivalProfile", "ServiceLevel", "AcquisitionInformation", "LegalStatus", "OriginatingAgencyIdentifier", "SubmissionAgencyIdentifier",
		"StorageRule", "AppraisalRule", "AccessRule"},
	"ArchivalAgency":     {"Identifier!"},
	"TransferringAgency": {"Identifier!"},
}

// element is one of the message, with what it holds.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) ordered(t *testing.T) {
	t.Helper()
	allowed, known := order[e.XMLName.Local]
	if e.XMLName.Space != seda.Namespace {
		t.Errorf("%s is in namespace %q", e.XMLName.Local, e.XMLName.Space)
	}
	if !known && len(e.Children) > 0 {
		t.Errorf("%s holds elements", e.XMLName.Local)
	}
	if !known && strings.TrimSpace(e.Text) == "" {
		t.Errorf("%s is empty", e.XMLName.Local)
	}
	at := 0
	seen := make(map[string]int)
	for _, c := range e.Children {
		name := c.XMLName.Local
		place := slices.IndexFunc(allowed, func(a string) bool { return strings.Trim(a, "*!") == name })
		if place < at {
			t.Errorf("%s is in %s where it may not be", name, e.XMLName.Local)
			continue
		}
		at = place
		if seen[name]++; seen[name] > 1 && !strings.Contains(allowed[place], "*") {
			t.Errorf("%s stands twice in %s", name, e.XMLName.Local)
		}
		c.ordered(t)
	}
	for _, a := range allowed {
		if strings.Contains(a, "!") && seen[strings.Trim(a, "*!")] == 0 {
			t.Errorf("%s lacks %s", e.XMLName.Local, a)
		}
	}
}

// ids collects what is named and what is referred to.
func (e element) ids(named, referred map[string]int) {
	for _, a := range e.Attrs {
		if a.Name.Local == "id" {
			named[a.Value]++
		}
	}
	if e.XMLName.Local == "DataObjectGroupReferenceId" {
		referred[e.Text]++
	}
	for _, c := range e.Children {
		c.ids(named, referred)
	}
}

var (
	first  = uuid.MustParse("10000000-0000-4000-8000-000000000001")
	second = uuid.MustParse("20000000-0000-4000-8000-000000000002")
)

func transfer() seda.Transfer {
	proclaimed := domain.NewDate(2018, time.July, 5)
	return seda.Transfer{
		Identifier: "a-1", Date: time.Date(2019, 3, 5, 8, 0, 0, 0, time.UTC), Agreement: "CV-0001", Archives: "FRAD038", Producer: "FRAC08", Reference: "BV <1> & 2",
		Session: "2018-juin", AccessRule: "ACC-00025",
		Livrets: []seda.Livret{{first, strings.Repeat("ab", 32), 1234, proclaimed}, {second, strings.Repeat("cd", 32), 99, proclaimed}},
	}
}

func TestTheTransferHasTheStructureOfTheStandard(t *testing.T) {
	for name, tr := range map[string]seda.Transfer{"whole": transfer(), "without what is optional": {Identifier: "x", Archives: "a", Producer: "p", Reference: "r", Session: "s", Livrets: transfer().Livrets}} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tr.Write(&out); err != nil {
				t.Fatal(err)
			}
			var root element
			if err := xml.Unmarshal(out.Bytes(), &root); err != nil || root.XMLName.Local != "ArchiveTransfer" {
				t.Fatalf("%v\n%s", err, out.String())
			}
			root.ordered(t)
			named, referred := make(map[string]int), make(map[string]int)
			root.ids(named, referred)
			for id, n := range named {
				if n > 1 || id == "" || id[0] >= '0' && id[0] <= '9' {
					t.Errorf("id %q, %d times", id, n)
				}
			}
			if len(referred) != 2 {
				t.Errorf("%d objects are referred to", len(referred))
			}
			for id := range referred {
				if named[id] != 1 {
					t.Errorf("%q is referred to, and is nowhere", id)
				}
			}
			if !strings.Contains(out.String(), `<MessageDigest algorithm="SHA-256">`+strings.Repeat("ab", 32)) || !strings.Contains(out.String(), seda.File(first)) {
				t.Errorf("%s", out.String())
			}
		})
	}
}

const answer = `<?xml version="1.0" encoding="UTF-8"?>
<ArchiveTransferReply xmlns="fr:gouv:culture:archivesdefrance:seda:v2.1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Date>2019-03-06T10:00:00</Date><MessageIdentifier>atr-1</MessageIdentifier>
  <CodeListVersions/>
  <DataObjectPackage>
    <DataObjectGroup id="g1"><BinaryDataObject id="o1"><MessageDigest algorithm="SHA-256">ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB</MessageDigest><Size>3</Size></BinaryDataObject></DataObjectGroup>
    <BinaryDataObject id="o2"><MessageDigest algorithm="SHA-512">abab</MessageDigest></BinaryDataObject>
    <BinaryDataObject id="o3"><MessageDigest algorithm="SHA-256">short</MessageDigest></BinaryDataObject>
  </DataObjectPackage>
  <ReplyCode>OK</ReplyCode><Operation><Event><Outcome>OK</Outcome></Event></Operation>
  <MessageRequestIdentifier> a-1 </MessageRequestIdentifier>
  <ArchivalAgency><Identifier>FRAD038</Identifier></ArchivalAgency>
</ArchiveTransferReply>`

func TestAReplyIsRead(t *testing.T) {
	reply, err := seda.ReadReply(strings.NewReader(answer))
	if err != nil || !reply.Accepted() || reply.To != "a-1" || len(reply.Digests) != 1 || !reply.Received(strings.Repeat("ab", 32)) || reply.Received(strings.Repeat("cd", 32)) {
		t.Errorf("%+v, %v", reply, err)
	}
	refused, err := seda.ReadReply(strings.NewReader(strings.Replace(answer, "<ReplyCode>OK", "<ReplyCode>KO", 1)))
	if err != nil || refused.Accepted() {
		t.Errorf("%+v, %v", refused, err)
	}
}

func TestWhatIsNoReplyIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "not XML": "hello", "cut": answer[:600], "another message": strings.ReplaceAll(answer, "ArchiveTransferReply", "Acknowledgement"),
		"another namespace": strings.Replace(answer, "seda:v2.1", "seda:v1.0", 1), "to nothing": strings.Replace(answer, " a-1 ", "", 1),
		"a DTD": strings.Replace(answer, "?>\n", "?>\n<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n", 1),
	} {
		t.Run(name, func(t *testing.T) {
			var refused *exchange.FileRefused
			if reply, err := seda.ReadReply(strings.NewReader(text)); !errors.As(err, &refused) {
				t.Errorf("%+v, %v", reply, err)
			}
		})
	}
}

func FuzzReadReply(f *testing.F) {
	f.Add([]byte(answer))
	f.Fuzz(func(t *testing.T, text []byte) {
		reply, err := seda.ReadReply(io.LimitReader(bytes.NewReader(text), 1<<20))
		if err == nil && reply.To == "" {
			t.Error("an answer to nothing")
		}
	})
}

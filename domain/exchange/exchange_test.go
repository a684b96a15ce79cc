package exchange_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"livret/domain"
	"livret/domain/exchange"
)

// outline writes what a file holds, so that a test can compare it: name[attributes](line){inside}.
func outline(file io.Reader) (string, error) {
	x, err := exchange.Open(file)
	if err != nil {
		return "", err
	}
	root, err := x.Root()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	var walk func(exchange.Element)
	walk = func(e exchange.Element) {
		fmt.Fprintf(&out, "%s%v%d{", e.Name, len(e.Attrs), e.Line)
		if e.Name == "t" {
			text, only := x.Text()
			fmt.Fprintf(&out, "%q%v", text, only)
		} else {
			for child := range x.Children() {
				walk(child)
			}
		}
		out.WriteString("}")
	}
	walk(root)
	return out.String(), x.Close()
}

func ruleOf(err error) string {
	if refused, ok := errors.AsType[*exchange.FileRefused](err); ok {
		return fmt.Sprintf("%s:%d", refused.Refusal.Rule, refused.Line)
	}
	return fmt.Sprint(err)
}

func TestEncodings(t *testing.T) {
	const latin = "<t>\xe9\xc9\xf4</t>"
	for name, file := range map[string]string{
		"utf-8":           "<t>éÉô</t>",
		"utf-8 declared":  `<?xml version="1.0" encoding="UTF-8"?><t>éÉô</t>`,
		"byte order mark": "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><t>éÉô</t>",
		"latin-9":         `<?xml version="1.0" encoding="ISO-8859-15"?>` + latin,
		"latin-1":         `<?xml version='1.0' encoding = 'iso-8859-1' standalone='yes'?>` + latin,
		"windows-1252":    `<?xml version="1.0" encoding="windows-1252"?>` + latin,
		"references":      `<?xml version="1.0" encoding="US-ASCII"?><t>&#233;&#xC9;&#244;</t>`,
	} {
		if got, err := outline(strings.NewReader(file)); err != nil || got != `t01{"éÉô"true}` {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	for declared, want := range map[string]string{ // the eight bytes of Latin-9, and those of Windows
		"ISO-8859-15":  "€ŠšŽžŒœŸ",
		"ISO-8859-1":   "¤¦¨´¸¼½¾",
		"windows-1252": "¤¦¨´¸¼½¾",
	} {
		file := `<?xml version="1.0" encoding="` + declared + `"?><t>` + "\xa4\xa6\xa8\xb4\xb8\xbc\xbd\xbe</t>"
		if got, err := outline(strings.NewReader(file)); err != nil || got != `t01{"`+want+`"true}` {
			t.Errorf("%s: %s, %v", declared, got, err)
		}
	}
	windows := `<?xml version="1.0" encoding="ISO-8859-1"?><t>l` + "\x92\x9cuvre</t>"
	if got, err := outline(strings.NewReader(windows)); err != nil || got != `t01{"l’œuvre"true}` {
		t.Errorf("windows-1252 under the name of ISO-8859-1: %s, %v", got, err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	deep := strings.Repeat("<a>", 33) + strings.Repeat("</a>", 33)
	var attrs strings.Builder
	for i := range 65 {
		fmt.Fprintf(&attrs, " a%d=''", i)
	}
	for name, c := range map[string]struct{ file, want string }{
		"nothing":                  {"", "fichier-vide:1"},
		"blanks":                   {"\n\n ", "fichier-vide:3"},
		"a text":                   {"bonjour", "xml-mal-forme:1"},
		"a DTD":                    {"<?xml version='1.0'?>\n<!DOCTYPE a>\n<a/>", "dtd-interdite:2"},
		"an entity bomb":           {"<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;'>]><a>&c;</a>", "dtd-interdite:1"},
		"an external entity":       {"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><t>&b;</t>", "dtd-interdite:1"},
		"a DTD inside":             {"<a>\n<!DOCTYPE b></a>", "dtd-interdite:2"},
		"an unknown entity":        {"<t>\n&eacute;</t>", "xml-mal-forme:2"},
		"cut in a tag":             {"<a>\n<b", "fichier-tronque:2"},
		"cut in a text":            {"<a>\n<t>xxx", "fichier-tronque:2"},
		"cut between elements":     {"<a>\n<b></b>\n", "fichier-tronque:3"},
		"crossed tags":             {"<a>\n<b>\n</a></b>", "xml-mal-forme:3"},
		"two roots":                {"<a></a>\n<a></a>", "xml-mal-forme:2"},
		"text after the root":      {"<a></a>\nfin", "xml-mal-forme:2"},
		"an attribute twice":       {"<a>\n<b c='1' c='2'/></a>", "xml-mal-forme:2"},
		"too deep":                 {deep, "element-demesure:1"},
		"too many attributes":      {"<a" + attrs.String() + "/>", "element-demesure:1"},
		"a byte that is not UTF-8": {"<a>\n<t>\xe9</t></a>", "encodage-faux:2"},
		"a control character":      {"<a>\n<t>\x01</t></a>", "xml-mal-forme:2"},
		"UTF-16":                   {"\xff\xfe<\x00a\x00/\x00>\x00", "encodage-inconnu:1"},
		"UTF-16 without mark":      {"<\x00a\x00/\x00>\x00", "encodage-inconnu:1"},
		"another encoding":         {"<?xml version='1.0' encoding='EBCDIC-FR'?><a/>", "encodage-inconnu:1"},
		"XML 1.1":                  {"<?xml version='1.1'?><a/>", "xml-mal-forme:1"},
		"a huge text":              {"<a>\n<t>" + strings.Repeat("x", 2<<20) + "</t></a>", "element-demesure:2"},
		"a huge attribute":         {"<a>\n<t b='" + strings.Repeat("x", 2<<20) + "'/></a>", "element-demesure:2"},
		"a huge comment":           {"<a>\n<!--" + strings.Repeat("x", 2<<20) + "--></a>", "element-demesure:2"},
		"a huge text in pieces":    {"<a>\n<t>" + strings.Repeat("<![CDATA["+strings.Repeat("x", 1<<10)+"]]>", 2<<10) + "</t></a>", "element-demesure:2"},
	} {
		got, err := outline(strings.NewReader(c.file))
		if ruleOf(err) != c.want {
			t.Errorf("%s: %.80s, %s; want %s", name, got, ruleOf(err), c.want)
		}
	}
}

func TestLinesAndStrayText(t *testing.T) {
	const file = "\n<a>\n  <b>\n  x</b>y\n<!-- z -->\n<t>1<c>2</c>3\n4</t><t></t></a>\n<!-- end -->"
	const want = `a02{b03{#text04{}}#text04{}t06{"13\n4"false}t07{""true}}`
	if got, err := outline(strings.NewReader(file)); err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

func TestWhatIsNotReadIsSkipped(t *testing.T) {
	x, err := exchange.Open(strings.NewReader("<a><b><c>1</c><c>2</c></b>text<b><c>3</c></b></a>"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Root(); err != nil {
		t.Fatal(err)
	}
	seen := ""
	for b := range x.Children() {
		seen += b.Name
		for range x.Children() {
			text, _ := x.Text()
			seen += text
			break
		}
	}
	if err := x.Close(); err != nil || seen != "b1#textb3" {
		t.Errorf("%q, %v", seen, err)
	}
}

func TestAnErrorOfTheReaderIsNotARefusal(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("<a><b>"), iotest.ErrReader(iotest.ErrTimeout))
	if _, err := outline(broken); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("error %v", err)
	}
	if _, ok := errors.AsType[*exchange.FileRefused](func() error { _, err := outline(iotest.ErrReader(iotest.ErrTimeout)); return err }()); ok {
		t.Error("refused for an error of the reader")
	}
}

func TestARefusalIsOneOfTheDomainAndKeepsItsReasonOutOfTheError(t *testing.T) {
	err := exchange.Refuse(3, "regle", "Nom Prénom", "")
	if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Rule != "regle" {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), "Nom") {
		t.Errorf("error %v", err)
	}
}

// archive makes a ZIP of files, name then content.
func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := z.Create(files[i])
		if err == nil {
			_, err = io.WriteString(f, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchives(t *testing.T) {
	xml := `<?xml version="1.0" encoding="ISO-8859-15"?>` + "<t>\xe9</t>"
	for name, files := range map[string][]string{
		"one file":              {"ElevesSansAdresses.xml", xml},
		"in a folder":           {"export/", "", "export/Eleves.XML", xml},
		"of any name":           {"LSL_30-05-2016_10:32.xml1", xml},
		"with what macOS adds":  {"e.xml", xml, "__MACOSX/._e.xml", "x", ".DS_Store", "x"},
		"with a notice":         {"lisezmoi.txt", "x", "e.xml", xml},
		"of a name that climbs": {"../../etc/e.xml", xml},
	} {
		if got, err := outline(bytes.NewReader(archive(t, files...))); err != nil || got != `t01{"é"true}` {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	whole := archive(t, "e.xml", "<a>"+strings.Repeat("<b>0123456789</b>\n", 1000)+"</a>")
	many := make([]string, 0, 200)
	for i := range 100 {
		many = append(many, fmt.Sprint(i, ".txt"), "")
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"no file":           {archive(t, "a/", ""), "archive-ambigue:0"},
		"two files":         {archive(t, "a.xml", xml, "b.xml", xml), "archive-ambigue:0"},
		"many files":        {archive(t, append(many, "a.xml", xml)...), "archive-ambigue:0"},
		"cut":               {whole[:len(whole)/2], "archive-abimee:0"},
		"damaged":           {damaged(whole), "archive-abimee:1"},
		"an archive in one": {archive(t, "a.xml", string(archive(t, "a.xml", xml))), "xml-mal-forme:1"},
		"a bomb":            {archive(t, "a.xml", "<a>"+strings.Repeat("<b></b>\n", 1<<20)+"</a>"), "archive-demesuree:"},
	} {
		if _, err := outline(bytes.NewReader(c.file)); !strings.HasPrefix(ruleOf(err), c.want) {
			t.Errorf("%s: %s, want %s", name, ruleOf(err), c.want)
		}
	}
	if _, err := outline(io.MultiReader(strings.NewReader("PK\x03\x04"), io.LimitReader(zeros{}, 40<<20))); ruleOf(err) != "archive-trop-grosse:0" {
		t.Errorf("a large archive: %s", ruleOf(err))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// damaged changes the sum of the content, which stands in the directory at the end.
func damaged(archive []byte) []byte {
	b := bytes.Clone(archive)
	b[bytes.LastIndex(b, []byte("PK\x01\x02"))+16]++
	return b
}

func TestSniff(t *testing.T) {
	for name, kind := range map[string]exchange.Kind{
		"lsl": exchange.LSL, "BEE_ELEVES": exchange.Eleves, "BEE_RESPONSABLES": exchange.Responsables, "BEE_STRUCTURES": exchange.Structures,
		"BEE_NOMENCLATURES": exchange.Nomenclature, "BEE_COMMUN": exchange.Communs, "STS_EDT": exchange.STS, "EDT_STS": exchange.EDT, "html": exchange.Unknown,
	} {
		file := "<?xml version='1.0'?><" + name + ">é</" + name + ">"
		for _, content := range []string{file, string(archive(t, "a.xml", file))} {
			got, r, err := exchange.Sniff(iotest.OneByteReader(strings.NewReader(content)))
			again, readErr := io.ReadAll(r)
			if err != nil || got != kind || readErr != nil || string(again) != content {
				t.Errorf("%s: %q, %v, %v; the file is changed: %v", name, got, err, readErr, string(again) != content)
			}
			if kind.Label() == "" {
				t.Errorf("%s has no label", name)
			}
		}
	}
	if _, r, err := exchange.Sniff(strings.NewReader("no XML")); err == nil {
		t.Error("sniffed what is no XML")
	} else if content, _ := io.ReadAll(r); string(content) != "no XML" {
		t.Error("the file is changed")
	}
}

func TestWriterAndReaderAgree(t *testing.T) {
	text := "l’œuvre d'\u00c9l\u00e9a & <fils> \"\u00a0\u202f\u00a0€\n\t5"
	for _, e := range []exchange.Encoding{exchange.UTF8, exchange.Latin9, exchange.Latin1, exchange.Windows1252} {
		var b bytes.Buffer
		x := exchange.Create(&b, e, 0)
		x.Open("a", "b", text)
		x.Leaf("t", text)
		x.Open("c")
		if err := x.End(); err != nil {
			t.Fatal(err)
		}
		r, err := exchange.Open(&b)
		if err != nil {
			t.Fatal(err)
		}
		root, _ := r.Root()
		if value, _ := root.Attr("b"); value != text {
			t.Errorf("%s: attribute %q", e, value)
		}
		for e := range r.Children() {
			if got, _ := r.Text(); e.Name == "t" && got != text {
				t.Errorf("text %q", got)
			}
		}
		if err := r.Close(); err != nil {
			t.Errorf("%s: %v", e, err)
		}
	}
	x := exchange.Create(failing{}, exchange.Latin9, 0)
	x.Open("a")
	if err := x.End(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// A file that is read to its end is balanced: its outline closes what it opens, and reading it byte by byte
// says the same.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"<a><t>x</t>y<b c='d'/></a>", "<?xml version='1.0' encoding='ISO-8859-15'?><a>\xe9</a>", "\xef\xbb\xbf<a/>", "<!DOCTYPE a><a/>", "<a>&amp;<![CDATA[]]]]></a>",
		"<a xmlns='b' xmlns:c='d'><c:e c:f=''/></a>", "PK\x03\x04",
	} {
		f.Add([]byte(seed))
	}
	f.Add(archive(f, "a.xml", "<a/>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := outline(bytes.NewReader(file))
		slow, slowErr := outline(iotest.OneByteReader(bytes.NewReader(file)))
		if err == nil && (got != slow || strings.Count(got, "{") < strings.Count(got, "}")) || (err == nil) != (slowErr == nil) {
			t.Fatalf("%s, %v; byte by byte %s, %v", got, err, slow, slowErr)
		}
		if _, ok := errors.AsType[*exchange.FileRefused](err); err != nil && !ok {
			t.Fatalf("error of another kind: %v", err)
		}
	})
}

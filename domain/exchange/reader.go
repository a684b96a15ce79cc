package exchange

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
)

// What an XML file may hold, whatever its size. No file of a school comes near.
const (
	maxToken = 1 << 20 // bytes of one tag, text or comment
	maxDepth = 32
	maxAttrs = 64
)

// Stray is the name of the Element that stands for text between elements, where there should be none.
const Stray = "#text"

// Element is a start tag.
type Element struct {
	Space string // the namespace, and not its prefix
	Name  string
	Attrs []xml.Attr // without the declarations of namespaces and the hints of xsi
	Line  int        // of the tag, from 1
}

// Attr gives an attribute that is in no namespace, and tells whether it is there.
func (e Element) Attr(name string) (string, bool) {
	for _, a := range e.Attrs {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}

// Reader reads an XML file from its beginning to its end, in memory that does not depend on its size. It
// refuses any DTD, hence any entity but the five of XML, and never opens what a file points to.
//
// It is made for descending with the structure of the file: Root, then Children of what was last reached.
// The first error stays, ends all loops, and is given by Err.
type Reader struct {
	source  *source
	decoder *xml.Decoder
	depth   int
	stray   bool // the element last reached is a Stray, which has nothing inside
	line    int  // where the last token starts
	err     error
}

// Open starts to read an XML file, or a ZIP archive that holds one, in any of the encodings of a school's
// software. A file that is neither is a *FileRefused, here or when it is read.
func Open(r io.Reader) (*Reader, error) {
	buffered := bufio.NewReaderSize(r, 4096)
	if magic, _ := buffered.Peek(len(zipMagic)); string(magic) == zipMagic {
		text, err := unzip(buffered)
		if err != nil {
			return nil, err
		}
		buffered = bufio.NewReaderSize(text, 4096)
	}
	text, err := utf8(buffered)
	if err != nil {
		return nil, err
	}
	x := &Reader{source: &source{r: text, buffer: make([]byte, 32<<10)}}
	x.decoder = xml.NewDecoder(x.source)
	x.decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // done above
	return x, nil
}

// Err is the error that stopped the reading: a *FileRefused, or that of the io.Reader. It is nil as long as
// there is none.
func (x *Reader) Err() error {
	if x.err == io.EOF { // Close went to the end
		return nil
	}
	return x.err
}

// Fail stops the reading by an error of the caller, unless there is one already, and gives the one that stays.
func (x *Reader) Fail(err error) error {
	if x.err == nil {
		x.err = err
	}
	return x.err
}

// Bound refuses the file if what follows takes more than n bytes before Bound is called again.
func (x *Reader) Bound(n int64) { x.source.block = x.source.offset() + n }

// Root goes to the element that holds all others.
func (x *Reader) Root() (Element, error) {
	for {
		switch t := x.token().(type) {
		case nil:
			if x.err == io.EOF {
				x.err = Refuse(x.line, "fichier-vide", "Le fichier est vide.", "Refaites l’export depuis le logiciel d’origine.")
			}
			return Element{}, x.err
		case xml.StartElement:
			return x.element(t), nil
		case xml.CharData:
			if !blank(t) {
				return Element{}, x.Fail(x.malformed(x.line + blankLines(t)))
			}
		}
	}
}

// Children goes through the elements inside the one last reached. What the body of the loop does not read of
// a child is skipped. Text among them, other than blanks, is given as an Element of name Stray.
func (x *Reader) Children() iter.Seq[Element] {
	return func(yield func(Element) bool) {
		depth := x.depth
		for {
			for x.depth > depth && x.err == nil {
				x.token()
			}
			switch t := x.token().(type) {
			case nil, xml.EndElement:
				return
			case xml.StartElement:
				if !yield(x.element(t)) {
					return
				}
			case xml.CharData:
				if blank(t) {
					continue
				}
				x.depth++
				x.stray = true
				if !yield(Element{Name: Stray, Line: x.line + blankLines(t)}) {
					return
				}
			}
		}
	}
}

// Text reads the text of the element last reached, to its end, and tells whether it holds nothing else: the
// text of elements inside it is not given.
func (x *Reader) Text() (text string, only bool) {
	depth, only := x.depth, true
	var all []byte
	for x.err == nil {
		switch t := x.token().(type) {
		case xml.CharData:
			if x.depth > depth {
				continue
			}
			if len(all)+len(t) > maxToken {
				x.Fail(refuseLong(x.line))
			}
			all = append(all, t...)
		case xml.StartElement:
			only = false
		case xml.EndElement:
			if x.depth < depth {
				return string(all), only
			}
		}
	}
	return "", false
}

// Close reads to the end of the file, where there must be nothing any more, and gives the error of the whole
// reading.
func (x *Reader) Close() error {
	for x.err == nil {
		open := x.depth > 0
		switch t := x.token().(type) {
		case nil:
			return x.Err()
		case xml.StartElement:
			if !open {
				return x.Fail(x.malformed(x.line))
			}
		case xml.CharData:
			if !open && !blank(t) {
				return x.Fail(x.malformed(x.line + blankLines(t)))
			}
		}
	}
	return x.Err()
}

func (x *Reader) element(t xml.StartElement) Element {
	attrs := t.Attr[:0]
	for _, a := range t.Attr {
		const xsi = "http://www.w3.org/2001/XMLSchema-instance"
		hint := a.Name.Space == xsi && (a.Name.Local == "schemaLocation" || a.Name.Local == "noNamespaceSchemaLocation")
		if a.Name.Space != "xmlns" && a.Name != (xml.Name{Local: "xmlns"}) && !hint {
			attrs = append(attrs, a)
		}
	}
	return Element{Space: t.Name.Space, Name: t.Name.Local, Attrs: attrs, Line: x.line}
}

// token is the next token that matters, or nil when there is an error. At the end of the file the error is
// io.EOF.
func (x *Reader) token() xml.Token {
	if x.err != nil {
		return nil
	}
	if x.stray {
		x.stray = false
		x.depth--
		return xml.EndElement{}
	}
	x.line, _ = x.decoder.InputPos()
	x.source.token = x.source.offset() + maxToken
	t, err := x.decoder.Token()
	if err != nil {
		x.err = x.explain(err)
		return nil
	}
	switch t := t.(type) {
	case xml.Directive:
		x.err = Refuse(x.line, "dtd-interdite", "Le fichier contient une déclaration DOCTYPE ou d’entité, qui n’est pas admise.",
			"Refaites l’export depuis le logiciel d’origine, sans modifier le fichier.")
		return nil
	case xml.StartElement:
		if x.depth++; x.depth > maxDepth || len(t.Attr) > maxAttrs {
			x.err = refuseLong(x.line)
			return nil
		}
		for i, a := range t.Attr {
			for _, b := range t.Attr[:i] {
				if a.Name == b.Name {
					x.err = x.malformed(x.line)
					return nil
				}
			}
		}
	case xml.EndElement:
		x.depth--
	}
	return t
}

// explain says what an error of the decoder is.
func (x *Reader) explain(err error) error {
	if x.source.err != nil && x.source.err != io.EOF { // the file could not be read, or is too long
		if refused, ok := errors.AsType[*FileRefused](x.source.err); ok {
			if refused.Line == 0 {
				refused.Line = x.line
			}
			return refused
		}
		return fmt.Errorf("exchange: line %d: %w", x.line, x.source.err)
	}
	if err == io.EOF {
		return io.EOF
	}
	line, _ := x.decoder.InputPos()
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		line = syntax.Line
		switch syntax.Msg {
		case "unexpected EOF":
			return Refuse(line, "fichier-tronque", fmt.Sprintf("Le fichier s’arrête à la ligne %d, avant sa fin.", line),
				"Refaites l’export, ou copiez de nouveau le fichier en entier.")
		case "invalid UTF-8":
			return Refuse(line, "encodage-faux", fmt.Sprintf("À la ligne %d, le texte n’est pas dans l’encodage que le fichier annonce.", line),
				"Refaites l’export sans modifier le fichier, ou enregistrez-le dans l’encodage annoncé à sa première ligne.")
		}
	}
	return x.malformed(line)
}

func (x *Reader) malformed(line int) error {
	return Refuse(line, "xml-mal-forme", fmt.Sprintf("À la ligne %d, le fichier n’est pas du XML bien formé.", line),
		"Refaites l’export depuis le logiciel d’origine, sans modifier le fichier.")
}

func refuseLong(line int) error {
	return Refuse(line, "element-demesure", fmt.Sprintf("À la ligne %d, le fichier ou l’un de ses éléments est démesuré.", line),
		"Refaites l’export depuis le logiciel d’origine, sans modifier le fichier.")
}

const blanks = " \t\r\n"

func blank(text []byte) bool { return len(bytes.TrimLeft(text, blanks)) == 0 }

// blankLines counts the lines before the first character of a text.
func blankLines(text []byte) int {
	return bytes.Count(text[:len(text)-len(bytes.TrimLeft(text, blanks))], []byte("\n"))
}

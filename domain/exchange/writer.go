package exchange

import (
	"bufio"
	"encoding/xml"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// Encoding is how the text of a file is written in bytes, by its name in an XML declaration.
type Encoding string

// The encodings of a school's software.
const (
	UTF8        Encoding = "UTF-8"
	Latin9      Encoding = "ISO-8859-15"
	Latin1      Encoding = "ISO-8859-1"
	Windows1252 Encoding = "windows-1252"
)

// Writer writes an XML file as a school's software does. Characters that the encoding lacks become character
// references; those that XML forbids, U+FFFD. The first error stays and is given by Close.
type Writer struct {
	w     *bufio.Writer
	open  []string
	flat  bool // nothing was written inside the last opened element yet
	dense int  // depth from which elements follow each other on one line; 0: none
	err   error
}

// Create starts an XML file by its declaration. Each element then takes its own line, indented; those inside
// an element of depth dense, the root being of depth 1, stay on its line. Zero indents all of them.
func Create(w io.Writer, e Encoding, dense int) *Writer {
	switch e {
	case Latin9:
		w = encoding.HTMLEscapeUnsupported(charmap.ISO8859_15.NewEncoder()).Writer(w)
	case Latin1:
		w = encoding.HTMLEscapeUnsupported(charmap.ISO8859_1.NewEncoder()).Writer(w)
	case Windows1252:
		w = encoding.HTMLEscapeUnsupported(charmap.Windows1252.NewEncoder()).Writer(w)
	}
	x := &Writer{w: bufio.NewWriter(w), dense: dense}
	x.write(`<?xml version="1.0" encoding="`, string(e), `"?>`)
	return x
}

// Open writes a start tag; attributes are name, value, name, value…
func (x *Writer) Open(name string, attrs ...string) {
	x.line()
	x.tag(name, attrs)
	x.write(">")
	x.open, x.flat = append(x.open, name), true
}

// Close writes the end tag of the element opened last.
func (x *Writer) Close() {
	name := x.open[len(x.open)-1]
	x.open = x.open[:len(x.open)-1]
	if !x.flat {
		x.line()
	}
	x.write("</", name, ">")
	x.flat = false
}

// Leaf writes an element that holds a text.
func (x *Writer) Leaf(name, text string, attrs ...string) {
	x.line()
	x.tag(name, attrs)
	x.write(">")
	x.escape(text)
	x.write("</", name, ">")
	x.flat = false
}

// Empty writes an element without content.
func (x *Writer) Empty(name string, attrs ...string) {
	x.line()
	x.tag(name, attrs)
	x.write("/>")
	x.flat = false
}

// End closes all that is open and gives the first error there was.
func (x *Writer) End() error {
	for len(x.open) > 0 {
		x.Close()
	}
	x.write("\n")
	if x.err == nil {
		x.err = x.w.Flush()
	}
	return x.err
}

func (x *Writer) tag(name string, attrs []string) {
	x.write("<", name)
	for i := 0; i+1 < len(attrs); i += 2 {
		x.write(" ", attrs[i], `="`)
		x.escape(attrs[i+1])
		x.write(`"`)
	}
}

func (x *Writer) line() {
	if x.dense > 0 && len(x.open) >= x.dense {
		return
	}
	x.write("\n")
	if x.dense == 0 {
		for range x.open {
			x.write("  ")
		}
	}
}

func (x *Writer) escape(text string) {
	if x.err == nil {
		x.err = xml.EscapeText(x.w, []byte(text))
	}
}

func (x *Writer) write(parts ...string) {
	for _, part := range parts {
		if x.err == nil {
			_, x.err = x.w.WriteString(part)
		}
	}
}

package exchange

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// utf8 gives the text of r in UTF-8, without byte order mark, whatever its encoding among those of the marks
// software: UTF-8, ISO-8859-15, ISO-8859-1, windows-1252. The byte order mark wins over the declaration, and
// no declaration is UTF-8, as XML says.
//
// ISO-8859-1 is read as windows-1252, as browsers do (WHATWG Encoding, "labels"): the bytes in which they
// differ mean nothing in the first, and are the ’ and œ of software for Windows that declares it by habit.
func utf8(r *bufio.Reader) (io.Reader, error) {
	head, err := r.Peek(512)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := r.Discard(3)
		return r, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("<\x00")), bytes.HasPrefix(head, []byte("\x00<")):
		return nil, refuseEncoding()
	}
	switch strings.ToLower(declared(head)) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return r, nil
	case "iso-8859-15", "iso8859-15", "iso_8859-15", "latin9", "latin-9", "l9":
		return charmap.ISO8859_15.NewDecoder().Reader(r), nil
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "windows-1252", "cp1252", "cp-1252":
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	}
	return nil, refuseEncoding()
}

func refuseEncoding() error {
	return Refuse(1, "encodage-inconnu", "Le fichier est dans un encodage que le livret ne lit pas.",
		"Enregistrez-le en UTF-8, ISO-8859-15, ISO-8859-1 ou windows-1252.")
}

// declared is the encoding of an XML declaration, empty if there is none.
func declared(head []byte) string {
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	declaration, _, _ := bytes.Cut(head, []byte("?>"))
	_, after, _ := bytes.Cut(declaration, []byte("encoding"))
	after = bytes.TrimLeft(after, " \t\r\n=")
	if len(after) == 0 || after[0] != '"' && after[0] != '\'' {
		return ""
	}
	label, _, _ := bytes.Cut(after[1:], after[:1])
	return string(label)
}

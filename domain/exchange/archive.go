package exchange

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
)

// What an archive may hold. The compressed bytes are kept in memory, for the list of a ZIP is at its end; the
// text is not. Exports of a school are compressed 20 to 40 times, files made up for tests 100 and more; a
// bomb, 1,000 times.
const (
	maxArchive = 32 << 20 // compressed bytes
	maxEntries = 64
	maxRatio   = 400
	ratioFloor = 1 << 20 // bytes of text for which the ratio is not looked at
	maxText    = 1 << 30 // bytes
)

const zipMagic = "PK\x03\x04"

// unzip opens the one file of an archive, as SIECLE delivers its exports.
func unzip(r io.Reader) (io.Reader, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxArchive+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > maxArchive:
		return nil, Refuse(0, "archive-trop-grosse", "L’archive ZIP dépasse 32\u00a0Mo.", "Décompressez-la, puis importez le fichier XML qu’elle contient.")
	case bytes.Count(content, []byte("PK\x01\x02")) > maxEntries:
		return nil, refuseEntries()
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, refuseDamaged()
	}
	var all, named []*zip.File
	for _, f := range archive.File {
		if base := path.Base(f.Name); f.Mode().IsRegular() && base[0] != '.' && !strings.HasPrefix(f.Name, "__MACOSX/") {
			all = append(all, f)
			if strings.EqualFold(path.Ext(base), ".xml") {
				named = append(named, f)
			}
		}
	}
	if len(all) > 1 {
		all = named
	}
	if len(all) != 1 {
		return nil, refuseEntries()
	}
	const encrypted = 1
	text, err := all[0].Open()
	if err != nil || all[0].Flags&encrypted != 0 {
		return nil, refuseDamaged()
	}
	return &inflated{text, min(int64(all[0].CompressedSize64)*maxRatio+ratioFloor, maxText)}, nil
}

func refuseEntries() error {
	return Refuse(0, "archive-ambigue", "L’archive ZIP ne contient pas un fichier XML et un seul.", "Décompressez-la, puis importez les fichiers XML un par un.")
}

func refuseDamaged() error {
	return Refuse(0, "archive-abimee", "L’archive ZIP est abîmée, chiffrée ou incomplète.", "Refaites l’export, ou décompressez l’archive puis importez le fichier XML.")
}

// inflated is the text of an archive, as long as it stays in proportion to its compressed size.
type inflated struct {
	text io.Reader
	left int64
}

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.text.Read(p)
	if i.left -= int64(n); i.left < 0 {
		return 0, Refuse(0, "archive-demesuree", "L’archive ZIP se décompresse en un fichier démesuré.", "Décompressez-la, puis importez le fichier XML qu’elle contient.")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = refuseDamaged()
	}
	return n, err
}

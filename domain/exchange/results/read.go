package results

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/exchange"
)

// maxSize is how many bytes a file may have: three times an académie.
const maxSize = 16 << 20

// Read reads a file in UTF-8 or windows-1252, its columns in any order, separated by semicolons, commas or tabs. A
// file without the columns it needs is a *exchange.FileRefused; a line that cannot be read, or that contradicts
// another one, is left out and reported.
func Read(r io.Reader) (File, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return File{}, err
	}
	if len(content) > maxSize {
		return File{}, exchange.Refuse(0, "fichier-demesure", "Le fichier est trop grand pour être une liste de résultats.", "Vérifiez que c’est le bon fichier.")
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) {
		if content, err = charmap.Windows1252.NewDecoder().Bytes(content); err != nil {
			return File{}, err
		}
	}
	table := csv.NewReader(bytes.NewReader(content))
	table.Comma, table.FieldsPerRecord = separator(content), -1
	table.TrimLeadingSpace = table.Comma != '\t' // which is a space too
	place, err := header(table)
	if err != nil {
		return File{}, err
	}
	return lines(table, place)
}

// separator is the one that the first line has most of.
func separator(content []byte) rune {
	first, _, _ := bytes.Cut(content, []byte("\n"))
	best := ';'
	for _, other := range []rune{',', '\t'} {
		if bytes.Count(first, []byte(string(other))) > bytes.Count(first, []byte(string(best))) {
			best = other
		}
	}
	return best
}

// header tells in which field each column stands; -1: nowhere.
func header(table *csv.Reader) (place [len(columns)]int, err error) {
	names, err := table.Read()
	if err != nil {
		return place, exchange.Refuse(1, "entete-illisible", "La première ligne du fichier ne nomme pas ses colonnes.", "La première ligne doit être « numero;groupe;resultat;mention;orientation ».")
	}
	for c, column := range columns {
		place[c] = slices.IndexFunc(names, func(name string) bool { return plain(name) == column })
	}
	for c, column := range columns[:3] {
		if place[c] < 0 {
			return place, exchange.Refuse(1, "colonne-manquante", fmt.Sprintf("La colonne « %s » manque.", column), "La première ligne doit être « numero;groupe;resultat;mention;orientation ».")
		}
	}
	return place, nil
}

// plain is a name or a code as it is compared: without blanks, capitals and the accents of French.
func plain(text string) string {
	return strings.NewReplacer("é", "e", "è", "e", "ê", "e").Replace(strings.ToLower(strings.TrimSpace(text)))
}

func lines(table *csv.Reader, place [len(columns)]int) (File, error) {
	var f File
	for {
		fields, err := table.Read()
		if err == io.EOF {
			return f.consistent(), nil
		}
		if parse, malformed := errors.AsType[*csv.ParseError](err); malformed {
			f.refuse(parse.StartLine, "", "ligne-illisible", "Cette ligne n’est pas une ligne de tableau.", "Vérifiez les guillemets.")
			continue
		} else if err != nil {
			return f, err
		}
		line, _ := table.FieldPos(0)
		field := func(c int) string {
			if place[c] < 0 || place[c] >= len(fields) {
				return ""
			}
			return strings.TrimSpace(fields[place[c]])
		}
		l := Line{
			Line: line, Number: field(0), Group: deliberation.Group(plain(field(1))), Result: deliberation.Result(plain(field(2))),
			Mention: deliberation.Mention(strings.ToUpper(field(3))), Orientation: deliberation.Orientation(plain(field(4))),
		}
		switch {
		case l.Number == "" && l.Group == "" && l.Result == "" && l.Mention == "" && l.Orientation == "":
		case l.Number == "" || strings.Trim(l.Number, "0123456789") != "" || len(l.Number) > 20:
			f.refuse(line, "", "numero-illisible", "Le numéro de candidat n’est pas une suite de chiffres.", "Vérifiez que le tableur n’a pas transformé le numéro.")
		case l.Result == "" && l.Orientation == "" && l.Mention == "":
			f.refuse(line, l.Number, "ligne-sans-resultat", "Cette ligne ne dit ni résultat ni orientation.", "Complétez la ligne, ou retirez-la.")
		default:
			f.Lines = append(f.Lines, l)
		}
	}
}

func (f *File) refuse(line int, number, rule, reason, remedy string) {
	f.Refused = append(f.Refused, Refused{line, number, domain.Refusal{Rule: rule, Reason: reason, Remedy: remedy}})
}

// consistent leaves out the lines that contradict one another, all of them, since nothing tells which is right. A
// line that says the same as another is one with it.
func (f File) consistent() File {
	type key struct {
		number string
		group  deliberation.Group
	}
	first, contradicted := make(map[key]Line), make(map[key]bool)
	for _, l := range f.Lines {
		k := key{l.Number, l.Group}
		if met, ok := first[k]; !ok {
			first[k] = l
		} else if met.says() != l.says() {
			contradicted[k] = true
		}
	}
	taken := f.Lines[:0]
	for _, l := range f.Lines {
		k := key{l.Number, l.Group}
		switch {
		case contradicted[k]:
			f.refuse(l.Line, l.Number, "lignes-contradictoires", "Le fichier dit deux choses différentes de ce candidat pour ce groupe.", "Ne gardez que la bonne ligne.")
		case first[k].Line == l.Line:
			taken = append(taken, l)
		}
	}
	f.Lines = taken
	slices.SortStableFunc(f.Refused, func(a, b Refused) int { return a.Line - b.Line })
	return f
}

package results_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"livret/domain/exchange"
	"livret/domain/exchange/results"
)

const full = "numero;groupe;resultat;mention;orientation\n" +
	"48151623;premier;admis;TB;cpge\n" +
	"48151624;premier;second-groupe;;\n" +
	"48151624;second;ajourne;;bts\n"

func read(t *testing.T, content string) results.File {
	t.Helper()
	f, err := results.Read(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := []results.Line{
		{Line: 2, Number: "48151623", Group: "premier", Result: "admis", Mention: "TB", Orientation: "cpge"},
		{Line: 3, Number: "48151624", Group: "premier", Result: "second-groupe"},
		{Line: 4, Number: "48151624", Group: "second", Result: "ajourne", Orientation: "bts"},
	}
	latin, err := charmap.Windows1252.NewEncoder().String(strings.Replace(full, "numero", "Numéro", 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"as written": full, "with commas": strings.ReplaceAll(full, ";", ","), "with tabs": strings.ReplaceAll(full, ";", "\t"),
		"with a byte order mark": "\ufeff" + full, "from Windows": strings.ReplaceAll(full, "\n", "\r\n"),
		"in windows-1252": latin, "quoted": strings.ReplaceAll(full, "48151624", `"48151624"`),
		"in capitals":         strings.NewReplacer("admis", " Admis ", "ajourne", "AJOURNÉ", "TB", "tb").Replace(full),
		"with an empty end":   full + ";;;;\n",
		"with the same twice": full + "48151623;premier;admis;TB;cpge\n",
	} {
		if f := read(t, content); !slices.Equal(f.Lines, want) || len(f.Refused) != 0 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	var written bytes.Buffer
	if err := results.Write(&written, want); err != nil || written.String() != full {
		t.Errorf("%q, %v", written.String(), err)
	}
	reordered := read(t, "resultat;numero;remarque;groupe\nadmis;48151623;à relire;premier\n")
	if len(reordered.Lines) != 1 || reordered.Lines[0].Result != "admis" || reordered.Lines[0].Orientation != "" {
		t.Errorf("columns in another order: %+v", reordered)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	for content, rule := range map[string]string{
		"":                                 "entete-illisible",
		"numero;groupe\n1;premier\n":       "colonne-manquante",
		strings.Repeat("numero;", 3000000): "fichier-demesure",
	} {
		_, err := results.Read(strings.NewReader(content))
		if refused, ok := errors.AsType[*exchange.FileRefused](err); !ok || refused.Refusal.Rule != rule {
			t.Errorf("%.20q: %v, want %s", content, err, rule)
		}
	}
	f := read(t, full+
		"4,8E+07;premier;admis;;\n"+ // what a spreadsheet makes of a number
		"48151625;premier;;;\n"+
		"48151626;premier;admis;;\n"+
		"48151626;premier;ajourne;;\n"+
		"48\"151627;premier;admis;;\n"+
		"48151628;premier;admis;;\n")
	var got []string
	for _, r := range f.Refused {
		if r.Refusal.Reason == "" || r.Refusal.Remedy == "" {
			t.Errorf("line %d is refused without reason or remedy", r.Line)
		}
		got = append(got, r.Refusal.Rule)
	}
	want := []string{"numero-illisible", "ligne-sans-resultat", "lignes-contradictoires", "lignes-contradictoires", "ligne-illisible"}
	if !slices.Equal(got, want) || len(f.Lines) != 4 || f.Lines[3].Line != 10 {
		t.Errorf("refused %q, taken %+v", got, f.Lines)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("numero,groupe,resultat\n\"1\n\",premier,admis\n"))
	f.Add([]byte("\xef\xbb\xbfnum\xe9ro\tgroupe\tresultat\n1\tpremier\tadmis\n1\tpremier\tajourne"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := results.Read(bytes.NewReader(content))
		if _, refused := errors.AsType[*exchange.FileRefused](err); err != nil && !refused {
			t.Fatalf("error of another kind: %v", err)
		}
		type key struct{ number, group string }
		met := make(map[key]bool)
		for _, l := range file.Lines {
			k := key{l.Number, string(l.Group)}
			if met[k] || l.Number == "" || l.Line < 2 {
				t.Fatalf("taken: %+v", l)
			}
			met[k] = true
		}
		var written bytes.Buffer
		if err := results.Write(&written, file.Lines); err != nil {
			t.Fatal(err)
		}
		again, err := results.Read(&written)
		if err != nil || len(again.Lines) != len(file.Lines) {
			t.Fatalf("written and read again: %d of %d lines, %v", len(again.Lines), len(file.Lines), err)
		}
	})
}

package web

import (
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain/mark"
	"livret/domain/record"
)

func anyMark() *rapid.Generator[mark.Mark] {
	return rapid.Custom(func(t *rapid.T) mark.Mark {
		switch n := rapid.IntRange(-3, mark.Max).Draw(t, "hundredths"); n {
		case -1:
			return mark.NotMarked()
		case -2:
			return mark.Absent()
		case -3:
			return mark.Dispensed()
		default:
			return mark.Must(mark.Hundredths(n))
		}
	})
}

func TestWhatTheGridShowsItReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMark().Draw(t, "mark")
		if got, err := readMark(writeMark(m)); err != nil || got != m {
			t.Fatalf("%s is read back as %s, %v", writeMark(m), got, err)
		}
	})
}

// Nothing that is typed becomes a zero but a zero.
func TestNothingBecomesAZero(t *testing.T) {
	for _, typed := range []string{"", " ", "-", "−", "–", "NN", "nn", "abs", "disp", "n.not", "non noté", "-1", "O", "zéro", "1e1", "12,555", "20,01", "<b>"} {
		if m, err := readMark(typed); err == nil && m.IsMarked() {
			t.Errorf("%q is read as %s", typed, m)
		}
	}
	for _, typed := range []string{"-", "−", "NN"} {
		if m, err := readMark(typed); err != nil || m != mark.NotMarked() {
			t.Errorf("%q: %s, %v", typed, m, err)
		}
	}
	if m, err := readMark(""); err == nil {
		t.Errorf("an emptied cell is read as %s", m)
	}
}

func TestAnOrderNamesOneCommandACell(t *testing.T) {
	order, livret := uuid.New(), uuid.New()
	maths := record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1}
	a := cell{livret, maths, 1, ""}
	if first, again := orderID(order, a, "12", ""), orderID(order, a, "12", ""); first != again {
		t.Error("the same cell of the same order has two ids")
	}
	seen := map[uuid.UUID]string{}
	for name, id := range map[string]uuid.UUID{
		"itself": orderID(order, a, "12", ""), "another period": orderID(order, cell{livret, maths, 2, ""}, "12", ""),
		"another livret": orderID(order, cell{uuid.New(), maths, 1, ""}, "12", ""), "another order": orderID(uuid.New(), a, "12", ""),
		"another value": orderID(order, a, "13", ""), "moved over": orderID(order, a, "1", "2"), "nothing": orderID(order, a),
	} {
		if other, twice := seen[id]; twice {
			t.Errorf("%s and %s have the same id", name, other)
		}
		seen[id] = name
	}
}

func TestTypoIsIdempotentAndLosesNothing(t *testing.T) {
	spaces := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z'« »:;!? %]{0,30}`).Draw(t, "text")
		once := typo(text)
		if twice := typo(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", text, once, twice)
		}
		if spaces.Replace(once) != spaces.Replace(text) {
			t.Fatalf("%q lost something: %q", text, once)
		}
	})
}

func TestFrenchWords(t *testing.T) {
	at := time.Date(2018, time.June, 1, 9, 5, 0, 0, time.UTC)
	for got, want := range map[string]string{
		frenchMoment(at):             "1er\u00a0juin\u00a02018 à\u00a09\u00a0h\u00a005",
		isoDate("2000-02-29"):        "29\u00a0février\u00a02000",
		isoDate("inconnue"):          "inconnue",
		percent(uint16(4500)):        "45\u202f%",
		percent(3333):                "33,33\u202f%",
		percent(5):                   "0,05\u202f%",
		thousandths(-80):             "−0,080",
		thousandths(1000):            "1,000",
		points(307):                  "3,07",
		plural(1, "élève", "élèves"): "1\u00a0élève",
		plural(0, "élève", "élèves"): "0\u00a0élève",
		plural(2, "élève", "élèves"): "2\u00a0élèves",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMaskedTextIsEscaped(t *testing.T) {
	if got := masked("<i>[masqué]</i>"); got != template.HTML(`&lt;i&gt;<span class="masked">[masqué]</span>&lt;/i&gt;`) {
		t.Errorf("%s", got)
	}
}

func TestNumbersOfAddresses(t *testing.T) {
	for _, text := range []string{"", "0", "-1", "01", "+1", "10000", "1a", "９", "99999999999999999999"} {
		if n, err := number(text, 9999); err == nil {
			t.Errorf("%q is read as %d", text, n)
		}
	}
	if n, err := number("2017", 9999); err != nil || n != 2017 {
		t.Errorf("%d, %v", n, err)
	}
}

// What names a place in a request says nothing that its sender made up.
func TestProblemsPlaceWithoutEchoing(t *testing.T) {
	for given, want := range map[string]string{"body.mark": "body.mark", "body.Rose DURAND": "body", "query.nom": "query", "body": "body", "body.text[3]": "body"} {
		if got := place(given); got != want {
			t.Errorf("%q is told as %q", given, got)
		}
	}
}

package users_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"livret/eventstore/esdb/wire/users"
)

func TestUsers(t *testing.T) {
	line, password, err := users.New("rectorat", []string{"record", "candidate"})
	if err != nil || strings.Contains(line, password) {
		t.Fatal(err)
	}
	file, err := users.Read(strings.NewReader("# who may read\n\n" + line + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // hashed, then remembered
		got, err := file.Categories("rectorat", password)
		if err != nil || !slices.Equal(got, []string{"record", "candidate"}) {
			t.Fatal(got, err)
		}
	}
	for name, given := range map[string]string{"rectorat": password + "x", "other": password, "": ""} {
		if got, err := file.Categories(name, given); !errors.Is(err, users.ErrUnknown) || got != nil {
			t.Errorf("%q is let in: %v, %v", name, got, err)
		}
	}
}

func TestMalformed(t *testing.T) {
	line, _, err := users.New("a", []string{"record"})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"a", "a:b", "a:clear:record", line + "\n" + line, line + ",", line + ",*", "A" + line[1:], "a b" + line[1:], line + ":"} {
		if _, err := users.Read(strings.NewReader(file)); !errors.Is(err, users.ErrMalformed) {
			t.Errorf("%q is read: %v", file, err)
		}
	}
	if _, _, err := users.New("a", []string{""}); err == nil {
		t.Error("a user without categories is made")
	}
}

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsWrittenWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.zip")
	if err := writeWhole(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(path, []byte("second")); err == nil {
		t.Error("a file was overwritten")
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "first" {
		t.Errorf("%q, %v", content, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := writeWhole(filepath.Join(dir, "none", "a.zip"), nil); err == nil {
		t.Error("written into a folder that is not there")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v is left: %v", entries, err)
	}
}

package embedded_test

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/embedded"
	"livret/eventstore/keyvault/vaulttest"
)

// files reads every file of the vault's folder, those of wrapping keys included.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		all[strings.TrimPrefix(path, dir+"/")], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// holds tells in which file some bytes are, whole or half.
func holds(all map[string][]byte, b []byte) string {
	for name, content := range all {
		if bytes.Contains(content, b[:len(b)/2]) || bytes.Contains(content, b[len(b)/2:]) {
			return name
		}
	}
	return ""
}

// TestNothingRemainsOfAShreddedKey looks for the wrapped bytes of destroyed keys in all files, log included,
// after pages were split and merged, with the log wiped or not in between; and for the blind index of their
// owners.
func TestNothingRemainsOfAShreddedKey(t *testing.T) {
	for name, rotated := range map[string]bool{"in a database that grew": false, "in a database written anew": true} {
		t.Run(name, func(t *testing.T) { nothingRemains(t, rotated) })
	}
}

func nothingRemains(t *testing.T, rotated bool) {
	v := open(t, t.TempDir())
	random := rand.New(rand.NewPCG(3, 4))
	type doomed struct {
		info    keyvault.Info
		wrapped []byte
		blind   []byte
	}
	var all []doomed
	for range 12 {
		births, claims := make([]keyvault.Birth, 80), make([]keyvault.Claim, 80)
		for i := range births {
			births[i] = birth(uuid.New())
			claims[i] = keyvault.Claim{Kind: "livret", Parts: []string{births[i].Owner.String()}, Owner: births[i].Owner}
		}
		infos, err := v.Create(t.Context(), births...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Resolve(t.Context(), claims...); err != nil {
			t.Fatal(err)
		}
		for i, info := range infos {
			wrapped, blind := v.Kept(info.ID, claims[i])
			all = append(all, doomed{info, wrapped, blind[:]})
		}
	}
	if rotated {
		if _, err := v.Rotate(t.Context(), day); err != nil {
			t.Fatal(err)
		}
		for i := range all {
			all[i].wrapped, _ = v.Kept(all[i].info.ID, keyvault.Claim{Kind: "livret"})
		}
	}
	shred := func(d doomed) {
		t.Helper()
		for _, step := range [][2]keyvault.State{{keyvault.Active, keyvault.Fenced}, {keyvault.Fenced, keyvault.Shredded}} {
			if err := v.SetState(t.Context(), d.info.ID, step[0], step[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := files(t, v.dir)
	for _, d := range all {
		if holds(before, d.wrapped) == "" || holds(before, d.blind) == "" {
			t.Fatal("the files do not hold what the test looks for: it cannot fail")
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })

	shred(all[0]) // a single one among all the others
	after := files(t, v.dir)
	if name := holds(after, all[0].wrapped); name != "" {
		t.Errorf("%s holds the wrapped bytes of the one destroyed key", name)
	}
	if name := holds(after, all[0].blind); name != "" {
		t.Errorf("%s holds the claim of the one forgotten owner", name)
	}
	if holds(after, all[1].wrapped) == "" {
		t.Error("another key is gone as well")
	}

	for _, d := range all[1:60] {
		shred(d)
	}
	if err := v.Forget(t.Context(), all[60].info.ID, all[61].info.ID); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		after = files(t, v.dir)
		for i, d := range all[:62] {
			if name := holds(after, d.wrapped); name != "" {
				t.Errorf("round %d: %s holds the wrapped bytes of destroyed key %d", round, name, i)
			}
			if name := holds(after, d.blind); name != "" {
				t.Errorf("round %d: %s holds the claim of forgotten owner %d", round, name, i)
			}
		}
		if len(after[embedded.DatabaseFile+"-wal"]) != 0 {
			t.Errorf("round %d: the log is not empty", round)
		}
		v = reopen(t, vaulttest.Vault(v)).(*box)
	}
}

// TestNoKeyInClear tries every 32 bytes of every file, the wrapping key's included, for one whose fingerprint
// is that of a key.
func TestNoKeyInClear(t *testing.T) {
	v := open(t, t.TempDir())
	infos, err := v.Create(t.Context(), birth(uuid.New()), birth(uuid.New()))
	if err != nil {
		t.Fatal(err)
	}
	all := files(t, v.dir)
	for name, content := range all {
		for i := 0; i+keyvault.KeySize <= len(content); i++ {
			print := keyvault.FingerprintOf([keyvault.KeySize]byte(content[i:]))
			if print == infos[0].Fingerprint || print == infos[1].Fingerprint {
				t.Errorf("%s holds a key in clear", name)
			}
		}
	}
}

package instance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"livret/domain/nomenclature"
	"livret/eventstore/esdb"
)

// Format is the version of the data folder's layout.
const Format = 1

// Settings are what a data folder says of itself, in livret.json. They hold no secret and no personal data.
type Settings struct {
	Format   int       `json:"format"`
	Ledger   uuid.UUID `json:"ledger"`
	Academie string    `json:"academie"` // code of the nomenclature, "08"

	// Store is the connection string of the cluster that keeps the events, without credentials; empty: they are in this folder.
	Store string `json:"store,omitempty"`
	// Moved says that the events are elsewhere since just now, and that what stands here about their places is not
	// replaced yet; see Migrate.
	Moved bool `json:"moved,omitempty"`

	// Fictional is a demonstration: its time is that of its last fact, unless who opens it brings a clock, so that no
	// verb lets years pass over it.
	Fictional bool `json:"fictional,omitempty"`
}

const settingsFile = "livret.json"

// Init makes a data folder for the ledger of an académie. It refuses a folder that already holds one, and
// touches nothing of it.
func Init(dir, academie string) (Settings, error) {
	return initialise(dir, Settings{Academie: academie})
}

// InitIn does as Init, for a ledger whose events are kept in a cluster.
func InitIn(dir, academie, store string) (Settings, error) {
	if err := esdb.Check(store); err != nil {
		return Settings{}, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return initialise(dir, Settings{Academie: academie, Store: store})
}

// InitFictional does as Init, for a demonstration.
func InitFictional(dir, academie string) (Settings, error) {
	return initialise(dir, Settings{Academie: academie, Fictional: true})
}

func initialise(dir string, s Settings) (Settings, error) {
	if _, ok := nomenclature.AcademieByCode(s.Academie); !ok {
		return Settings{}, fmt.Errorf("%w: no académie has code %q", ErrUsage, s.Academie)
	}
	s.Format, s.Ledger = Format, uuid.New()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Settings{}, err
	}
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return Settings{}, err
	}
	f, err := os.OpenFile(filepath.Join(dir, settingsFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return Settings{}, ErrExists
	}
	if err != nil {
		return Settings{}, err
	}
	_, err = f.Write(append(content, '\n'))
	return s, errors.Join(err, f.Sync(), f.Close())
}

// ReadSettings reads those of a data folder.
func ReadSettings(dir string) (Settings, error) {
	content, err := os.ReadFile(filepath.Join(dir, settingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Settings{}, ErrAbsent
	}
	if err != nil {
		return Settings{}, err
	}
	var s Settings
	if err := json.Unmarshal(content, &s); err != nil || s.Ledger == uuid.Nil {
		return Settings{}, fmt.Errorf("%s: malformed settings", filepath.Join(dir, settingsFile))
	}
	if s.Format != Format {
		return Settings{}, fmt.Errorf("data folder of format %d; this program reads %d", s.Format, Format)
	}
	return s, nil
}

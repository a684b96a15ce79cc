package instance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/deployment"
	"livret/domain/nomenclature"
	"livret/eventstore"
	"livret/eventstore/ledger"
)

// nomenclatureFolder holds, in a data folder, the nomenclature files that the ledger says are in force.
const nomenclatureFolder = "nomenclature"

// NomenclatureFault says that a nomenclature file which the ledger says is in force can not be used: it is
// missing, was altered, or is none that this program reads. Nothing is opened without it, because everything
// would be shown and taken in by other lists.
type NomenclatureFault struct {
	Path   string // in the data folder
	Digest string // SHA-256 of the file that belongs there
	Cause  error  // told, not wrapped: a missing file here is no missing ledger
}

var (
	errMissing = errors.New("the file is missing")
	errAltered = errors.New("the file was altered")
)

// Error says what is wrong, and which file alone mends it.
func (f *NomenclatureFault) Error() string {
	return fmt.Sprintf("%s: %v: bring back the file of SHA-256 %s with «livret nomenclature load»", f.Path, f.Cause, f.Digest)
}

// List is one list of formations in force, and where it comes from.
type List struct {
	Digest     string                    `json:"digest,omitempty"` // SHA-256 of the file; empty for what is built in
	Millesimes []nomenclature.SchoolYear `json:"millesimes"`
	Formations []Formation               `json:"formations"`
}

// Formation is what a list says a school year can be of.
type Formation struct {
	Millesime  nomenclature.SchoolYear `json:"millesime"`
	MEF        nomenclature.MEF        `json:"mef"`
	Niveau     nomenclature.Niveau     `json:"niveau"`
	Serie      nomenclature.Serie      `json:"serie"`
	Name       string                  `json:"name"` // of the série
	Speciality string                  `json:"speciality,omitempty"`
}

func listOf(digest string, programmes []nomenclature.Programme) List {
	l := List{Digest: digest}
	for _, p := range programmes {
		l.Millesimes = append(l.Millesimes, p.Millesime)
		l.Formations = append(l.Formations, Formation{p.Millesime, p.MEF, p.Niveau, p.Serie, p.SerieName, p.Speciality})
	}
	l.Millesimes = slices.Compact(l.Millesimes)
	return l
}

// decisions puts in force what the académie decided: the nomenclatures it loaded, in that order, and the
// openings it moved.
func (i *Instance) decisions(ctx context.Context) error {
	state, _, err := ledger.Load(ctx, i.Ledger, deployment.Decider, deployment.Stream(i.Settings.Academie))
	if err != nil {
		return err
	}
	if i.Calendar, err = state.Moved(i.Calendar, i.Settings.Academie); err != nil {
		return err
	}
	i.Lists = []List{listOf("", i.Nomenclature.Programmes())}
	for _, loaded := range state.Nomenclatures {
		var programmes []nomenclature.Programme
		if i.Nomenclature, programmes, err = i.extend(i.Nomenclature, loaded.Digest); err != nil {
			return err
		}
		i.Lists = append(i.Lists, listOf(loaded.Digest, programmes))
	}
	return nil
}

// extend puts a file that the folder keeps in force over other lists. Its error is a *NomenclatureFault.
func (i *Instance) extend(lists nomenclature.Nomenclature, digest string) (nomenclature.Nomenclature, []nomenclature.Programme, error) {
	path := nomenclaturePath(digest)
	content, err := os.ReadFile(filepath.Join(i.dir, path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = errMissing
	case err == nil && digestOf(content) != digest:
		err = errAltered
	}
	var programmes []nomenclature.Programme
	if err == nil {
		lists, programmes, err = lists.ExtendBy(bytes.NewReader(content))
	}
	if err != nil {
		return lists, nil, &NomenclatureFault{path, digest, err}
	}
	return lists, programmes, nil
}

// listsAsOf is the nomenclature that the académie had loaded up to a position.
func (i *Instance) listsAsOf(ctx context.Context, at eventstore.Position) (nomenclature.Nomenclature, error) {
	then, err := loadAsOf(ctx, i.Ledger, deployment.Decider, deployment.Stream(i.Settings.Academie), at)
	if err != nil || len(then.Nomenclatures) == len(i.Lists)-1 {
		return i.Nomenclature, err
	}
	lists, err := nomenclature.Load()
	for _, loaded := range then.Nomenclatures {
		if err == nil {
			lists, _, err = i.extend(lists, loaded.Digest)
		}
	}
	return lists, err
}

// LoadNomenclature keeps a nomenclature file of the ministry in the data folder and puts it in force from the
// next opening on. It answers the list, and whether it was in force already. A faulty file is refused as
// nomenclature.Extend does, and leaves no trace.
func (i *Instance) LoadNomenclature(ctx context.Context, actor access.Actor, file []byte) (List, bool, error) {
	grant, err := access.Allow(actor, access.LoadNomenclature, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return List{}, false, err
	}
	_, programmes, err := i.Nomenclature.ExtendBy(bytes.NewReader(file))
	if err != nil {
		return List{}, false, err
	}
	list := listOf(digestOf(file), programmes)
	if err := keepNomenclature(i.dir, file); err != nil { // before the ledger says that it is there
		return list, false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true},
		deployment.Decider, deployment.Stream(i.Settings.Academie), deployment.LoadNomenclature{Digest: list.Digest, Millesimes: list.Millesimes})
	return list, len(result.Events) == 0, err
}

// RestoreNomenclature puts back the file whose absence or alteration is the fault, so that the folder opens
// again. It answers false, and does nothing, for another file.
func RestoreNomenclature(dir string, fault *NomenclatureFault, file []byte) (bool, error) {
	if digestOf(file) != fault.Digest {
		return false, nil
	}
	return true, keepNomenclature(dir, file)
}

func digestOf(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

func nomenclaturePath(digest string) string {
	return filepath.Join(nomenclatureFolder, digest[:16]+".xml")
}

// keepNomenclature writes a file under its digest, whole or not at all, and durably.
func keepNomenclature(dir string, file []byte) error {
	folder := filepath.Join(dir, nomenclatureFolder)
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.CreateTemp(folder, "new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(file)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, nomenclaturePath(digestOf(file))))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return errors.Join(syncFolder(folder), syncFolder(dir))
}

// syncFolder makes the names in a folder durable, where a folder can be opened as a file.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

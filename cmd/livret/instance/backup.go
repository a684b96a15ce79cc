package instance

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"livret/cmd/livret/backup"
	"livret/domain/access"
	"livret/eventstore/merkle"
)

// Backup writes three sets into a folder that is empty or not there yet: the log with what explains it and what was
// signed over it, the keys with the register of destructions, and the wrapping key in use. Views are not among them: they
// are rebuilt. It is taken while others read and write, over a checkpoint of its own. Where none can be signed, the sets
// are whole all the same, and the error is that of Ready.
func (i *Instance) Backup(ctx context.Context, actor access.Actor, dir string) (backup.Set, error) {
	set := backup.Set{Format: backup.Format, Part: backup.Log, Backup: uuid.New(), Ledger: i.Settings.Ledger, Taken: i.Ledger.Now()}
	if _, err := access.Allow(actor, access.BackUp, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return set, err
	}
	store, ok := i.store.(interface {
		Backup(ctx context.Context, path string) error
	})
	if !ok {
		return set, ErrElsewhere
	}
	if err := vacant(dir); err != nil {
		return set, err
	}
	part := func(p backup.Part) string { return filepath.Join(dir, string(p)) }
	for _, p := range backup.Parts() {
		if err := os.MkdirAll(part(p), 0o700); err != nil {
			return set, err
		}
	}
	if _, _, err := i.checkpoint(ctx); err != nil && !Unproven(err) {
		return set, err
	}
	if err := i.backUpEvidence(part(backup.Log), part(backup.Keys)); err != nil { // before the log, which then holds all that it is about
		return set, err
	}
	if err := store.Backup(ctx, filepath.Join(part(backup.Log), eventsFile)); err != nil {
		return set, err
	}
	if err := backup.Copy(filepath.Join(i.dir, settingsFile), filepath.Join(part(backup.Log), settingsFile)); err != nil {
		return set, err
	}
	if err := copyAny(filepath.Join(i.dir, nomenclatureFolder), filepath.Join(part(backup.Log), nomenclatureFolder)); err != nil {
		return set, err
	}
	if err := i.vault.Backup(ctx, part(backup.Keys), part(backup.KEKs)); err != nil {
		return set, err
	}
	for _, p := range backup.Parts() {
		sealed := set
		sealed.Part = p
		if err := backup.Seal(part(p), sealed); err != nil {
			return set, err
		}
	}
	return set, i.Ready()
}

// publicEvidence are the files that say what was signed, dated and cosigned. The tiles are not among them: they are made
// anew of the log, and then held to every checkpoint.
var publicEvidence = []string{
	checkpointFile, verifiersFile, destroyedAgainFile, authorityFile, witnessFile, filepath.Join(treeFolder, merkle.CheckpointsFolder),
	filepath.Join(treeFolder, merkle.StampsFolder), filepath.Join(treeFolder, merkle.CosignedFolder),
}

// backUpEvidence copies that beside the log, and the key that signs beside the keys.
func (i *Instance) backUpEvidence(log, keys string) error {
	for _, name := range publicEvidence {
		if err := copyAny(filepath.Join(i.dir, name), filepath.Join(log, name)); err != nil {
			return err
		}
	}
	return copyAny(filepath.Join(i.dir, signingFile), filepath.Join(keys, signingFile))
}

// copyAny copies a file or a folder, if it is there.
func copyAny(from, to string) error {
	info, err := os.Stat(from)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return backup.Files(from, to)
	}
	return backup.Copy(from, to)
}

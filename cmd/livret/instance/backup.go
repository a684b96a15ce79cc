package instance

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"livret/cmd/livret/backup"
	"livret/domain/access"
)

// Backup writes three sets into a folder that is empty or not there yet: the log with what explains it, the keys with
// the register of destructions, and the wrapping key in use. Views are not among them: they are rebuilt. It is taken
// while others read and write.
func (i *Instance) Backup(ctx context.Context, actor access.Actor, dir string) (backup.Set, error) {
	set := backup.Set{Format: backup.Format, Part: backup.Log, Backup: uuid.New(), Ledger: i.Settings.Ledger, Taken: i.Ledger.Now()}
	if _, err := access.Allow(actor, access.BackUp, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return set, err
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
	if err := i.store.Backup(ctx, filepath.Join(part(backup.Log), eventsFile)); err != nil {
		return set, err
	}
	if err := backup.Copy(filepath.Join(i.dir, settingsFile), filepath.Join(part(backup.Log), settingsFile)); err != nil {
		return set, err
	}
	lists := filepath.Join(i.dir, nomenclatureFolder)
	if _, err := os.Stat(lists); err == nil {
		if err := backup.Files(lists, filepath.Join(part(backup.Log), nomenclatureFolder)); err != nil {
			return set, err
		}
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
	return set, nil
}

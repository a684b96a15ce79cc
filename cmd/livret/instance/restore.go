package instance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/backup"
	"livret/domain"
	"livret/domain/access"
	events "livret/eventstore/embedded"
	"livret/eventstore/keyvault"
	keys "livret/eventstore/keyvault/embedded"
	"livret/eventstore/keyvault/keyfiles"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
)

// Restoration is what to restore, and where.
type Restoration struct {
	From         string // folder of the three sets
	KEKs         string // where the wrapping keys are, if they are kept elsewhere
	Destructions string // the newest register of destructions that is left: that of the lost machine
	RegisterLost bool   // declared: no register newer than that of the backup is left anywhere
	To           string // folder that is empty or not there yet
	Anchor       string // see Options: a checkpoint later than the backup's shows that facts are lost
	Now          func() time.Time
}

// Restored is what was restored.
type Restored struct {
	Taken     time.Time `json:"taken"`
	Ledger    uuid.UUID `json:"ledger"`
	Destroyed int       `json:"destroyed"` // keys that the backup still held and that were destroyed since
	Events    int       `json:"events"`    // that lost their sealed bytes with them
}

// restoring is what the folder is called until it is whole and everything destroyed since is destroyed in it.
const restoring = ".restauration"

// Restore makes a data folder of a backup: the log, then the keys, then every destruction that the log or a register
// knows is done again, before anything can be opened. Killed anywhere, it leaves no data folder, and is begun again.
// Without a register newer than the backup's it refuses (by "registre-des-destructions"), unless it is declared lost: who
// was destroyed since would come back, and nothing in the folder could tell.
func Restore(ctx context.Context, actor access.Actor, r Restoration) (Restored, error) {
	var done Restored
	if r.Now == nil {
		r.Now = time.Now
	}
	if err := vacant(r.To); err != nil {
		return done, err
	}
	if r.Destructions == "" && !r.RegisterLost {
		return done, domain.Refuse("registre-des-destructions", "Sans le registre des destructions, qui a été détruit depuis cette sauvegarde reviendrait.",
			"Donnez le registre le plus récent (keys/destructions de l’autre machine)\u00a0; s’il n’en reste aucun, déclarez-le perdu.")
	}
	set, err := r.sets()
	if err != nil {
		return done, err
	}
	done.Taken, done.Ledger = set.Taken, set.Ledger
	work := filepath.Clean(r.To) + restoring
	if err := os.RemoveAll(work); err != nil { // of a restoration that was cut short
		return done, err
	}
	if err := r.copy(work); err != nil {
		return done, errors.Join(err, os.RemoveAll(work))
	}
	if err := r.destroyAgain(ctx, work, set, &done); err != nil {
		return done, errors.Join(err, os.RemoveAll(work))
	}
	if err := os.Remove(r.To); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	if err := os.Rename(work, r.To); err != nil {
		return done, err
	}
	return done, rebuild(ctx, actor, r)
}

// vacant refuses a folder that holds anything.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return domain.Refuse("dossier-occupe", "Ce dossier n’est pas vide.", "Indiquez un dossier vide, ou qui n’existe pas encore.")
	}
	return nil
}

// sets checks the three sets, and that they are of one backup.
func (r Restoration) sets() (backup.Set, error) {
	var log backup.Set
	for _, part := range backup.Parts() {
		if part == backup.KEKs && r.KEKs != "" {
			continue // a wrapping key is checked by its name
		}
		set, err := backup.Open(filepath.Join(r.From, string(part)))
		switch {
		case part == backup.KEKs && errors.Is(err, backup.ErrIncomplete):
			return log, kekGone()
		case errors.Is(err, backup.ErrIncomplete):
			return log, domain.Refuse("sauvegarde-incomplete", fmt.Sprintf("Il manque une partie de cette sauvegarde\u00a0: %s.", fileOf(err)), "Restaurez à partir des trois parties complètes.")
		case errors.Is(err, backup.ErrAltered):
			return log, domain.Refuse("sauvegarde-alteree", fmt.Sprintf("Un fichier de cette sauvegarde n’est pas tel qu’il a été écrit\u00a0: %s.", fileOf(err)), "Prenez une autre copie.")
		case err != nil:
			return log, err
		case part == backup.Log:
			log = set
		}
		if set.Part != part || set.Backup != log.Backup || set.Ledger != log.Ledger {
			return log, domain.Refuse("sauvegardes-melees", "Les parties réunies ici ne sont pas celles d’une même sauvegarde.", "Réunissez les trois parties qui ont été écrites ensemble.")
		}
	}
	settings, err := ReadSettings(filepath.Join(r.From, string(backup.Log)))
	if err == nil && settings.Ledger != log.Ledger {
		err = domain.Refuse("sauvegardes-melees", "Le journal de cette sauvegarde est celui d’un autre registre.", "")
	}
	return log, err
}

// fileOf is the file that an error of a set tells.
func fileOf(err error) string { return err.Error()[strings.LastIndex(err.Error(), ": ")+2:] }

func kekGone() error {
	return domain.Refuse("cle-d-enveloppe-detruite",
		"La clé d’enveloppe de cette sauvegarde a été détruite, ou n’est pas ici\u00a0: rien de ce qu’elle contient ne s’ouvre plus (wrapping key destroyed).",
		"Restaurez une sauvegarde plus récente\u00a0; une clé d’enveloppe ne survit que sept jours à son remplacement.")
}

// copy brings the sets together as a data folder, with all that any register knows of destructions.
func (r Restoration) copy(work string) error {
	keyFolder := filepath.Join(work, keysFolder)
	keks := filepath.Join(r.From, string(backup.KEKs))
	if r.KEKs != "" {
		keks = r.KEKs
	}
	if err := errors.Join(backup.Files(filepath.Join(r.From, string(backup.Log)), work),
		backup.Files(filepath.Join(r.From, string(backup.Keys)), keyFolder), backup.Files(keks, filepath.Join(keyFolder, keys.KEKFolder))); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(keyFolder, signingFile), filepath.Join(work, signingFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if r.Destructions == "" {
		return nil
	}
	return keyfiles.MergeDestructions(filepath.Join(keyFolder, keys.DestructionsFile), r.Destructions)
}

// destroyAgain destroys, in a folder that nobody reads yet, what was destroyed since the backup.
func (r Restoration) destroyAgain(ctx context.Context, work string, set backup.Set, done *Restored) (err error) {
	store, err := events.Open(filepath.Join(work, eventsFile))
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	vault, err := keys.Open(filepath.Join(work, keysFolder), keys.Options{Now: r.Now})
	if errors.Is(err, keyvault.ErrLocked) {
		return kekGone()
	}
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	defer func() { err = errors.Join(err, vault.Close()) }()
	known, err := keyfiles.ReadDestructions(filepath.Join(work, keysFolder, keys.DestructionsFile))
	if err != nil {
		return err
	}
	status, err := vault.Status(ctx)
	if err != nil {
		return err
	}
	if known.KEKs[status.Now.Ref] {
		return kekGone()
	}
	codec, err := ledger.Vocabulary()
	if err != nil {
		return err
	}
	restored, err := ledger.New(ledger.Config{ID: set.Ledger, Store: store, Vault: vault, Codec: codec, Now: r.Now})
	if err != nil {
		return err
	}
	dead, fenced, err := ended(ctx, restored, known)
	if err != nil {
		return err
	}
	dying, err := destroy(ctx, vault, dead, fenced)
	if err != nil {
		return err
	}
	done.Destroyed = len(dying)
	if err := noteDestroyedAgain(work, dying); err != nil {
		return err
	}
	infos, err := vault.Keys(ctx)
	if err != nil {
		return err
	}
	var shredded []uuid.UUID
	for _, info := range infos {
		if info.State == keyvault.Shredded {
			shredded = append(shredded, info.ID)
		}
	}
	if done.Events, err = store.Purge(ctx, shredded...); err != nil {
		return err
	}
	_, err = vault.Rotate(ctx, restored.Now()) // the backup's wraps are copies from now on, which a rotation ends
	return err
}

// ended lists the fingerprints of keys that the log or a register says to be destroyed, and of those of which the
// destruction is begun.
func ended(ctx context.Context, l *ledger.Ledger, known keyfiles.Destructions) (dead, fenced map[string]bool, err error) {
	dead, fenced = make(map[string]bool), make(map[string]bool)
	for fingerprint := range known.Keys {
		dead[fmt.Sprintf("%x", fingerprint)] = true
	}
	docket, err := l.Docket(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, state := range docket.Owners {
		for _, gone := range state.Destroyed() {
			for _, key := range gone.Keys {
				dead[key.Fingerprint] = true
			}
		}
		if request, begun, _ := state.Requested(); begun {
			for _, key := range request.Keys {
				fenced[key.Fingerprint] = true
			}
		}
	}
	return dead, fenced, nil
}

// destroyedAgainFile lists the keys that restores destroyed because a register knew them to be destroyed: what the
// restored log says nothing of, and Check does not take for a fault.
const destroyedAgainFile = "destroyed-again.json"

func noteDestroyedAgain(dir string, dying []uuid.UUID) error {
	before, err := destroyedAgain(dir)
	if err != nil || len(dying) == 0 {
		return err
	}
	content, err := json.Marshal(append(before, dying...))
	if err != nil {
		return err
	}
	return merkle.WriteDurably(filepath.Join(dir, destroyedAgainFile), content)
}

func destroyedAgain(dir string) (keys []uuid.UUID, err error) {
	content, err := os.ReadFile(filepath.Join(dir, destroyedAgainFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &keys)
	}
	return keys, err
}

// destroy fences keys, destroys those that are dead, and answers which it destroyed.
func destroy(ctx context.Context, vault *keys.Vault, dead, fenced map[string]bool) ([]uuid.UUID, error) {
	infos, err := vault.Keys(ctx)
	if err != nil {
		return nil, err
	}
	at := make(map[keyvault.State][]uuid.UUID)
	var dying []uuid.UUID
	for _, info := range infos {
		fingerprint := fmt.Sprintf("%x", info.Fingerprint)
		if info.State == keyvault.Shredded || !dead[fingerprint] && !fenced[fingerprint] {
			continue
		}
		at[info.State] = append(at[info.State], info.ID)
		if dead[fingerprint] {
			dying = append(dying, info.ID)
		}
	}
	steps := []struct {
		from, to keyvault.State
		keys     []uuid.UUID
	}{
		{keyvault.Held, keyvault.Archived, at[keyvault.Held]}, // a hold does not bring back what ended
		{keyvault.Archived, keyvault.Fenced, append(at[keyvault.Archived], at[keyvault.Held]...)},
		{keyvault.Active, keyvault.Fenced, at[keyvault.Active]},
		{keyvault.Fenced, keyvault.Shredded, dying},
	}
	for _, s := range steps {
		if err := vault.SetStates(ctx, s.from, s.to, s.keys...); err != nil {
			return nil, err
		}
	}
	return dying, nil
}

// rebuild opens the restored folder, records what wraps its keys, makes its views and its tree, and holds the tree to
// every checkpoint that was signed before it signs the next.
func rebuild(ctx context.Context, actor access.Actor, r Restoration) error {
	i, err := Open(ctx, r.To, Options{Now: r.Now, Anchor: r.Anchor})
	if err != nil {
		return err
	}
	grant, err := access.Allow(actor, access.RotateKeys, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err == nil {
		err = i.recordWrapping(ctx, grant)
	}
	if err == nil {
		err = i.CatchUp(ctx)
	}
	if err == nil {
		_, err = i.CheckTree(ctx)
	}
	if err == nil {
		_, _, err = i.checkpoint(ctx)
	}
	return errors.Join(err, i.Close())
}

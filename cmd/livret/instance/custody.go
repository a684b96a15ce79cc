package instance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// CreatePair makes a custody pair: the vault keeps the public half, each of two folders takes a share of the private
// one. Neither folder may be in the data folder, nor both be one: whoever has both shares opens all that is archived.
func (i *Instance) CreatePair(ctx context.Context, actor access.Actor, name string, folders [2]string) ([2]string, error) {
	var paths [2]string
	grant, err := i.custody(ctx, actor)
	if err != nil {
		return paths, err
	}
	recorded, _, err := ledger.Load(ctx, i.Ledger, retention.WrappingDecider, i.Settings.Ledger)
	if err == nil {
		err = recorded.MayCreate(name)
	}
	if err == nil {
		err = i.apart(folders)
	}
	if err != nil {
		return paths, err
	}
	half, err := keyvault.NewPrivateHalf(name)
	if err != nil {
		return paths, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	shares, err := half.Split()
	if err != nil {
		return paths, err
	}
	for n, share := range shares { // before the pair is known: nothing is ever wrapped to one whose private half is lost
		paths[n] = filepath.Join(folders[n], fmt.Sprintf("livret-garde-%s-part-%d.txt", name, share.Number))
		if err := WriteNew(paths[n], []byte(share.Text())); err != nil {
			return paths, err
		}
	}
	if err := i.vault.AddPair(ctx, half.Pair); err != nil {
		return paths, err
	}
	return paths, i.recordWrapping(ctx, grant)
}

// DestroyPair records that the custodians destroyed their shares. It is refused while a living key would go with them.
func (i *Instance) DestroyPair(ctx context.Context, actor access.Actor, name string) error {
	grant, err := i.custody(ctx, actor)
	if err != nil {
		return err
	}
	status, err := i.vault.Status(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(status.Pairs, func(p keyvault.PairCount) bool { return p.Name == name }) {
		return domain.Refuse("paire-inconnue", "Aucune paire de garde ne porte ce nom.", "")
	}
	if err := i.vault.DropPair(ctx, name); errors.Is(err, keyvault.ErrPairInUse) {
		return domain.Refuse("paire-utilisee", "Des clés vivantes sont encore confiées à cette paire\u00a0: sa destruction les emporterait.",
			"Confiez les clés gelées à la paire de leur gel, et menez à terme la destruction des autres.")
	} else if err != nil {
		return err
	}
	return i.recordWrapping(ctx, grant)
}

// HoldKeys entrusts the archived keys of the livrets on which a hold stands to the pair of that hold, with the custody
// of what they are archived under. It answers how many keys are in the custody of the hold.
func (i *Instance) HoldKeys(ctx context.Context, actor access.Actor, hold uuid.UUID, at ...*keyvault.PrivateHalf) (int, error) {
	if _, err := i.custody(ctx, actor); err != nil {
		return 0, err
	}
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return 0, err
	}
	infos, err := i.vault.Keys(ctx)
	if err != nil {
		return 0, err
	}
	var keys []uuid.UUID
	for _, info := range infos {
		state := docket.Owners[info.Owner]
		away := info.State == keyvault.Archived || info.State == keyvault.Held
		if away && state != nil && slices.Contains(state.Holds(), hold) {
			keys = append(keys, info.ID)
		}
	}
	return len(keys), i.vault.WithCustody(at...).Hold(ctx, hold.String(), keys...)
}

func (i *Instance) custody(ctx context.Context, actor access.Actor) (access.Grant, error) {
	grant, err := access.Allow(actor, access.KeepCustody, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return grant, err
	}
	return grant, i.recordWrapping(ctx, grant) // of what was done before a crash
}

// ReadShares puts together the two shares of a custody pair.
func ReadShares(paths [2]string) (*keyvault.PrivateHalf, error) {
	var shares [2]keyvault.Share
	for n, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if shares[n], err = keyvault.ParseShare(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return keyvault.Combine(shares[0], shares[1])
}

// apart refuses folders of shares that are one, or that are in the data folder.
func (i *Instance) apart(folders [2]string) error {
	var real [2]string
	for n, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%w: %s is no folder", ErrUsage, folder)
		}
		if real[n], err = realPath(folder); err != nil {
			return err
		}
	}
	data, err := realPath(i.dir)
	if err != nil {
		return err
	}
	within := func(path string) bool {
		return path == data || strings.HasPrefix(path, data+string(filepath.Separator))
	}
	if real[0] == real[1] || within(real[0]) || within(real[1]) {
		return domain.Refuse("gardiens-confondus", "Les deux parts d’une paire de garde vont à deux gardiens, hors du dossier du registre.",
			"Indiquez deux dossiers différents, de préférence sur deux supports amovibles.")
	}
	return nil
}

func realPath(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// WriteNew writes a file that is not there yet, for its owner only, durable before it answers.
func WriteNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s is there already", ErrUsage, path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

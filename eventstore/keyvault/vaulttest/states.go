package vaulttest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

// paths lead from birth to every state.
var paths = map[keyvault.State][]keyvault.State{
	keyvault.Active:   {keyvault.Active},
	keyvault.Archived: {keyvault.Active, keyvault.Archived},
	keyvault.Held:     {keyvault.Active, keyvault.Held},
	keyvault.Fenced:   {keyvault.Active, keyvault.Fenced},
	keyvault.Shredded: {keyvault.Active, keyvault.Fenced, keyvault.Shredded},
}

var openErrs = map[keyvault.State]error{
	keyvault.Active:   nil,
	keyvault.Archived: keyvault.ErrArchived,
	keyvault.Held:     keyvault.ErrArchived,
	keyvault.Fenced:   keyvault.ErrShredded,
	keyvault.Shredded: keyvault.ErrShredded,
}

func statesAnswerTheirErrors(t *testing.T, a Adapter) {
	v := a.New(t)
	for state, path := range paths {
		info := create(t, v, births(1)...)[0]
		Move(t, v, info.ID, path...)
		wantOpen(t, v, info, openErrs[state])
		now, err := v.Info(t.Context(), info.ID)
		if info.State = state; err != nil || now != info {
			t.Errorf("a key that is %s is known as %v, %v", state, now, err)
		}
	}
}

func transitions(t *testing.T, a Adapter) {
	allowed := map[[2]keyvault.State]bool{
		{keyvault.Active, keyvault.Fenced}: true, {keyvault.Archived, keyvault.Fenced}: true,
		{keyvault.Held, keyvault.Archived}: true, {keyvault.Fenced, keyvault.Shredded}: true,
	}
	v := a.New(t)
	for at, path := range paths {
		for from := range paths {
			for to := range paths {
				info := create(t, v, births(1)...)[0]
				Move(t, v, info.ID, path...)
				var want error
				if !allowed[[2]keyvault.State{from, to}] || at != from && at != to {
					want = keyvault.ErrState
				}
				wantErr(t, string("at "+at+", from "+from+" to "+to), v.SetState(t.Context(), info.ID, from, to), want)
				now, _ := v.Info(t.Context(), info.ID)
				if info.State = at; want == nil {
					info.State = to
				}
				if now != info {
					t.Errorf("at %s, from %s to %s: the key is now %s", at, from, to, now.State)
				}
			}
		}
	}
}

// manyKeysMoveTogether moves keys of several owners at once: all or none, and again without effect.
func manyKeysMoveTogether(t *testing.T, a Adapter) {
	v := a.New(t)
	infos := create(t, v, births(30)...)
	var ids []uuid.UUID
	for i, info := range infos {
		ids = append(ids, info.ID)
		claim := keyvault.Claim{Kind: "livret", Parts: []string{info.Owner.String()}, Owner: info.Owner}
		if _, err := v.Resolve(t.Context(), claim); err != nil {
			t.Fatal(i, err)
		}
	}
	states := func(want keyvault.State, of ...keyvault.Info) {
		t.Helper()
		for _, info := range of {
			if now, err := v.Info(t.Context(), info.ID); err != nil || now.State != want {
				t.Fatalf("a key is %s, %v; want %s", now.State, err, want)
			}
		}
	}
	ctx := t.Context()
	wantErr(t, "one of them is unknown", v.SetStates(ctx, keyvault.Active, keyvault.Fenced, append(ids, uuid.New())...), keyvault.ErrUnknown)
	wantErr(t, "a step too far", v.SetStates(ctx, keyvault.Active, keyvault.Shredded, ids...), keyvault.ErrState)
	states(keyvault.Active, infos...)
	Move(t, v, ids[29], keyvault.Active, keyvault.Archived)
	wantErr(t, "one of them is elsewhere", v.SetStates(ctx, keyvault.Active, keyvault.Fenced, ids...), keyvault.ErrState)
	states(keyvault.Active, infos[:29]...)
	wantErr(t, "none at all", v.SetStates(ctx, keyvault.Active, keyvault.Fenced), nil)

	dying := ids[:20]
	for range 2 {
		wantErr(t, "fence", v.SetStates(ctx, keyvault.Active, keyvault.Fenced, dying...), nil)
	}
	states(keyvault.Fenced, infos[:20]...)
	for range 2 {
		wantErr(t, "shred", v.SetStates(ctx, keyvault.Fenced, keyvault.Shredded, append(dying, dying[0])...), nil)
	}
	if a.Reopen != nil {
		v = a.Reopen(t, v)
	}
	states(keyvault.Shredded, infos[:20]...)
	states(keyvault.Active, infos[20:29]...)
	for i, info := range infos {
		_, err := v.Lookup(ctx, "livret", info.Owner.String())
		if want := error(nil); i < 20 {
			wantErr(t, "the claim of a dead owner", err, keyvault.ErrUnknown)
		} else {
			wantErr(t, "the claim of a living owner", err, want)
		}
	}
}

func shreddedStaysShredded(t *testing.T, a Adapter) {
	v := a.New(t)
	birth := births(1)[0]
	info := create(t, v, birth)[0]
	shred(t, v, info.ID)
	info.State = keyvault.Shredded
	for range 2 {
		if again := create(t, v, birth)[0]; again != info {
			t.Errorf("a dead key is answered as %v, want %v", again, info)
		}
		if found, err := v.Find(t.Context(), birth.Owner, birth.Class); err != nil || found != info {
			t.Errorf("a dead key is found as %v, %v", found, err)
		}
		wantOpen(t, v, info, keyvault.ErrShredded)
		wantErr(t, "forgetting a dead key", v.Forget(t.Context(), info.ID), keyvault.ErrShredded)
		if a.Reopen != nil {
			v = a.Reopen(t, v)
		}
	}
	if keys, _ := v.Keys(t.Context()); len(keys) != 1 {
		t.Errorf("%d keys, want the dead one", len(keys))
	}
}

func damageIsCorrupt(t *testing.T, a Adapter) {
	flip := func(b []byte, i int) { b[i] ^= 0x10 }
	damages := map[string]func(*Row){
		"first byte of the nonce":       func(r *Row) { flip(r.Wrapped, 0) },
		"a byte of the ciphertext":      func(r *Row) { flip(r.Wrapped, 20) },
		"last byte of the tag":          func(r *Row) { flip(r.Wrapped, len(r.Wrapped)-1) },
		"a truncated wrap":              func(r *Row) { r.Wrapped = r.Wrapped[:len(r.Wrapped)-1] },
		"an empty wrap":                 func(r *Row) { r.Wrapped = []byte{} },
		"no wrap":                       func(r *Row) { r.Wrapped = nil },
		"the fingerprint":               func(r *Row) { flip(r.Fingerprint, 31) },
		"the wrapping key's name":       func(r *Row) { flip(r.KEK, 3) },
		"the epoch":                     func(r *Row) { r.Epoch++ },
		"the class":                     func(r *Row) { r.Class = "Record" },
		"the owner":                     func(r *Row) { flip(r.Owner[:], 5) },
		"the state":                     func(r *Row) { r.State = string(keyvault.Archived) },
		"the seal":                      func(r *Row) { flip(r.Seal, 15) },
		"a state that is none":          func(r *Row) { r.State = "actjve" },
		"shredded with its wrap":        func(r *Row) { r.State = string(keyvault.Shredded) },
		"fenced without its wrap":       func(r *Row) { r.State, r.Wrapped = string(keyvault.Fenced), nil },
		"archived with a wrap cut away": func(r *Row) { r.State, r.Wrapped = string(keyvault.Archived), nil },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			v := a.New(t)
			infos := create(t, v, births(2)...)
			v = a.Tamper(t, v, func(rows []*Row) { damage(rows[0]) }, infos[0].ID)
			_, err := v.Open(t.Context(), infos[0].ID)
			wantErr(t, "Open", err, keyvault.ErrCorrupt)
			wantOpen(t, v, infos[1], nil)
		})
	}
}

func swappedRowsAreCorrupt(t *testing.T, a Adapter) {
	swaps := map[string]func(x, y *Row){
		"wraps": func(x, y *Row) { x.Wrapped, y.Wrapped = y.Wrapped, x.Wrapped },
		"wraps and fingerprints": func(x, y *Row) {
			x.Wrapped, y.Wrapped, x.Fingerprint, y.Fingerprint = y.Wrapped, x.Wrapped, y.Fingerprint, x.Fingerprint
		},
		"owners":     func(x, y *Row) { x.Owner, y.Owner = y.Owner, x.Owner },
		"whole rows": func(x, y *Row) { *x, *y = *y, *x },
	}
	for name, swap := range swaps {
		t.Run(name, func(t *testing.T) {
			v := a.New(t)
			asked := births(2)
			asked[1].Class = asked[0].Class
			infos := create(t, v, asked...)
			v = a.Tamper(t, v, func(rows []*Row) { swap(rows[0], rows[1]) }, infos[0].ID, infos[1].ID)
			for _, info := range infos {
				_, err := v.Open(t.Context(), info.ID)
				wantErr(t, "Open", err, keyvault.ErrCorrupt)
			}
		})
	}
}

// deadFingerprintIsRefused brings the bytes of a destroyed key back under the row of a living one.
func deadFingerprintIsRefused(t *testing.T, a Adapter) {
	v := a.New(t)
	infos := create(t, v, births(2)...)
	shred(t, v, infos[0].ID)
	v = a.Tamper(t, v, func(rows []*Row) { rows[1].Fingerprint = rows[0].Fingerprint }, infos[0].ID, infos[1].ID)
	if _, err := v.Open(t.Context(), infos[1].ID); err == nil {
		t.Error("a row with the fingerprint of a dead key opens")
	}
	wantOpen(t, v, infos[0], keyvault.ErrShredded)
}

func generationChangesWithStatesOnly(t *testing.T, a Adapter) {
	v := a.New(t)
	generation := func() uint64 {
		t.Helper()
		g, err := v.Generation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	at := generation()
	infos := create(t, v, births(3)...)
	wantOpen(t, v, infos[0], nil)
	v.Find(t.Context(), infos[0].Owner, infos[0].Class)
	v.Resolve(t.Context(), keyvault.Claim{Kind: "livret", Parts: []string{"1"}, Owner: infos[0].Owner})
	v.SetState(t.Context(), infos[0].ID, keyvault.Shredded, keyvault.Active)
	v.SetState(t.Context(), infos[0].ID, keyvault.Archived, keyvault.Fenced)
	v.Forget(t.Context(), uuid.New())
	if now := generation(); now != at {
		t.Errorf("generation went from %d to %d without a change of state", at, now)
	}
	changes := []func(){
		func() { Move(t, v, infos[0].ID, keyvault.Active, keyvault.Held) },
		func() { Move(t, v, infos[0].ID, keyvault.Held, keyvault.Archived) },
		func() { Move(t, v, infos[0].ID, keyvault.Archived, keyvault.Fenced) },
		func() { Move(t, v, infos[0].ID, keyvault.Fenced, keyvault.Shredded) },
		func() { Move(t, v, infos[1].ID, keyvault.Active, keyvault.Archived) },
		func() { v.Forget(t.Context(), infos[2].ID) },
	}
	seen := map[uint64]bool{at: true}
	for i, change := range changes {
		change()
		if now := generation(); seen[now] {
			t.Errorf("generation %d stands again after change %d", now, i)
		} else {
			seen[now] = true
		}
	}
	at = generation()
	Move(t, v, infos[0].ID, keyvault.Fenced, keyvault.Shredded)
	if now := generation(); now != at {
		t.Error("a change of state repeated changes the generation")
	}
}

func cancelledContext(t *testing.T, a Adapter) {
	v := a.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Create(ctx, births(1)...); err == nil {
		t.Error("Create answers under a context that has ended")
	}
	if _, err := v.Open(ctx, uuid.New()); err == nil {
		t.Error("Open answers under a context that has ended")
	}
	create(t, v, births(1)...)
}

func closedIsClosed(t *testing.T, a Adapter) {
	v := a.New(t)
	info := create(t, v, births(1)...)[0]
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, claim := t.Context(), keyvault.Claim{Kind: "livret", Parts: []string{"1"}, Owner: uuid.New()}
	calls := map[string]func() error{
		"Create": func() error { _, err := v.Create(ctx, births(1)...); return err },
		"Create of old": func() error {
			_, err := v.Create(ctx, keyvault.Birth{Owner: info.Owner, Class: info.Class})
			return err
		},
		"Find":       func() error { _, err := v.Find(ctx, info.Owner, info.Class); return err },
		"Info":       func() error { _, err := v.Info(ctx, info.ID); return err },
		"Open":       func() error { _, err := v.Open(ctx, info.ID); return err },
		"Resolve":    func() error { _, err := v.Resolve(ctx, claim); return err },
		"Lookup":     func() error { _, err := v.Lookup(ctx, claim.Kind, claim.Parts...); return err },
		"Forget":     func() error { return v.Forget(ctx, info.ID) },
		"SetState":   func() error { return v.SetState(ctx, info.ID, keyvault.Active, keyvault.Fenced) },
		"Archive":    func() error { return v.Archive(ctx, june, info.ID) },
		"Hold":       func() error { return v.Hold(ctx, hold, info.ID) },
		"AddPair":    func() error { return v.AddPair(ctx, halves(t)[0].Pair) },
		"DropPair":   func() error { return v.DropPair(ctx, june) },
		"Rotate":     func() error { _, err := v.Rotate(ctx, time.Now()); return err },
		"Status":     func() error { _, err := v.Status(ctx); return err },
		"SetStates":  func() error { return v.SetStates(ctx, keyvault.Active, keyvault.Fenced, info.ID) },
		"Keys":       func() error { _, err := v.Keys(ctx); return err },
		"Generation": func() error { _, err := v.Generation(ctx); return err },
	}
	for name, call := range calls {
		wantErr(t, name, call(), keyvault.ErrClosed)
	}
	if err := v.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// randomWalk moves keys at random and reopens now and then; a key opens if and only if it is active.
func randomWalk(t *testing.T, a Adapter) {
	v := a.New(t)
	random := rand.New(rand.NewPCG(1, 2))
	states := []keyvault.State{keyvault.Active, keyvault.Archived, keyvault.Held, keyvault.Fenced, keyvault.Shredded}
	infos := create(t, v, births(8)...)
	for step := range 150 {
		info := &infos[random.IntN(len(infos))]
		to := states[random.IntN(len(states))]
		alive := info.State != keyvault.Fenced && info.State != keyvault.Shredded
		var want error
		if (to != keyvault.Archived && to != keyvault.Held || !alive) && !info.State.MayBecome(to) {
			want = keyvault.ErrState
		}
		wantErr(t, string("from "+info.State+" to "+to), Step(t, v, info.ID, info.State, to), want)
		if want == nil {
			info.State = to
		}
		if step%50 == 49 && a.Reopen != nil {
			v = a.Reopen(t, v)
		}
		if step%40 == 39 {
			rotate(t, v)
		}
		wantOpen(t, v, *info, openErrs[info.State])
		if want := openErrs[info.State]; want == keyvault.ErrArchived {
			wantOpen(t, v.WithCustody(halves(t)...), *info, nil)
		}
	}
	for _, info := range infos {
		if again := create(t, v, keyvault.Birth{Owner: info.Owner, Class: info.Class})[0]; again != info {
			t.Errorf("a key is %v, want %v", again, info)
		}
		wantOpen(t, v, info, openErrs[info.State])
	}
}

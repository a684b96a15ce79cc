package vaulttest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

func claim(owner uuid.UUID, parts ...string) keyvault.Claim {
	return keyvault.Claim{Kind: "livret", Parts: parts, Owner: owner}
}

func resolve(t testing.TB, v Vault, claims ...keyvault.Claim) []uuid.UUID {
	t.Helper()
	owners, err := v.Resolve(t.Context(), claims...)
	if err != nil {
		t.Fatalf("Resolve: %v", err)
	}
	if len(owners) != len(claims) {
		t.Fatalf("Resolve of %d claims answers %d owners", len(claims), len(owners))
	}
	return owners
}

func resolveFirstProposedWins(t *testing.T, a Adapter) {
	v := a.New(t)
	first, second, third := uuid.New(), uuid.New(), uuid.New()
	owners := resolve(t, v, claim(first, "a"), claim(second, "b"), claim(third, "a"), claim(third, "c"))
	if diff := cmp.Diff([]uuid.UUID{first, second, first, third}, owners); diff != "" {
		t.Errorf("a batch with a claim made twice: %s", diff)
	}
	for range 2 {
		owners = resolve(t, v, claim(uuid.New(), "c"), claim(uuid.New(), "b"), claim(uuid.New(), "a"))
		if diff := cmp.Diff([]uuid.UUID{third, second, first}, owners); diff != "" {
			t.Errorf("claims changed owners: %s", diff)
		}
		if owner, err := v.Lookup(t.Context(), "livret", "b"); err != nil || owner != second {
			t.Errorf("Lookup answers %v, %v", owner, err)
		}
		if a.Reopen != nil {
			v = a.Reopen(t, v)
		}
	}
	if none, err := v.Resolve(t.Context()); err != nil || len(none) != 0 {
		t.Errorf("Resolve of nothing answers %v, %v", none, err)
	}
}

func resolveUnderConcurrency(t *testing.T, a Adapter) {
	v := a.New(t)
	answers := make([][]uuid.UUID, 64)
	proposed := make(map[uuid.UUID]bool)
	proposals := make([][]keyvault.Claim, len(answers))
	for i := range proposals {
		for j := range 30 {
			c := claim(uuid.New(), "0000001A", fmt.Sprint((i+j)%40)) // windows that overlap
			proposed[c.Owner] = true
			proposals[i] = append(proposals[i], c)
		}
	}
	together(len(answers), func(i int) {
		answers[i], _ = v.Resolve(t.Context(), proposals[i]...)
	})
	known := make(map[string]uuid.UUID)
	for i, owners := range answers {
		if len(owners) != 30 {
			t.Fatalf("caller %d was answered %d owners", i, len(owners))
		}
		for j, owner := range owners {
			part := proposals[i][j].Parts[1]
			if had, ok := known[part]; ok && had != owner {
				t.Fatalf("claim %s has two owners", part)
			}
			if known[part] = owner; !proposed[owner] {
				t.Fatalf("claim %s has an owner whom nobody proposed", part)
			}
		}
	}
	for part, owner := range known {
		if now, err := v.Lookup(t.Context(), "livret", "0000001A", part); err != nil || now != owner {
			t.Errorf("claim %s was answered %v and is %v, %v", part, owner, now, err)
		}
	}
}

func resolveRefusesIncompleteClaims(t *testing.T, a Adapter) {
	v := a.New(t)
	for _, c := range []keyvault.Claim{
		{Parts: []string{"a"}, Owner: uuid.New()}, {Kind: "livret", Owner: uuid.New()}, {Kind: "livret", Parts: []string{"a"}},
	} {
		if _, err := v.Resolve(t.Context(), claim(uuid.New(), "whole"), c); err == nil {
			t.Errorf("Resolve took %v", c)
		}
	}
	_, err := v.Lookup(t.Context(), "livret", "whole")
	wantErr(t, "Lookup after a refused batch", err, keyvault.ErrUnknown)
}

func claimsDoNotMeet(t *testing.T, a Adapter) {
	v := a.New(t)
	claims := []keyvault.Claim{
		{Kind: "livret", Parts: []string{"ab", "c"}},
		{Kind: "livret", Parts: []string{"a", "bc"}},
		{Kind: "livret", Parts: []string{"abc"}},
		{Kind: "livret", Parts: []string{"ab", "c", ""}},
		{Kind: "livret", Parts: []string{"", "ab", "c"}},
		{Kind: "livreta", Parts: []string{"b", "c"}},
		{Kind: "staff", Parts: []string{"ab", "c"}},
		{Kind: "livret", Parts: []string{"c", "ab"}},
	}
	for i := range claims {
		claims[i].Owner = uuid.New()
	}
	for i, owner := range resolve(t, v, claims...) {
		if owner != claims[i].Owner {
			t.Errorf("claim %d meets another", i)
		}
	}
}

func claimsDieWithTheLastKey(t *testing.T, a Adapter) {
	v := a.New(t)
	owner, other := uuid.New(), uuid.New()
	infos := create(t, v,
		keyvault.Birth{Owner: owner, Class: keyvault.Identity}, keyvault.Birth{Owner: owner, Class: keyvault.Record},
		keyvault.Birth{Owner: other, Class: keyvault.Identity})
	resolve(t, v, claim(owner, "a"), claim(owner, "b"), claim(other, "c"))

	shred(t, v, infos[0].ID)
	if now, err := v.Lookup(t.Context(), "livret", "a"); err != nil || now != owner {
		t.Errorf("while a key lives its owner is found as %v, %v", now, err)
	}
	Move(t, v, infos[1].ID, keyvault.Active, keyvault.Fenced)
	if _, err := v.Lookup(t.Context(), "livret", "a"); err != nil {
		t.Errorf("a fence deletes claims: %v", err)
	}
	Move(t, v, infos[1].ID, keyvault.Fenced, keyvault.Shredded)
	if a.Reopen != nil {
		v = a.Reopen(t, v)
	}
	for _, part := range []string{"a", "b"} {
		_, err := v.Lookup(t.Context(), "livret", part)
		wantErr(t, "Lookup of a forgotten owner", err, keyvault.ErrUnknown)
	}
	if now, err := v.Lookup(t.Context(), "livret", "c"); err != nil || now != other {
		t.Errorf("another owner's claim is answered %v, %v", now, err)
	}
	successor := uuid.New()
	if now := resolve(t, v, claim(successor, "a"))[0]; now != successor {
		t.Error("the claim of a forgotten owner cannot be made again")
	}
	create(t, v, keyvault.Birth{Owner: successor, Class: keyvault.Identity})
}

func forget(t *testing.T, a Adapter) {
	v := a.New(t)
	owner := uuid.New()
	identity, record := keyvault.Birth{Owner: owner, Class: keyvault.Identity}, keyvault.Birth{Owner: owner, Class: keyvault.Record}
	infos := create(t, v, identity, record)
	resolve(t, v, claim(owner, "a"))

	if err := v.Forget(t.Context(), infos[0].ID, uuid.New()); err != nil {
		t.Fatal(err)
	}
	wantOpen(t, v, infos[0], keyvault.ErrUnknown)
	_, err := v.Find(t.Context(), owner, keyvault.Identity)
	wantErr(t, "Find of a forgotten key", err, keyvault.ErrUnknown)
	wantOpen(t, v, infos[1], nil)
	if now, err := v.Lookup(t.Context(), "livret", "a"); err != nil || now != owner {
		t.Errorf("while a key remains its owner is found as %v, %v", now, err)
	}
	if again := create(t, v, identity)[0]; again.ID == infos[0].ID || again.Fingerprint == infos[0].Fingerprint {
		t.Error("a forgotten key came back")
	} else {
		infos[0] = again
	}

	held := create(t, v, keyvault.Birth{Owner: owner, Class: keyvault.Consultation})[0]
	Move(t, v, held.ID, keyvault.Active, keyvault.Held)
	wantErr(t, "forgetting a key under hold", v.Forget(t.Context(), infos[0].ID, held.ID), keyvault.ErrArchived)
	wantOpen(t, v, infos[0], nil) // all or none
	Move(t, v, held.ID, keyvault.Held, keyvault.Archived, keyvault.Fenced, keyvault.Shredded)

	if err := v.Forget(t.Context(), infos[0].ID, infos[1].ID); err != nil {
		t.Fatal(err)
	}
	if a.Reopen != nil {
		v = a.Reopen(t, v)
	}
	_, err = v.Lookup(t.Context(), "livret", "a")
	wantErr(t, "Lookup of an owner without key", err, keyvault.ErrUnknown)
	if keys, _ := v.Keys(t.Context()); len(keys) != 1 {
		t.Errorf("%d keys remain beside the dead one", len(keys)-1)
	}
	wantErr(t, "forgetting again", v.Forget(t.Context(), infos[0].ID), nil)
}

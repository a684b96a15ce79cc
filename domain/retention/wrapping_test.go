package retention_test

import (
	"errors"
	"testing"

	"livret/domain"
	"livret/domain/retention"
	"livret/domain/spec"
)

var (
	first    = retention.WrappingKeyRotated{Epoch: 1, Ref: "a1"}
	second   = retention.WrappingKeyRotated{Epoch: 2, Ref: "a2"}
	third    = retention.WrappingKeyRotated{Epoch: 3, Ref: "a3"}
	juneGave = retention.CustodyPairCreated{Pair: june, Ref: "b1"}
)

func TestWhatWrapsIsRecordedAsItIs(t *testing.T) {
	exists := func(keys ...retention.WrappingKeyRotated) retention.RecordWrapping {
		return retention.RecordWrapping{Keys: keys}
	}
	given := spec.Given(retention.WrappingDecider)
	given.When(exists()).ThenRefused(t, "cle-d-enveloppe-incomplete")
	given.When(exists(first)).Then(t, first)
	given.And(first).When(exists(first)).Then(t)
	given.And(first).When(exists(first, second)).Then(t, second)
	given.And(first, second).When(exists(second, third)).Then(t, third, retention.WrappingKeyDestroyed(first))
	given.And(first).When(retention.RecordWrapping{Keys: []retention.WrappingKeyRotated{first}, Pairs: []retention.CustodyPairCreated{juneGave}}).Then(t, juneGave)
	given.And(first, juneGave).When(exists(first)).Then(t, retention.CustodyPairDestroyed(juneGave))

	restored := retention.WrappingKeyRotated{Epoch: 2, Ref: "c2"} // of the same number, made after a restore
	given.And(first, second).When(exists(first, restored)).Then(t, restored, retention.WrappingKeyDestroyed(second))
}

func TestACertificateIsFinalWhenNoWrappingKeyOfItsDayIsLeft(t *testing.T) {
	given := spec.Given(retention.WrappingDecider)
	for _, c := range []struct {
		given spec.History[*retention.Wrapping]
		want  bool
	}{
		{given, false}, {given.And(first), false}, {given.And(first, second), false},
		{given.And(first, second, retention.WrappingKeyDestroyed(first)), true},
		{given.And(first, second, third, retention.WrappingKeyDestroyed(second)), false},
	} {
		if got := c.given.State().Outlived(1); got != c.want {
			t.Errorf("with %+v, epoch 1 is outlived: %t", c.given.State().Keys, got)
		}
		if c.given.State().Outlived(0) {
			t.Error("an epoch that nobody recorded is outlived")
		}
	}
}

func TestAPairIsNamedOnce(t *testing.T) {
	given := spec.Given(retention.WrappingDecider, first)
	for _, c := range []struct {
		given spec.History[*retention.Wrapping]
		rule  string
	}{
		{given, ""}, {given.And(juneGave), "paire-deja-creee"},
		{given.And(juneGave, retention.CustodyPairDestroyed(juneGave)), "paire-detruite"},
	} {
		err := c.given.State().MayCreate(june)
		refusal, refused := errors.AsType[*domain.Refusal](err)
		if refused != (c.rule != "") || refused && refusal.Rule != c.rule {
			t.Errorf("a pair of that name: %v, want %q", err, c.rule)
		}
	}
}

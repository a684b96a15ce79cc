package keyvault_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

func TestASaltIsThatOfAKeyAndAPurpose(t *testing.T) {
	salt := func(first byte, purpose string) []byte {
		key, err := keyvault.NewKey(uuid.New(), keyvault.Candidate, [keyvault.KeySize]byte{first})
		if err != nil {
			t.Fatal(err)
		}
		return key.Salt(purpose)
	}
	if !bytes.Equal(salt(1, "view"), salt(1, "view")) || bytes.Equal(salt(1, "view"), salt(2, "view")) || bytes.Equal(salt(1, "view"), salt(1, "other")) {
		t.Error("salts differ when they should not, or do not when they should")
	}
}

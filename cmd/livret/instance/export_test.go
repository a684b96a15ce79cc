package instance

import (
	events "livret/eventstore/embedded"
	keys "livret/eventstore/keyvault/embedded"
)

// Parts gives the log and the vault to a test that stops what is done with them.
func (i *Instance) Parts() (*events.Store, *keys.Vault) { return i.store, i.vault }

//go:build !unix

package keyfiles

// SyncFolder has nothing to do where a folder cannot be opened as a file.
func SyncFolder(string) error { return nil }

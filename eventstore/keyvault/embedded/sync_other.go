//go:build !unix

package embedded

// syncFolder has nothing to do where a folder cannot be opened as a file.
func syncFolder(string) error { return nil }

//go:build !linux

package peers

import "os"

func datasync(f *os.File) error { return f.Sync() }

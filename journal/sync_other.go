//go:build !linux

package journal

import "os"

// datasync makes the file's bytes durable, and its length.
func datasync(f *os.File) error { return f.Sync() }

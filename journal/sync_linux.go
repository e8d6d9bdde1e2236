package journal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// datasync makes the file's bytes durable, and its length; not its times, which
// would cost a second write.
func datasync(f *os.File) error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

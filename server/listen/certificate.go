package listen

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"

	"rasad/city"
)

// lookAgain is how long a certificate is used before its files are looked at.
const lookAgain = 10 * time.Second

// A certificate is a pair of PEM files that may be replaced while the server runs.
type certificate struct {
	certFile, keyFile string

	mu     sync.Mutex
	cert   *tls.Certificate
	stamp  time.Time // when the newer of the files changed
	looked time.Time
}

// load reads both files.
func (c *certificate) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read(time.Now())
}

// current returns the certificate in force. Where new files cannot be read or do
// not match, which is so for a moment while they are replaced, the old stays.
func (c *certificate) current(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= lookAgain {
		_ = c.read(now) // the old one is still good
	}
	return c.cert, nil
}

func (c *certificate) read(now time.Time) error {
	c.looked = now
	stamp, err := newest(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read certificate: %w: %w", city.ErrInvalid, err)
	}
	if c.cert != nil && stamp.Equal(c.stamp) {
		return nil
	}
	cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read certificate: %w: %w", city.ErrInvalid, err)
	}
	c.cert, c.stamp = &cert, stamp
	return nil
}

func newest(files ...string) (time.Time, error) {
	var t time.Time
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			return t, err
		}
		if info.ModTime().After(t) {
			t = info.ModTime()
		}
	}
	return t, nil
}

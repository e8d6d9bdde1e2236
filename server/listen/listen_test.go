package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rasad/city"
	"rasad/server/listen/listentest"
)

const patience = 20 * time.Second

func start(t *testing.T, cfg Config) *Door {
	t.Helper()
	cfg.Addr = "127.0.0.1:0"
	d, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close(); d.CloseConns() })
	return d
}

func dial(t *testing.T, d *Door) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", d.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// acceptAll accepts until the listener closes, and hands over what came.
func acceptAll(ln net.Listener) <-chan net.Conn {
	got := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			got <- c
		}
	}()
	return got
}

func TestConnectionsBeyondTheBoundsAreClosedAtOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg  Config
		want int
	}{
		"of one address":     {Config{PerIP: 2}, 2},
		"in all":             {Config{Total: 3}, 3},
		"an exempt address":  {Config{PerIP: 2, Exempt: netip.Addr.IsLoopback}, 6},
		"exempt, but in all": {Config{PerIP: 2, Total: 4, Exempt: netip.Addr.IsLoopback}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			d := start(t, tc.cfg)
			got := acceptAll(d)
			var clients []net.Conn
			for range 6 {
				clients = append(clients, dial(t, d))
			}
			for i, c := range clients {
				if i < tc.want {
					continue
				}
				if _, err := c.Read(make([]byte, 1)); err == nil {
					t.Error("a refused connection said something")
				}
			}
			for range tc.want {
				<-got
			}
			if open, refused := d.Counts(); open != tc.want || refused != uint64(6-tc.want) {
				t.Errorf("%d open, %d refused", open, refused)
			}
		})
	}
}

func TestAClosedConnectionMakesRoom(t *testing.T) {
	d := start(t, Config{PerIP: 1})
	got := acceptAll(d)
	for range 3 {
		dial(t, d)
		c := <-got
		for range 2 { // a second time does nothing
			_ = c.Close()
		}
		if open, _ := d.Counts(); open != 0 {
			t.Fatalf("%d open", open)
		}
	}
}

func TestCloseConnsEndsEveryConnectionForGood(t *testing.T) {
	d := start(t, Config{})
	got := acceptAll(d)
	c := dial(t, d)
	Linger(<-got) // also one that would rather stay
	d.CloseConns()
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: %v", err)
	}
	if _, err := dial(t, d).Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a new connection: %v", err)
	}
}

func TestALingeringConnectionLetsTheAnswerThrough(t *testing.T) {
	d := start(t, Config{})
	got := acceptAll(d)
	c := dial(t, d)
	own := <-got
	if _, err := io.WriteString(own, "no"); err != nil {
		t.Fatal(err)
	}
	Linger(own)
	_ = own.Close()
	for range 64 { // what is still on its way must not break the line
		if _, err := c.Write(make([]byte, 64<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := io.ReadAll(c); err != nil || string(text) != "no" {
		t.Errorf("%q %v", text, err)
	}
	_ = c.Close()
	end := time.After(patience)
	every := time.NewTicker(time.Millisecond)
	defer every.Stop()
	for {
		if open, _ := d.Counts(); open == 0 {
			return
		}
		select {
		case <-end:
			t.Fatal("it lingers for ever")
		case <-every.C:
		}
	}
}

func TestANewCertificateIsTakenUpAndABrokenOneIsNot(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	first := listentest.WriteCertificate(t, certFile, keyFile, "one.example")
	c := &certificate{certFile: certFile, keyFile: keyFile}
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	name := func() string {
		cert, err := c.current(nil)
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.Subject.CommonName
	}
	later := func(d time.Duration) {
		at := time.Now().Add(d)
		for _, f := range []string{certFile, keyFile} {
			if err := os.Chtimes(f, at, at); err != nil {
				t.Fatal(err)
			}
		}
		c.looked = time.Time{}
	}
	if err := os.WriteFile(certFile, []byte("half writ"), 0o600); err != nil {
		t.Fatal(err)
	}
	later(time.Hour)
	if got := name(); got != "one.example" {
		t.Errorf("after a broken file: %s", got)
	}
	second := listentest.WriteCertificate(t, certFile, keyFile, "two.example")
	if got := name(); got != "one.example" {
		t.Errorf("it looks at every handshake: %s", got)
	}
	later(2 * time.Hour)
	if got := name(); got != "two.example" {
		t.Errorf("after a new file: %s", got)
	}
	if first.Equal(second) {
		t.Error("both certificates are one")
	}
}

func TestTLSIsServedFromItsFiles(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	pool := listentest.WriteCertificate(t, certFile, keyFile, "localhost")
	d := start(t, Config{Cert: certFile, Key: keyFile})
	got := acceptAll(d.Serve)
	go func() {
		c := <-got
		_, _ = io.WriteString(c, "hello")
		Linger(c)
		_ = c.Close()
	}()
	c := tls.Client(dial(t, d), &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12})
	if text, err := io.ReadAll(c); err != nil || string(text) != "hello" {
		t.Errorf("%q %v", text, err)
	}
	for name, cfg := range map[string]Config{
		"no file": {Addr: "127.0.0.1:0", Cert: filepath.Join(dir, "none"), Key: keyFile},
		"no pair": {Addr: "127.0.0.1:0", Cert: certFile, Key: certFile},
	} {
		if _, err := Open(context.Background(), cfg); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(context.Background(), Config{Addr: d.Addr().String()}); err == nil {
		t.Error("an address that is in use was taken")
	}
}

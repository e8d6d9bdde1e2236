package server

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rasad/city"
	"rasad/server/console"
	"rasad/server/listen/listentest"
	"rasad/server/tokens"
)

func mustAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestAWideAddressNeedsSomethingBeforeIt(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg  Config
		want string // part of the error; "": none
	}{
		"loopback":                {Config{Listen: "127.0.0.1:8080"}, ""},
		"loopback, IPv6":          {Config{Listen: "[::1]:8080"}, ""},
		"localhost":               {Config{Listen: "localhost:0"}, ""},
		"all addresses":           {Config{Listen: "0.0.0.0:8080"}, "behind_proxy"},
		"all addresses, short":    {Config{Listen: ":8080"}, "behind_proxy"},
		"one of the city's":       {Config{Listen: "10.1.2.3:8080"}, "behind_proxy"},
		"behind a proxy":          {Config{Listen: ":8080", BehindProxy: []string{"10.0.0.0/8"}}, ""},
		"in a container":          {Config{Listen: ":8080", Container: true}, ""},
		"with TLS":                {Config{Listen: ":8443", TLSCert: "a", TLSKey: "b"}, ""},
		"half of TLS":             {Config{Listen: "127.0.0.1:1", TLSCert: "a"}, "together"},
		"no port":                 {Config{Listen: "127.0.0.1"}, "host:port"},
		"nothing":                 {Config{}, "host:port"},
		"a proxy that is none":    {Config{Listen: "127.0.0.1:1", BehindProxy: []string{"proxy"}}, "network"},
		"metrics for a name":      {Config{Listen: "127.0.0.1:1", MetricsFrom: []string{"x"}}, "network"},
		"an origin with a path":   {Config{Listen: "127.0.0.1:1", Origins: []string{"https://a.example/x"}}, "origin"},
		"an origin without a way": {Config{Listen: "127.0.0.1:1", Origins: []string{"a.example"}}, "origin"},
		"a host with a port":      {Config{Listen: "127.0.0.1:1", Hosts: []string{"a.example:80"}}, "host"},
	} {
		err := tc.cfg.Check()
		if (err == nil) != (tc.want == "") || err != nil && (!strings.Contains(err.Error(), tc.want) || !errors.Is(err, city.ErrInvalid)) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	if _, err := New(Config{Listen: ":1"}, Parts{}); err == nil {
		t.Error("New took what Check refuses")
	}
}

func TestOverTLSTheServerAsksForTLSFromThenOn(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	pool := listentest.WriteCertificate(t, cert, key, "localhost")
	s := open(t, func(c *Config, _ *Parts) { c.TLSCert, c.TLSKey = cert, key })
	_, port, _ := strings.Cut(s.addr, ":")
	client := &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	get := func(path, origin string) (status int, header http.Header) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://localhost:"+port+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if origin != "" {
			req.Header.Set("Origin", origin)
			req.Header.Set("Upgrade", "websocket")
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return resp.StatusCode, resp.Header
	}
	if status, header := get("/healthz", ""); status != 200 || header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %v", status, header)
	}
	if status, _ := get("/ws?view=hall", "http://localhost:"+port); status != 403 {
		t.Errorf("a socket for the page without TLS: %d", status)
	}
	if status, _ := get("/ws?view=hall", "https://localhost:"+port); status != 400 { // no handshake, but let through
		t.Errorf("a socket for our own page: %d", status)
	}
}

func TestTheAdminSocketMakesTokensThatOpenTheDoor(t *testing.T) {
	s := open(t, nil)
	path := filepath.Join(t.TempDir(), "rasad.sock")
	ctx, cancel := contextOf(t)
	ended := make(chan error, 1)
	go func() { ended <- s.srv.RunAdmin(ctx, path) }()
	eventually(t, "the socket is there", func() bool { _, err := os.Stat(path); return err == nil })
	c, err := console.Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.Issue(t.Context(), tokens.Request{Name: "gate 7", By: "operator"})
	if err != nil {
		t.Fatal(err)
	}
	if a := s.do("POST", readingsPath, readings(1), "Authorization", "Bearer "+made.Token); a.status != 200 {
		t.Errorf("the new token: %d %s", a.status, a.body)
	}
	if err := c.Revoke(t.Context(), made.ID, "operator", "lost"); err != nil {
		t.Fatal(err)
	}
	if a := s.do("POST", readingsPath, readings(1), "Authorization", "Bearer "+made.Token); a.status != 401 {
		t.Errorf("the revoked token: %d", a.status)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Package console is how somebody at the server's own machine lets people and tokens
// in: a unix socket that the command line asks while a server runs, and the same
// done on the journal itself while none does. Who may open the folder may do all of
// it; there is no sign-in here.
package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"rasad/city"
	"rasad/server/people"
	"rasad/server/tokens"
)

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// A Console does what it is asked on the journal, and answers on the socket. All its
// fields are required.
type Console struct {
	Tokens *tokens.Book
	People *people.Desk // and with it what makes entries durable, and the clock
	Log    *slog.Logger
}

// An Issued is what the one who asked for a token gets, once.
type Issued struct {
	ID    string `json:"id"`
	Token string `json:"token"`
}

type renewal struct {
	Days int    `json:"days"`
	By   string `json:"by"`
}

type refusal struct {
	Kind  string `json:"kind"` // invalid, not found, busy or fault
	Cause string `json:"cause"`
}

// Issue makes a token.
func (c *Console) Issue(ctx context.Context, r tokens.Request) (Issued, error) {
	id, secret, err := c.Tokens.Issue(ctx, r, city.At(c.People.Now()), c.People.Append)
	return Issued{id, secret}, err
}

// Renew lets the token id hold for so many days from now; 0: what is usual.
func (c *Console) Renew(ctx context.Context, id string, days int, by string) (until city.Moment, err error) {
	return c.Tokens.Renew(ctx, id, days, by, city.At(c.People.Now()), c.People.Append)
}

// Revoke ends the token id.
func (c *Console) Revoke(ctx context.Context, id, by, why string) error {
	return c.Tokens.Revoke(ctx, id, by, why, c.People.Append)
}

// List returns the tokens in force.
func (c *Console) List(context.Context) ([]tokens.Listed, error) { return c.Tokens.List(), nil }

// Run serves on the unix socket path, mode 0600, until ctx ends, and takes the
// socket away again. The folder of path is the caller's, and so is the lock that
// says that nobody else serves there: a socket left over by a crash is replaced.
func (c *Console) Run(ctx context.Context, path string) error {
	ln, err := listenUnix(ctx, path)
	if err != nil {
		return err
	}
	srv := &http.Server{
		Handler:           c.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- srv.Shutdown(end)
	}()
	defer func() { _ = os.Remove(path) }()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve admin socket: %w", err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("stop admin socket: %w", err)
	}
	return nil
}

// listenUnix makes the socket at path. It is made in a folder that nobody else can
// enter and moved into place when its mode is right: there is no moment in which
// another user could open it.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), "s")
	if err != nil {
		return nil, fmt.Errorf("make admin socket: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	made := filepath.Join(dir, "s")
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "unix", made)
	if err != nil {
		return nil, fmt.Errorf("make admin socket: %w", err)
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // it will have another name
	}
	if err = os.Chmod(made, 0o600); err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make admin socket: %w", err), ln.Close())
	}
	return ln, nil
}

func (c *Console) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		var q tokens.Request
		err := read(w, r, &q)
		var made Issued
		if err == nil {
			made, err = c.Issue(r.Context(), q)
		}
		c.answer(w, made, err)
	})
	mux.HandleFunc("POST /token/{id}/renew", func(w http.ResponseWriter, r *http.Request) {
		var q renewal
		err := read(w, r, &q)
		var until city.Moment
		if err == nil {
			until, err = c.Renew(r.Context(), r.PathValue("id"), q.Days, q.By)
		}
		c.answer(w, until, err)
	})
	mux.HandleFunc("DELETE /token/{id}", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		c.answer(w, struct{}{}, c.Revoke(r.Context(), r.PathValue("id"), q.Get("by"), q.Get("why")))
	})
	mux.HandleFunc("GET /tokens", func(w http.ResponseWriter, r *http.Request) {
		list, err := c.List(r.Context())
		c.answer(w, list, err)
	})
	mux.HandleFunc("GET /people", func(w http.ResponseWriter, r *http.Request) {
		list, err := c.Everybody(r.Context())
		c.answer(w, list, err)
	})
	mux.HandleFunc("POST /people", func(w http.ResponseWriter, r *http.Request) {
		var o Order
		err := read(w, r, &o)
		var p Person
		if err == nil {
			p, err = c.Carry(r.Context(), o)
		}
		c.answer(w, p, err)
	})
	return mux
}

// read reads a request. The error does not repeat it: it may hold a password.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		return fmt.Errorf("read request: %w: this server and this command line are of different versions", city.ErrInvalid)
	}
	return nil
}

func (c *Console) answer(w http.ResponseWriter, with any, err error) {
	status := http.StatusOK
	if err != nil {
		r := refusal{Kind: "fault", Cause: err.Error()}
		status = http.StatusInternalServerError
		for kind, code := range map[error]int{city.ErrInvalid: 400, city.ErrNotFound: 404, city.ErrBusy: 503} {
			if errors.Is(err, kind) {
				r.Kind, status = kind.Error(), code
			}
		}
		with = r
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(with); err != nil {
		c.Log.Warn("admin answer not written", "err", err)
	}
}

// A Client asks the server that runs over DATA.
type Client struct{ http *http.Client }

// Dial returns a Client for the socket at path, or an error wrapping
// city.ErrNotFound where no server answers there: then the caller takes the lock
// and works on the journal itself.
func Dial(ctx context.Context, path string) (*Client, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("reach the server: %w: %w", city.ErrNotFound, err)
	}
	_ = c.Close() // it was only to know
	return &Client{&http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
		},
	}}, nil
}

// Issue asks for a token.
func (c *Client) Issue(ctx context.Context, r tokens.Request) (Issued, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return Issued{}, fmt.Errorf("ask for token: %w", err)
	}
	var got Issued
	return got, c.ask(ctx, http.MethodPost, "/token", body, &got)
}

// Renew lets the token id hold for so many days from now; 0: what is usual.
func (c *Client) Renew(ctx context.Context, id string, days int, by string) (until city.Moment, err error) {
	body, err := json.Marshal(renewal{days, by})
	if err != nil {
		return 0, fmt.Errorf("ask for a renewal: %w", err)
	}
	return until, c.ask(ctx, http.MethodPost, "/token/"+url.PathEscape(id)+"/renew", body, &until)
}

// Revoke ends the token id.
func (c *Client) Revoke(ctx context.Context, id, by, why string) error {
	q := url.Values{"by": {by}, "why": {why}}
	return c.ask(ctx, http.MethodDelete, "/token/"+url.PathEscape(id)+"?"+q.Encode(), nil, nil)
}

// List returns the tokens in force.
func (c *Client) List(ctx context.Context) ([]tokens.Listed, error) {
	var list []tokens.Listed
	return list, c.ask(ctx, http.MethodGet, "/tokens", nil, &list)
}

func (c *Client) ask(ctx context.Context, method, path string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://rasad"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var r refusal
		if json.Unmarshal(text, &r) != nil {
			return fmt.Errorf("ask the server: it answered %s", resp.Status)
		}
		return refused(r)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	return nil
}

// A saidNoError is a refusal of the server, in its words.
type saidNoError struct {
	kind  error
	cause string
}

// Error returns the server's words.
func (n *saidNoError) Error() string { return n.cause }

// Unwrap returns the kind of the refusal.
func (n *saidNoError) Unwrap() error { return n.kind }

// refused gives a refusal its kind back.
func refused(r refusal) error {
	for _, kind := range []error{city.ErrInvalid, city.ErrNotFound, city.ErrBusy} {
		if r.Kind == kind.Error() {
			return &saidNoError{kind, r.Cause}
		}
	}
	return fmt.Errorf("ask the server: %s", r.Cause)
}

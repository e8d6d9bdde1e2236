// Package tokens keeps the tokens that sources send with: a fold of the journal's
// entries, how a token is made and revoked, and the admin socket through which the
// command line does both while the server runs. A token itself is shown once, to
// the one who made it; only its SHA-256 is kept.
package tokens

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"rasad/city"
	"rasad/entry"
)

// Prefix stands before every token, so that scanners for leaked secrets know one.
const Prefix = "rsd_"

// ClassSource is the class of the tokens that sources send readings with.
const ClassSource = "source"

// secretBytes is how much of a token is random.
const secretBytes = 32

// MaxNames bounds the sources of one token.
const MaxNames = 1000

// An Append makes entries durable: the journal's.
type Append func(ctx context.Context, entries []entry.Entry) (first entry.Position, err error)

// A Request says which token is wanted.
type Request struct {
	Name     string   `json:"name"`              // for people, at most 200 bytes
	Sources  []string `json:"sources,omitempty"` // ids, or prefixes ending in *; none means all
	Strict   bool     `json:"strict,omitempty"`
	Backfill bool     `json:"backfill,omitempty"`
	Days     int      `json:"days,omitempty"` // how long it holds; 0: until it is revoked
	By       string   `json:"by"`
}

// A Listed is a token as it is shown: never the secret, nor its hash.
type Listed struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Sources  []string    `json:"sources,omitempty"`
	Strict   bool        `json:"strict,omitempty"`
	Backfill bool        `json:"backfill,omitempty"`
	Expires  city.Moment `json:"expires,omitempty"` // 0: never
	By       string      `json:"by"`
	LastUsed city.Moment `json:"last_used,omitempty"` // since the server started; 0: not yet
}

type held struct {
	entry.Token
	hash [sha256.Size]byte
	used city.Moment
}

// A Book holds the tokens that are in force. Its methods may be called from
// several goroutines.
type Book struct {
	mu      sync.Mutex
	byHash  map[[sha256.Size]byte]*held
	byID    map[string]*held
	revoked map[string]bool // also those whose making was not read yet
	applied uint64
}

// New returns an empty Book. Apply fills it from the journal.
func New() *Book {
	return &Book{byHash: map[[sha256.Size]byte]*held{}, byID: map[string]*held{}, revoked: map[string]bool{}}
}

// Apply takes over the tokens and revocations of a batch; other entries, and nil,
// are passed over. The same entry may come twice. It never fails.
func (b *Book) Apply(batch entry.Batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range batch.Entries {
		b.take(e)
	}
	b.applied = max(b.applied, batch.Number)
	return nil
}

func (b *Book) take(e entry.Entry) {
	switch e := e.(type) {
	case *entry.Token:
		h := &held{Token: *e}
		if n, err := hex.Decode(h.hash[:], []byte(e.Hash)); err != nil || n != sha256.Size || b.revoked[e.ID] || b.byID[e.ID] != nil {
			return // a hash that nothing can have opens nothing
		}
		b.byID[e.ID], b.byHash[h.hash] = h, h
	case *entry.TokenRevoked:
		b.revoked[e.ID] = true
		if h := b.byID[e.ID]; h != nil {
			delete(b.byID, e.ID)
			delete(b.byHash, h.hash)
		}
	}
}

// Applied returns the number of the newest batch that was applied.
func (b *Book) Applied() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.applied
}

// Lookup returns the token that was presented, where it is one of ours, in force,
// and not expired at the moment at. How long it takes says nothing about how much
// of a guess was right.
func (b *Book) Lookup(presented string, at city.Moment) (entry.Token, bool) {
	if !strings.HasPrefix(presented, Prefix) || len(presented) != len(Prefix)+base64.RawURLEncoding.EncodedLen(secretBytes) {
		return entry.Token{}, false
	}
	sum := sha256.Sum256([]byte(presented))
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.byHash[sum]
	if h == nil || subtle.ConstantTimeCompare(h.hash[:], sum[:]) != 1 || h.Expires != 0 && h.Expires <= at {
		return entry.Token{}, false
	}
	h.used = max(h.used, at)
	return h.Token, true
}

// List returns the tokens that are in force, by name.
func (b *Book) List() []Listed {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Listed, 0, len(b.byID))
	for _, h := range b.byID {
		list = append(list, Listed{
			ID: h.ID, Name: h.Name, Sources: h.Sources, Strict: h.Strict, Backfill: h.Backfill,
			Expires: h.Expires, By: h.By, LastUsed: h.used,
		})
	}
	slices.SortFunc(list, func(a, b Listed) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Issue makes the token that r asks for and returns it with its id, once it is
// durable; it is in force from then on. It returns an error wrapping
// city.ErrInvalid where r is not well put.
func (b *Book) Issue(ctx context.Context, r Request, now city.Moment, keep Append) (id, secret string, err error) {
	if err := r.Check(); err != nil {
		return "", "", err
	}
	random := make([]byte, secretBytes+8)
	if _, err := rand.Read(random); err != nil {
		return "", "", fmt.Errorf("make token: %w", err)
	}
	secret = Prefix + base64.RawURLEncoding.EncodeToString(random[:secretBytes])
	sum := sha256.Sum256([]byte(secret))
	t := &entry.Token{
		ID: hex.EncodeToString(random[secretBytes:]), Name: r.Name, Class: ClassSource, Hash: hex.EncodeToString(sum[:]),
		Sources: r.Sources, Strict: r.Strict, Backfill: r.Backfill, By: r.By,
	}
	if r.Days > 0 {
		t.Expires = now + city.Moment(time.Duration(r.Days)*24*time.Hour/time.Second)
	}
	if _, err := keep(ctx, []entry.Entry{t}); err != nil {
		return "", "", fmt.Errorf("keep token: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.take(t)
	return t.ID, secret, nil
}

// Revoke ends the token id, once that is durable. It returns an error wrapping
// city.ErrNotFound where no such token is in force.
func (b *Book) Revoke(ctx context.Context, id, by, why string, keep Append) error {
	b.mu.Lock()
	known := b.byID[id] != nil
	b.mu.Unlock()
	if !known {
		return fmt.Errorf("revoke token: %w: no token %q", city.ErrNotFound, id)
	}
	e := &entry.TokenRevoked{ID: id, By: by, Why: why}
	if _, err := keep(ctx, []entry.Entry{e}); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.take(e)
	return nil
}

// Check returns an error wrapping city.ErrInvalid where r is not well put.
func (r *Request) Check() error {
	fail := func(what string) error { return fmt.Errorf("make token: %w %s", city.ErrInvalid, what) }
	switch {
	case strings.TrimSpace(r.Name) == "" || len(r.Name) > 200:
		return fail("name: want 1 to 200 bytes that say whose it is")
	case r.Days < 0 || r.Days > 3660:
		return fail("days: want 1 to 3660, or 0 for a token that does not expire")
	case len(r.Sources) > MaxNames:
		return fail(fmt.Sprintf("sources: at most %d", MaxNames))
	}
	for _, s := range r.Sources {
		if s == "" || len(s) > 200 || strings.Contains(strings.TrimSuffix(s, "*"), "*") || strings.ContainsAny(s, " \t\n\"") {
			return fail(fmt.Sprintf("source %q: want an id, or a prefix that ends in *", s))
		}
	}
	return nil
}

// Package tokens keeps the tokens that sources send with, that screens show with and
// that the media read with: a fold of the journal's entries, and how a token is made,
// renewed and revoked. A token itself is shown once, to the one who made it; only its
// SHA-256 is kept.
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

// The classes of tokens.
const (
	ClassSource  = "source"  // sends readings and cases
	ClassDisplay = "display" // shows its screens
	ClassMedia   = "media"   // reads figures and indicators
)

// Classes lists the classes of tokens.
func Classes() []string { return []string{ClassSource, ClassDisplay, ClassMedia} }

// How many days a token holds where the one who makes it does not say.
const (
	displayDays = 365
	mediaDays   = 90
	maxDays     = 3660
)

// secretBytes is how much of a token is random.
const secretBytes = 32

// MaxNames bounds what one token opens.
const MaxNames = 1000

// An Append makes entries durable: the journal's.
type Append func(ctx context.Context, entries []entry.Entry) (first entry.Position, err error)

// A Request says which token is wanted.
type Request struct {
	Name     string   `json:"name"`               // for people, at most 200 bytes
	Class    string   `json:"class,omitempty"`    // "": source
	Opens    []string `json:"opens,omitempty"`    // of a source's: ids, or prefixes ending in *; of a display's: screens; of the media's: indicators. None means all but for a display
	Strict   bool     `json:"strict,omitempty"`   // of a source's: each reading says its unit and kind
	Backfill bool     `json:"backfill,omitempty"` // of a source's: readings beyond late_until count too
	Days     int      `json:"days,omitempty"`     // how long it holds; 0: a display's 365, the media's 90, a source's until it is revoked
	By       string   `json:"by"`
}

// An Opened is what a token opens, and for how long.
type Opened struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Class    string      `json:"class"`
	Opens    []string    `json:"opens,omitempty"` // as in Request
	Strict   bool        `json:"strict,omitempty"`
	Backfill bool        `json:"backfill,omitempty"`
	Expires  city.Moment `json:"expires,omitempty"` // 0: never
	By       string      `json:"by"`
}

// A Listed is a token as it is shown: never the secret, nor its hash.
type Listed struct {
	Opened
	LastUsed city.Moment `json:"last_used,omitempty"` // 0: not yet
}

type held struct {
	Opened
	hash [sha256.Size]byte
}

// A Book holds the tokens that are in force. Its methods may be called from
// several goroutines.
type Book struct {
	lastUsed func(id string) city.Moment // nil: nobody notes it

	mu      sync.Mutex
	byHash  map[[sha256.Size]byte]*held
	byID    map[string]*held
	revoked map[string]bool        // also those whose making was not read yet
	renewed map[string]city.Moment // the latest end that each was given, the same
	applied uint64
}

// New returns an empty Book. Apply fills it from the journal. lastUsed tells when a
// token was last used, for List; it may be nil.
func New(lastUsed func(id string) city.Moment) *Book {
	return &Book{lastUsed: lastUsed, byHash: map[[sha256.Size]byte]*held{}, byID: map[string]*held{}, revoked: map[string]bool{}, renewed: map[string]city.Moment{}}
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

// Kinds lists the kinds of entry that a Book follows.
func Kinds() []entry.Kind {
	return []entry.Kind{entry.KindToken, entry.KindTokenRevoked, entry.KindAct}
}

func (b *Book) take(e entry.Entry) {
	switch e := e.(type) {
	case *entry.Token:
		b.add(Opened{e.ID, e.Name, e.Class, e.Sources, e.Strict, e.Backfill, e.Expires, e.By}, e.Hash)
	case *entry.Act:
		switch {
		case e.Do == entry.DoRenewToken:
			b.renewed[e.On] = max(b.renewed[e.On], e.Ends)
			if h := b.byID[e.On]; h != nil {
				h.renew(e.Ends)
			}
		case e.Do == entry.DoAddToken && e.Token != nil:
			b.add(Opened{ID: e.On, Name: e.Token.Name, Class: e.Token.Class, Opens: e.Token.Opens, Expires: e.Ends, By: e.By}, e.Hash)
		}
	case *entry.TokenRevoked:
		b.revoked[e.ID] = true
		if h := b.byID[e.ID]; h != nil {
			delete(b.byID, e.ID)
			delete(b.byHash, h.hash)
		}
	}
}

// add puts a token in force; one whose hash nothing can have opens nothing.
func (b *Book) add(o Opened, hash string) {
	h := &held{Opened: o}
	if n, err := hex.Decode(h.hash[:], []byte(hash)); err != nil || n != sha256.Size || len(hash) != 2*sha256.Size || b.revoked[o.ID] || b.byID[o.ID] != nil {
		return
	}
	h.renew(b.renewed[o.ID])
	b.byID[o.ID], b.byHash[h.hash] = h, h
}

// renew lets a token that ends by itself hold until ends, if that is later.
func (h *held) renew(ends city.Moment) {
	if h.Expires != 0 {
		h.Expires = max(h.Expires, ends)
	}
}

// Applied returns the number of the newest batch that was applied.
func (b *Book) Applied() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.applied
}

// Lookup returns what the presented token opens, where it is one of ours, in force,
// and not expired at the moment at. How long it takes says nothing about how much
// of a guess was right.
func (b *Book) Lookup(presented string, at city.Moment) (Opened, bool) {
	if !strings.HasPrefix(presented, Prefix) || len(presented) != len(Prefix)+base64.RawURLEncoding.EncodedLen(secretBytes) {
		return Opened{}, false
	}
	sum := sha256.Sum256([]byte(presented))
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.byHash[sum]
	if h == nil || subtle.ConstantTimeCompare(h.hash[:], sum[:]) != 1 || h.expired(at) {
		return Opened{}, false
	}
	return h.Opened, true
}

// Opened returns what the token id opens, where it is in force at the moment at.
func (b *Book) Opened(id string, at city.Moment) (Opened, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.byID[id]
	if h == nil || h.expired(at) {
		return Opened{}, false
	}
	return h.Opened, true
}

func (o *Opened) expired(at city.Moment) bool { return o.Expires != 0 && o.Expires <= at }

// List returns the tokens that were not revoked, by name.
func (b *Book) List() []Listed {
	b.mu.Lock()
	list := make([]Listed, 0, len(b.byID))
	for _, h := range b.byID {
		list = append(list, Listed{Opened: h.Opened})
	}
	b.mu.Unlock()
	if b.lastUsed != nil {
		for i := range list {
			list[i].LastUsed = b.lastUsed(list[i].ID)
		}
	}
	slices.SortFunc(list, func(a, b Listed) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Issue makes the token that r asks for and returns it with its id, once it is
// durable; it is in force from then on. It returns an error wrapping
// city.ErrInvalid where r is not well put.
func (b *Book) Issue(ctx context.Context, r Request, now city.Moment, keep Append) (id, secret string, err error) {
	r.fill()
	if err := r.Check(); err != nil {
		return "", "", err
	}
	random := make([]byte, secretBytes+8)
	if _, err := rand.Read(random); err != nil {
		return "", "", fmt.Errorf("make token: %w", err)
	}
	secret = Prefix + base64.RawURLEncoding.EncodeToString(random[:secretBytes])
	id = hex.EncodeToString(random[secretBytes:])
	e, err := r.entry(id, secret, now)
	if err != nil {
		return "", "", err
	}
	if _, err := keep(ctx, []entry.Entry{e}); err != nil {
		return "", "", fmt.Errorf("keep token: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.take(e)
	return id, secret, nil
}

// fill puts in what r leaves to us.
func (r *Request) fill() {
	if r.Class == "" {
		r.Class = ClassSource
	}
	if r.Days == 0 {
		r.Days = usualDays(r.Class)
	}
}

// usualDays returns how many days a token of the class holds where nobody says; 0: until
// it is revoked.
func usualDays(class string) int {
	switch class {
	case ClassDisplay:
		return displayDays
	case ClassMedia:
		return mediaDays
	default:
		return 0
	}
}

// daysFrom returns the moment so many days after now.
func daysFrom(now city.Moment, days int) city.Moment {
	return now + city.Moment(time.Duration(days)*24*time.Hour/time.Second)
}

// entry returns what the journal keeps of the token that r asks for.
func (r *Request) entry(id, secret string, now city.Moment) (entry.Entry, error) {
	sum := sha256.Sum256([]byte(secret))
	hash := hex.EncodeToString(sum[:])
	expires := city.Moment(0)
	if r.Days > 0 {
		expires = daysFrom(now, r.Days)
	}
	if r.Class == ClassSource {
		return &entry.Token{
			ID: id, Name: r.Name, Class: r.Class, Hash: hash, Sources: r.Opens, Strict: r.Strict, Backfill: r.Backfill, Expires: expires, By: r.By,
		}, nil
	}
	a := &entry.Act{
		ID: "token-" + id, Do: entry.DoAddToken, On: id, At: now, By: r.By, Hash: hash, Ends: expires,
		Token: &entry.Grant{Name: r.Name, Class: r.Class, Opens: r.Opens},
	}
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("make token: %w", err)
	}
	return a, nil
}

// Renew lets the token id hold for so many days from now, 0 for what is usual for its
// class, and returns until when, once that is durable: whoever has it goes on with it.
// It returns an error wrapping city.ErrNotFound where no such token is in force, and
// city.ErrInvalid where it would not hold longer than it does.
func (b *Book) Renew(ctx context.Context, id string, days int, by string, now city.Moment, keep Append) (until city.Moment, err error) {
	fail := func(fa, en string, args ...any) (city.Moment, error) {
		return 0, fmt.Errorf("renew token: %w", city.Refuse(city.ErrInvalid, city.Text{FA: fa, EN: en}, args...))
	}
	o, ok := b.Opened(id, now)
	if !ok {
		return 0, fmt.Errorf("renew token: %w", noSuch(id))
	}
	if days == 0 {
		days = usualDays(o.Class)
	}
	until = daysFrom(now, days)
	switch {
	case o.Expires == 0:
		return fail("این توکن تا باطل نشود اعتبار دارد؛ تمدید نمی‌خواهد", "it holds until it is revoked: there is nothing to renew")
	case days < 1 || days > maxDays:
		return fail("توکن برای ۱ تا %v روز تمدید می‌شود؛ شمار روزها را بنویسید", "days: want 1 to %d", maxDays)
	case until == o.Expires: // asked for twice
		return until, nil
	case until < o.Expires:
		return fail("این توکن اکنون هم بیش از %v روز دیگر اعتبار دارد؛ روزهای بیشتری بنویسید", "it holds longer than %d days already: say more", days)
	}
	random := make([]byte, 8)
	if _, err := rand.Read(random); err != nil {
		return 0, fmt.Errorf("renew token: %w", err)
	}
	a := &entry.Act{ID: "renew-" + hex.EncodeToString(random), Do: entry.DoRenewToken, On: id, At: now, By: by, Ends: until}
	if err := a.Check(); err != nil {
		return 0, fmt.Errorf("renew token: %w", err)
	}
	if _, err := keep(ctx, []entry.Entry{a}); err != nil {
		return 0, fmt.Errorf("renew token: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.take(a)
	return until, nil
}

// noSuch says that no token id is in force.
func noSuch(id string) error {
	return city.Refuse(city.ErrNotFound, city.Text{FA: "توکن %v در کار نیست؛ شاید پیش‌تر باطل شده باشد یا مهلتش گذشته باشد", EN: "no token %q"}, id)
}

// Revoke ends the token id, once that is durable. It returns an error wrapping
// city.ErrNotFound where no such token is in force.
func (b *Book) Revoke(ctx context.Context, id, by, why string, keep Append) error {
	b.mu.Lock()
	known := b.byID[id] != nil
	b.mu.Unlock()
	if !known {
		return fmt.Errorf("revoke token: %w", noSuch(id))
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
	fail := func(fa, en string, args ...any) error {
		return fmt.Errorf("make token: %w", city.Refuse(city.ErrInvalid, city.Text{FA: fa, EN: en}, args...))
	}
	source := r.Class == ClassSource || r.Class == ""
	switch {
	case strings.TrimSpace(r.Name) == "" || len(r.Name) > 200:
		return fail("بنویسید توکن از آنِ کیست؛ حداکثر %v بایت", "name: want 1 to %d bytes that say whose it is", 200)
	case !source && !slices.Contains(Classes(), r.Class):
		return fail("ردهٔ توکن باید یکی از این‌ها باشد: %v", "class: want one of %v", Classes())
	case r.Days < 0 || r.Days > maxDays:
		return fail("توکن ۱ تا %v روز اعتبار دارد؛ ۰ یعنی به اندازهٔ معمولِ ردهٔ آن", "days: want 1 to %d, or 0 for what is usual for its class", maxDays)
	case len(r.Opens) > MaxNames:
		return fail("یک توکن حداکثر %v نام را باز می‌کند", "opens: at most %d", MaxNames)
	case r.Class == ClassDisplay && len(r.Opens) == 0:
		return fail("توکن نمایشگر دست‌کم یک نما را باز می‌کند؛ نمایی برگزینید", "opens: a display token opens at least one screen")
	case !source && (r.Strict || r.Backfill):
		return fail("سخت‌گیری (strict) و پذیرش دیررسیده‌ها (backfill) تنها برای توکن منبع است", "strict, backfill: only a source's token has them")
	}
	for _, s := range r.Opens {
		name := s
		if source {
			name = strings.TrimSuffix(s, "*")
		}
		if s == "" || len(s) > 200 || strings.Contains(name, "*") || strings.ContainsAny(s, " \t\n\"") {
			return fail("%v شناسه نیست؛ یک شناسه بنویسید، یا برای منبع آغاز چند شناسه که به * پایان یابد", "opens %q: want an id; of a source also a prefix that ends in *", s)
		}
	}
	return nil
}

package signin

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// How those who guess are slowed down.
const (
	free         = 3 // failures of one login from one address after which the delay begins
	firstDelay   = time.Second
	longestDelay = time.Minute
	// Forget is how long after the last failure it counts no more.
	Forget = time.Hour

	addressBurst = 30 // failures from one address at once, whatever the login,
	addressEvery = 10 * time.Second

	// Failures in all are bounded twice: those from addresses that have failed
	// before, and those from others. So nobody who has not failed waits for
	// somebody who has.
	againBurst = 120
	againEvery = 500 * time.Millisecond
	freshBurst = 240
	freshEvery = 250 * time.Millisecond

	maxRemembered = 10_000 // logins with their address, and addresses; the oldest are forgotten
)

// A Key stands for a login. It holds so little of it that one who has typed a
// password there has not told it.
type Key string

// KeyOf returns the key of a login: four hexadecimal digits.
func KeyOf(login string) Key {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(login))))
	return Key(hex.EncodeToString(sum[:2]))
}

// A Throttle counts failed sign-ins. Its methods may be called from several
// goroutines. What it remembers is bounded.
type Throttle struct {
	now func() time.Time

	mu        sync.Mutex
	pairs     map[pair]*failures
	addresses map[netip.Prefix]*bucket
	again     bucket
	fresh     bucket
}

type pair struct {
	key  Key
	from netip.Prefix
}

type failures struct {
	n    int
	last time.Time
	next time.Time // not before that
}

// A bucket holds how many failures are still allowed; one comes back every so often.
type bucket struct {
	left float64
	at   time.Time
}

// An Attempt is a sign-in that was let through. Until it has succeeded it counts as
// failed, so that guesses made at the same time count too.
type Attempt struct {
	t     *Throttle
	pair  pair
	fresh bool
}

// NewThrottle returns a Throttle that knows of no failure. now is the clock; it may
// not run backwards.
func NewThrottle(now func() time.Time) *Throttle {
	return &Throttle{
		now: now, pairs: map[pair]*failures{}, addresses: map[netip.Prefix]*bucket{},
		again: bucket{againBurst, now()}, fresh: bucket{freshBurst, now()},
	}
}

// Try lets an attempt through, or says after how long another one makes sense. A
// refused attempt counts for nothing. Attempts from this very machine are held to
// the delay of their login alone.
func (t *Throttle) Try(key Key, from netip.Addr) (Attempt, time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	a := Attempt{t: t, pair: pair{key, network(from)}}
	if f := t.pairs[a.pair]; f != nil && now.Before(f.next) {
		return a, f.next.Sub(now)
	}
	if from.Unmap().IsLoopback() {
		t.fail(a.pair, now)
		return a, 0
	}
	own := t.address(a.pair.from, now)
	own.refill(now, addressBurst, addressEvery)
	a.fresh = own.left >= addressBurst
	all, burst, every := &t.again, againBurst, againEvery
	if a.fresh {
		all, burst, every = &t.fresh, freshBurst, freshEvery
	}
	all.refill(now, float64(burst), every)
	wait := max(own.wait(addressEvery), all.wait(every))
	if wait > 0 {
		return a, wait
	}
	own.left--
	all.left--
	t.fail(a.pair, now)
	return a, 0
}

// Succeed undoes what the attempt counted, and forgets the failures before it.
func (a Attempt) Succeed() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	delete(a.t.pairs, a.pair)
	a.giveBack()
}

// Withdraw undoes what the attempt counted: nobody found out whether it was right.
func (a Attempt) Withdraw() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	a.giveBack()
	f := a.t.pairs[a.pair]
	if f == nil {
		return
	}
	if f.n--; f.n <= 0 {
		delete(a.t.pairs, a.pair)
		return
	}
	f.next = f.last.Add(delay(f.n))
}

func (a Attempt) giveBack() {
	b := a.t.addresses[a.pair.from]
	if b == nil { // this very machine
		return
	}
	b.left = min(addressBurst, b.left+1)
	if a.fresh {
		a.t.fresh.left = min(freshBurst, a.t.fresh.left+1)
	} else {
		a.t.again.left = min(againBurst, a.t.again.left+1)
	}
}

// Restore counts a failure of before a restart. They come in the order of time.
func (t *Throttle) Restore(key Key, from netip.Addr, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.now(); now.Sub(at) >= Forget || at.After(now) {
		return
	}
	p := pair{key, network(from)}
	t.fail(p, at)
	if !from.Unmap().IsLoopback() {
		b := t.address(p.from, at)
		b.refill(at, addressBurst, addressEvery)
		b.left = max(0, b.left-1)
	}
}

// fail counts one more failure of p.
func (t *Throttle) fail(p pair, now time.Time) {
	f := t.pairs[p]
	if f == nil || now.Sub(f.last) >= Forget {
		if f == nil {
			t.makeRoom(now)
		}
		f = &failures{}
		t.pairs[p] = f
	}
	f.n++
	f.last, f.next = now, now.Add(delay(f.n))
}

// delay returns how long to wait after the nth failure.
func delay(n int) time.Duration {
	if n < free {
		return 0
	}
	d := firstDelay
	for range n - free {
		if d *= 2; d >= longestDelay {
			return longestDelay
		}
	}
	return d
}

// makeRoom forgets what counts no more, and the oldest where that is not enough.
func (t *Throttle) makeRoom(now time.Time) {
	if len(t.pairs) < maxRemembered {
		return
	}
	var oldest pair
	var at time.Time
	for p, f := range t.pairs {
		if now.Sub(f.last) >= Forget {
			delete(t.pairs, p)
		} else if at.IsZero() || f.last.Before(at) {
			oldest, at = p, f.last
		}
	}
	if len(t.pairs) >= maxRemembered {
		delete(t.pairs, oldest)
	}
}

// address returns the bucket of an address; one that is full is as good as none.
func (t *Throttle) address(from netip.Prefix, now time.Time) *bucket {
	b := t.addresses[from]
	if b != nil {
		return b
	}
	if len(t.addresses) >= maxRemembered {
		var fullest netip.Prefix
		left := -1.0
		for p, b := range t.addresses {
			if b.refill(now, addressBurst, addressEvery); b.left > left {
				fullest, left = p, b.left
			}
		}
		delete(t.addresses, fullest)
	}
	b = &bucket{addressBurst, now}
	t.addresses[from] = b
	return b
}

func (b *bucket) refill(now time.Time, burst float64, every time.Duration) {
	if gone := now.Sub(b.at); gone > 0 {
		b.left = min(burst, b.left+gone.Seconds()/every.Seconds())
		b.at = now
	}
}

// wait returns how long it takes until one more is allowed.
func (b *bucket) wait(every time.Duration) time.Duration {
	if b.left >= 1 {
		return 0
	}
	return time.Duration((1 - b.left) * float64(every))
}

// network returns whom an address belongs to: itself, or in IPv6 its network of 64
// bits, of which one may have all addresses.
func network(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	if err != nil { // the zero address
		return netip.Prefix{}
	}
	return p
}

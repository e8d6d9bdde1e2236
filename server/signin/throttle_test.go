package signin

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// fail makes an attempt that fails; it returns how long it was told to wait.
func fail(th *Throttle, login string, from netip.Addr) time.Duration {
	_, wait := th.Try(KeyOf(login), from)
	return wait
}

func TestTheDelayDoublesFromASecondToAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		for i, seconds := range []int{0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60} {
			if wait := fail(th, "ali", ip("203.0.113.9")); wait != 0 {
				t.Fatalf("attempt %d waits for %v", i+1, wait)
			}
			if seconds == 0 {
				continue
			}
			want := time.Duration(seconds) * time.Second
			for range 3 { // who does not wait gains and loses nothing
				if wait := fail(th, "ali", ip("203.0.113.9")); wait != want {
					t.Errorf("after failure %d: %v, want %v", i+1, wait, want)
				}
			}
			time.Sleep(want)
		}
	})
}

func TestSuccessForgetsTheFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		for range 3 {
			fail(th, "ali", ip("203.0.113.9"))
		}
		time.Sleep(time.Second)
		a, wait := th.Try(KeyOf("ali"), ip("203.0.113.9"))
		if wait != 0 {
			t.Fatal(wait)
		}
		a.Succeed()
		for i := range 3 {
			if wait := fail(th, "ali", ip("203.0.113.9")); wait != 0 {
				t.Errorf("attempt %d afterwards: %v", i+1, wait)
			}
		}
		if wait := fail(th, "ali", ip("203.0.113.9")); wait != time.Second {
			t.Errorf("after three more failures: %v", wait)
		}
	})
}

func TestAnAttemptThatWasNotJudgedCountsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		for range 100 {
			a, wait := th.Try(KeyOf("ali"), ip("203.0.113.9"))
			if wait != 0 {
				t.Fatal(wait)
			}
			a.Withdraw()
		}
		if len(th.pairs) != 0 {
			t.Errorf("%d remembered", len(th.pairs))
		}
	})
}

// Guesses that are made at the same time must not be let through together.
func TestGuessesAtTheSameTimeCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		var mu sync.Mutex
		var wg sync.WaitGroup
		through := 0
		for range 50 {
			wg.Go(func() {
				if fail(th, "ali", ip("203.0.113.9")) == 0 {
					mu.Lock()
					through++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if through != free {
			t.Errorf("%d were let through", through)
		}
	})
}

// A hundred wrong passwords from one address, for one login and for many: whoever
// comes from elsewhere does not notice.
func TestAnAttackLocksNobodyElseOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		through := 0
		for i := range 200 {
			login := "admin"
			if i >= 100 {
				login = fmt.Sprint("login", i)
			}
			if fail(th, login, ip("203.0.113.9")) == 0 {
				through++
			}
		}
		if through > addressBurst {
			t.Errorf("%d of 200 were let through", through)
		}
		for _, from := range []string{"10.0.0.7", "203.0.113.10", "2001:db8::1", "127.0.0.1", "::1"} {
			if wait := fail(th, "admin", ip(from)); wait != 0 {
				t.Errorf("from %s: %v", from, wait)
			}
		}
	})
}

func TestAnAddressIsHeldToItsShareWhateverTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		for i := range addressBurst {
			if wait := fail(th, fmt.Sprint("login", i), ip("203.0.113.9")); wait != 0 {
				t.Fatalf("attempt %d: %v", i+1, wait)
			}
		}
		if wait := fail(th, "another", ip("203.0.113.9")); wait != addressEvery {
			t.Errorf("one more: %v", wait)
		}
		time.Sleep(addressEvery)
		if wait := fail(th, "another", ip("203.0.113.9")); wait != 0 {
			t.Errorf("later: %v", wait)
		}
	})
}

// In IPv6 one customer has a whole network of addresses.
func TestANetworkOfIPv6IsOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		for i := range 3 {
			fail(th, "ali", ip(fmt.Sprintf("2001:db8:1:2::%d", i+1)))
		}
		if wait := fail(th, "ali", ip("2001:db8:1:2:ffff::9")); wait != time.Second {
			t.Errorf("from the same network: %v", wait)
		}
		if wait := fail(th, "ali", ip("2001:db8:1:3::1")); wait != 0 {
			t.Errorf("from another: %v", wait)
		}
		for range 3 {
			fail(th, "sara", ip("::ffff:203.0.113.9"))
		}
		if wait := fail(th, "sara", ip("203.0.113.9")); wait != time.Second {
			t.Errorf("the same address written in another way: %v", wait)
		}
	})
}

// Many addresses together are held to a share as well, and leave the share of those
// who have not failed alone.
func TestManyAddressesAreBoundedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		through := 0
		for round := range 20 {
			for a := range 20 {
				if fail(th, fmt.Sprint("login", round), ip(fmt.Sprintf("198.51.100.%d", a+1))) == 0 {
					through++
				}
			}
		}
		if through != 20+againBurst { // each its first, and then the share of all
			t.Errorf("%d of 400 were let through", through)
		}
		if wait := fail(th, "admin", ip("10.0.0.7")); wait != 0 {
			t.Errorf("one who has not failed: %v", wait)
		}
		for a := range 1000 {
			fail(th, "login", ip(fmt.Sprintf("100.64.%d.%d", a/250, a%250)))
		}
		if wait := fail(th, "login", ip("100.65.0.1")); wait <= 0 || wait > freshEvery {
			t.Errorf("after a flood of a thousand addresses: %v", wait)
		}
		if wait := fail(th, "admin", ip("127.0.0.1")); wait != 0 {
			t.Errorf("from this very machine: %v", wait)
		}
	})
}

func TestARestartRemembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		time.Sleep(2 * time.Hour)
		th := NewThrottle(time.Now)
		th.Restore(KeyOf("sara"), ip("203.0.113.9"), start)
		for i := range 5 {
			th.Restore(KeyOf("ali"), ip("203.0.113.9"), time.Now().Add(time.Duration(i-5)*time.Millisecond))
		}
		if wait := fail(th, "ali", ip("203.0.113.9")); wait != 4*time.Second-time.Millisecond {
			t.Errorf("after five failures: %v", wait)
		}
		if len(th.pairs) != 1 {
			t.Errorf("what is long ago counts: %d", len(th.pairs))
		}
		if left := th.addresses[network(ip("203.0.113.9"))].left; left > addressBurst-4.99 {
			t.Errorf("the address has %v left", left)
		}
	})
}

func TestAnHourLaterNothingIsHeldAgainstAnybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		for range 9 {
			fail(th, "ali", ip("203.0.113.9"))
			time.Sleep(time.Minute)
		}
		time.Sleep(Forget)
		for range 2 {
			fail(th, "ali", ip("203.0.113.9"))
		}
		if wait := fail(th, "ali", ip("203.0.113.9")); wait != 0 {
			t.Errorf("the third afterwards: %v", wait)
		}
	})
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(time.Now)
		for i := range maxRemembered + 20 {
			th.Restore(KeyOf("x"), netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}), time.Now())
		}
		if len(th.pairs) > maxRemembered || len(th.addresses) > maxRemembered {
			t.Errorf("%d logins, %d addresses", len(th.pairs), len(th.addresses))
		}
	})
}

func TestAKeyTellsNextToNothing(t *testing.T) {
	if k := KeyOf("ali"); len(k) != 4 || k != KeyOf(" Ali ") || k == KeyOf("sara") {
		t.Errorf("%q %q %q", k, KeyOf(" Ali "), KeyOf("sara"))
	}
}

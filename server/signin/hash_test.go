package signin

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rasad/city"
)

func hasher(t testing.TB) *Hasher {
	t.Helper()
	h, err := NewHasher()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAPasswordMatchesItsHashAndNoOther(t *testing.T) {
	h := hasher(t)
	const password = "چهارباغ عباسی ۱۴۰۶"
	phc, err := h.Hash(t.Context(), password)
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%q %v", phc, err)
	}
	again, err := h.Hash(t.Context(), password)
	if err != nil || again == phc {
		t.Errorf("two hashes of one password are the same: %v", err)
	}
	for guess, want := range map[string]bool{password: true, "": false, password + " ": false, "چهارباغ عباسی ۱۴۰۵": false, strings.Repeat("x", 4096): false} {
		if got, err := h.Matches(t.Context(), phc, guess); got != want || err != nil {
			t.Errorf("%q: %v %v", guess, got, err)
		}
	}
}

// A letter that can be written in two ways is the same letter.
func TestTheSamePasswordOfAnotherKeyboardMatches(t *testing.T) {
	h := hasher(t)
	phc, err := h.Hash(t.Context(), "caf\u00e9 naqsh-e jahan")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Matches(t.Context(), phc, "cafe\u0301 naqsh-e jahan"); !ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
}

func TestAnUnknownLoginMatchesNothing(t *testing.T) {
	h := hasher(t)
	for _, guess := range []string{"", "x", "long enough as it is"} {
		if ok, err := h.Matches(t.Context(), "", guess); ok || err != nil {
			t.Errorf("%q: %v %v", guess, ok, err)
		}
	}
}

func TestAHashThatCostsTooMuchIsNotMade(t *testing.T) {
	h := hasher(t)
	good := format(params{memoryKiB, passes, lanes, make([]byte, 16), make([]byte, 32)})
	if _, err := parse(good); err != nil {
		t.Fatal(err)
	}
	for name, phc := range map[string]string{
		"memory":      strings.Replace(good, "m=19456", "m=4194304", 1),
		"passes":      strings.Replace(good, "t=2", "t=1000000", 1),
		"no passes":   strings.Replace(good, "t=2", "t=0", 1),
		"lanes":       strings.Replace(good, "p=1", "p=200", 1),
		"lanes 256":   strings.Replace(good, "p=1", "p=256", 1),
		"no lanes":    strings.Replace(good, "p=1", "p=0", 1),
		"little":      strings.Replace(good, "m=19456", "m=7", 1),
		"negative":    strings.Replace(good, "m=19456", "m=-1", 1),
		"trailing":    strings.Replace(good, "p=1", "p=1,x=2", 1),
		"kind":        strings.Replace(good, "argon2id", "argon2i", 1),
		"version":     strings.Replace(good, "v=19", "v=16", 1),
		"short key":   format(params{memoryKiB, passes, lanes, make([]byte, 16), make([]byte, 4)}),
		"no salt":     format(params{memoryKiB, passes, lanes, nil, make([]byte, 32)}),
		"long salt":   format(params{memoryKiB, passes, lanes, make([]byte, 65), make([]byte, 32)}),
		"not base64":  good[:len(good)-1] + "!",
		"plain text":  "password",
		"more parts":  good + "$",
		"a long text": good + strings.Repeat("A", 300),
	} {
		if _, err := h.Matches(t.Context(), phc, "x"); !errors.Is(err, city.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(format(params{memoryKiB, passes, lanes, make([]byte, 16), make([]byte, 32)}))
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parse(s)
		if err == nil && format(p) != s {
			t.Errorf("%q reads as %q", s, format(p))
		}
	})
}

func TestAtMostTwoHashesAreMadeAtOnce(t *testing.T) {
	h := hasher(t)
	for range atOnce {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third one: %v", err)
	}
	<-h.slots
	if _, err := h.Hash(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func TestThePasswordRule(t *testing.T) {
	for _, tc := range []struct{ login, password, wants string }{
		{"ali", "123456789", "10 characters"},
		{"ali", "۱۲۳۴۵۶۷۸۹", "10 characters"},
		{"ali", "۱۲۳۴۵۶۷۸۹۰", ""},
		{"ali.rezaei", "Ali.Rezaei", "login"},
		{"ali.rezaei", "ali.rezaei1", ""},
		{"ali", strings.Repeat("x", MaxPassword+1), "bytes"},
		{"ali", strings.Repeat("x", MaxPassword), ""},
		{"ali", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5", "UTF-8"},
	} {
		err := CheckPassword(tc.login, tc.password)
		if (err == nil) != (tc.wants == "") || err != nil && (!errors.Is(err, city.ErrInvalid) || !strings.Contains(err.Error(), tc.wants)) {
			t.Errorf("%q: %v", tc.password, err)
		}
		if err != nil && tc.password != "" && strings.Contains(err.Error(), tc.password) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	h := hasher(b)
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "long enough as it is"); err != nil {
			b.Fatal(err)
		}
	}
}

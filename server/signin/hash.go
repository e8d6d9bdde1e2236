// Package signin hashes passwords and slows down those who guess them. It knows no
// route, no cookie and no person: what is kept, and where, is the caller's.
package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"rasad/city"
)

// What a new hash costs, and how large it is.
const (
	memoryKiB = 19456 // 19 MiB
	passes    = 2
	lanes     = 1
	saltBytes = 16
	keyBytes  = 32
)

// What a kept hash may cost at most: the journal is not trusted with more.
const (
	maxMemoryKiB = 256 << 10
	maxPasses    = 10
	maxLanes     = 4
	maxPHC       = 256 // bytes
)

// The bounds of a password.
const (
	MinPassword = 10  // characters
	MaxPassword = 200 // bytes
)

// atOnce is how many hashes are made at the same time: they need memory and a core
// each.
const atOnce = 2

// A Hasher makes and compares hashes, a few at a time. Its methods may be called
// from several goroutines.
type Hasher struct {
	slots chan struct{} // holds one token per hash that is being made
	decoy string        // what an unknown login is compared with
}

// NewHasher returns a Hasher. It fails only where the machine has no randomness.
func NewHasher() (*Hasher, error) {
	b := make([]byte, saltBytes+keyBytes)
	if _, err := rand.Read(b); err != nil {
		return nil, fmt.Errorf("make decoy hash: %w", err)
	}
	return &Hasher{make(chan struct{}, atOnce), format(params{memoryKiB, passes, lanes, b[:saltBytes], b[saltBytes:]})}, nil
}

// CheckPassword returns an error wrapping city.ErrInvalid where a password may not
// be chosen for a login. The error says why and never repeats the password.
func CheckPassword(login, password string) error {
	switch {
	case !utf8.ValidString(password):
		return city.Refuse(city.ErrInvalid, city.Text{FA: "گذرواژه باید متن UTF-8 باشد", EN: "password: it is not UTF-8"})
	case utf8.RuneCountInString(password) < MinPassword:
		return city.Refuse(city.ErrInvalid, city.Text{FA: "گذرواژه باید دست‌کم %v نویسه داشته باشد", EN: "password: want at least %d characters"}, MinPassword)
	case len(password) > MaxPassword:
		return city.Refuse(city.ErrInvalid, city.Text{FA: "گذرواژه باید حداکثر %v بایت باشد؛ کوتاه‌ترش کنید", EN: "password: want at most %d bytes"}, MaxPassword)
	case strings.EqualFold(password, login):
		return city.Refuse(city.ErrInvalid, city.Text{FA: "گذرواژه همان نام کاربری است؛ گذرواژهٔ دیگری برگزینید", EN: "password: it is the login"})
	}
	return nil
}

// Hash returns the hash of a password in PHC form, such as
// $argon2id$v=19$m=19456,t=2,p=1$…$…. It waits for its turn, or ends with ctx's error.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	p := params{memory: memoryKiB, passes: passes, lanes: lanes, salt: make([]byte, saltBytes)}
	if _, err := rand.Read(p.salt); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	var err error
	if p.key, err = h.derive(ctx, p, keyBytes, password); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return format(p), nil
}

// Matches reports whether password is the one that phc is the hash of. An empty phc
// stands for a login that nobody has: it takes as long as any other, and matches
// nothing. It waits for its turn, or ends with ctx's error; a hash that cannot be
// read is an error that wraps city.ErrInvalid.
func (h *Hasher) Matches(ctx context.Context, phc, password string) (bool, error) {
	known := phc != ""
	if !known {
		phc = h.decoy
	}
	p, err := parse(phc)
	if err != nil {
		return false, err
	}
	if len(password) > MaxPassword {
		password = password[:MaxPassword] // nobody has it; it must only take as long
		known = false
	}
	key, err := h.derive(ctx, p, uint32(len(p.key)), password) //nolint:gosec // parse bounds it
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return subtle.ConstantTimeCompare(key, p.key) == 1 && known, nil
}

// derive makes a key, once one of the slots is free. The same password typed on
// another keyboard is the same: it is normalised.
func (h *Hasher) derive(ctx context.Context, p params, size uint32, password string) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), p.salt, p.passes, p.memory, p.lanes, size), nil
}

// params are what a PHC string says.
type params struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

func format(p params) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.lanes, b64.EncodeToString(p.salt), b64.EncodeToString(p.key))
}

// parse reads a PHC string of argon2id within the bounds of what it may cost.
func parse(phc string) (params, error) {
	var p params
	bad := func(what string) (params, error) {
		return params{}, fmt.Errorf("%w password hash: %s", city.ErrInvalid, what)
	}
	parts := strings.Split(phc, "$")
	if len(phc) > maxPHC || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad("want argon2id in PHC form")
	}
	const costs = "m=%d,t=%d,p=%d"
	if n, err := fmt.Sscanf(parts[3], costs, &p.memory, &p.passes, &p.lanes); n != 3 || err != nil || parts[3] != fmt.Sprintf(costs, p.memory, p.passes, p.lanes) {
		return bad("want m, t and p")
	}
	if p.memory < 8*uint32(p.lanes) || p.memory > maxMemoryKiB || p.passes < 1 || p.passes > maxPasses || p.lanes < 1 || p.lanes > maxLanes {
		return bad("it costs more, or less, than any of ours")
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	p.key, err2 = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(p.salt) < 8 || len(p.salt) > 64 || len(p.key) < 16 || len(p.key) > 64 {
		return bad("want salt and key in base64")
	}
	return p, nil
}

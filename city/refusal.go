package city

import (
	"errors"
	"fmt"
)

// A RefusalError is an error that people read: it says in both languages what is wrong
// and what cures it, and is of one of the kinds above. Make one with Refuse.
type RefusalError struct {
	kind  error
	words Text
	args  []any
}

// Refuse returns a RefusalError of a kind. The words are formats of fmt for args, which
// both take in the same order; In may replace an argument by a text, so that the
// Persian words have no verb but %v.
func Refuse(kind error, words Text, args ...any) *RefusalError {
	return &RefusalError{kind, words, args}
}

// Error returns the kind and the English words, for logs and the command line.
func (r *RefusalError) Error() string {
	between := ": "
	if errors.Is(r.kind, ErrInvalid) { // "invalid password: …"
		between = " "
	}
	return r.kind.Error() + between + fmt.Sprintf(r.words.EN, r.args...)
}

// Unwrap returns the kind.
func (r *RefusalError) Unwrap() error { return r.kind }

// In returns the words in the language lang. In Persian show writes each argument
// as a Persian sentence wants it: numbers in its digits, names in one piece.
func (r *RefusalError) In(lang string, show func(arg any) string) string {
	if lang != "fa" {
		return fmt.Sprintf(r.words.EN, r.args...)
	}
	shown := make([]any, len(r.args))
	for i, arg := range r.args {
		shown[i] = show(arg)
	}
	return fmt.Sprintf(r.words.FA, shown...)
}

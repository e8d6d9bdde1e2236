package city

import (
	"errors"
	"fmt"
	"testing"
)

func TestARefusalSpeaksBothLanguagesAndKeepsItsKind(t *testing.T) {
	words := Text{FA: "گذرواژه باید دست‌کم %v نویسه داشته باشد", EN: "password: want at least %d characters"}
	show := func(arg any) string { return "<" + fmt.Sprint(arg) + ">" }
	for _, tc := range []struct {
		kind error
		want string
	}{
		{ErrInvalid, "invalid password: want at least 10 characters"},
		{ErrDenied, "denied: password: want at least 10 characters"},
	} {
		err := fmt.Errorf("add person: %w", Refuse(tc.kind, words, 10))
		var r *RefusalError
		if !errors.Is(err, tc.kind) || !errors.As(err, &r) || r.Error() != tc.want {
			t.Fatalf("%v", err)
		}
		if fa, en := r.In("fa", show), r.In("en", show); fa != "گذرواژه باید دست‌کم <10> نویسه داشته باشد" || en != "password: want at least 10 characters" {
			t.Errorf("%q %q", fa, en)
		}
	}
}

package entry

import (
	"slices"
	"strings"
	"unicode/utf8"

	"rasad/city"
)

// A Verb says what a person, or the console, did.
type Verb string

// The verbs. What each acts on stands in Act.On.
const (
	// On a case, by its number.
	DoAcknowledge Verb = "case.acknowledge"
	DoAssign      Verb = "case.assign" // To: the person who answers for it from now on; "" for nobody
	DoNote        Verb = "case.note"
	DoPause       Verb = "case.pause" // its clock stands; Note says why
	DoResume      Verb = "case.resume"
	DoClose       Verb = "case.close"
	DoReopen      Verb = "case.reopen"   // Note says why
	DoEvidence    Verb = "case.evidence" // File: a photo

	// On a department, by its id. To: who takes over; Note: what to know.
	DoHandOver Verb = "shift.hand_over"

	// On a person, by id.
	DoAddPerson    Verb = "person.add"
	DoChangePerson Verb = "person.change"   // Person: all of it anew, but for the password
	DoPassword     Verb = "person.password" // ends every session of that person
	DoEndPerson    Verb = "person.end"      // for good; the name stays beside what was done

	// On a session, by its id.
	DoSignIn  Verb = "session.begin"
	DoSignOut Verb = "session.end"
	DoRefuse  Verb = "session.refused" // On: the person, "" where there is none of that name; From: where it came from

	// On a token, by id. A token of a source has an entry kind of its own; any
	// token is ended by TokenRevoked.
	DoAddToken   Verb = "token.add"
	DoRenewToken Verb = "token.renew" // Ends: until when it holds now, if that is later

	// On a quarantined entry, by its position.
	DoRelease Verb = "quarantine.release" // a reading of the same batch stands in its place
	DoDiscard Verb = "quarantine.discard"

	// On what left the building, such as "figures.xlsx".
	DoExport Verb = "export"
)

// Verbs lists the verbs.
func Verbs() []Verb {
	return []Verb{
		DoAcknowledge, DoAssign, DoNote, DoPause, DoResume, DoClose, DoReopen, DoEvidence, DoHandOver,
		DoAddPerson, DoChangePerson, DoPassword, DoEndPerson, DoSignIn, DoSignOut, DoRefuse, DoAddToken, DoRenewToken,
		DoRelease, DoDiscard, DoExport,
	}
}

// An Act is what a person, or the console, did. It is not yet true when it is
// appended: followers apply it in the order of the journal, and pass it over as
// refused where what the person had seen does not hold any more. The same act may
// stand in the journal twice, and counts once.
type Act struct {
	ID      string      `json:"id"`                // of this act, made by the one who sends it: 8 to 64 of 0-9a-z-
	Do      Verb        `json:"do"`                //
	On      string      `json:"on,omitempty"`      // what it acts on
	Expects int64       `json:"expects,omitempty"` // the version that the person saw; 0: any will do
	At      city.Moment `json:"at"`                // when, by the data's clock; for sessions and people by the server's
	By      string      `json:"by"`                // the id of a person or token, or who sat at the console
	From    string      `json:"from,omitempty"`    // the address that it came from, for sessions
	To      string      `json:"to,omitempty"`      // a person's id
	Note    string      `json:"note,omitempty"`    // at most MaxNote bytes
	Person  *Profile    `json:"person,omitempty"`
	Hash    string      `json:"hash,omitempty"` // of a password, in PHC form; of a session or token, SHA-256 in hexadecimal
	Ends    city.Moment `json:"ends,omitempty"` // of a session or token; 0: not by itself
	Token   *Grant      `json:"token,omitempty"`
	File    *File       `json:"file,omitempty"`
}

// A Profile is what is known of a person.
type Profile struct {
	Login       string              `json:"login"` // lower-case, unique among all that ever were
	Name        string              `json:"name"`
	Role        city.Role           `json:"role"`
	Departments []city.DepartmentID `json:"departments,omitempty"` // the scope of RoleDepartment
	Lang        string              `json:"lang"`                  // "fa" or "en"
}

// A Grant is what a display or media token opens.
type Grant struct {
	Name   string   `json:"name"`
	Class  string   `json:"class"`            // "display" or "media"
	Opens  []string `json:"opens,omitempty"`  // of a display: its screens, at least one; of media: indicators, none means all visitor figures
	Person string   `json:"person,omitempty"` // whom it was given to, where that is one of ours
}

// A File is a photo that was kept.
type File struct {
	SHA256 string `json:"sha256"` // hexadecimal; its name below DATA/evidence
	Type   string `json:"type"`   // "image/jpeg" or "image/png"
	Bytes  int64  `json:"bytes"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// KindAct is the kind of an Act.
const KindAct Kind = "act"

// Kind names the entry's kind.
func (*Act) Kind() Kind { return KindAct }

// Bounds of an act's texts, in bytes.
const (
	MaxNote = 4000
	maxName = 200
	maxHash = 512
)

// Check returns an error wrapping city.ErrInvalid where a is not well put, in words.
// It judges the form only: whether the act holds is the followers' question.
func (a *Act) Check() error {
	fail := func(fa, en string, args ...any) error {
		return city.Refuse(city.ErrInvalid, city.Text{FA: fa, EN: "act: " + en}, args...)
	}
	switch {
	case len(a.ID) < 8 || len(a.ID) > 64 || strings.Trim(a.ID, "0123456789abcdefghijklmnopqrstuvwxyz-") != "":
		return fail("شناسهٔ کار (id) باید ۸ تا ۶۴ نویسه از حرف‌های کوچک لاتین، رقم و خط تیره باشد و برای هر کار تازه باشد", "id: want 8 to 64 letters a-z, digits and hyphens, other ones for each act")
	case !slices.Contains(Verbs(), a.Do):
		return fail("کاری به نام %v نیست", "do: no verb %q", clip(string(a.Do)))
	case len(a.On) > maxName || len(a.To) > maxName || len(a.By) > maxName || len(a.From) > maxName:
		return fail("یکی از نام‌ها بلندتر از %v بایت است؛ کوتاه‌ترش کنید", "a name in it is longer than %d bytes", maxName)
	case len(a.Hash) > maxHash:
		return fail("چکیده (hash) باید حداکثر %v بایت باشد", "hash: want at most %d bytes", maxHash)
	case a.By == "":
		return fail("گفته نشده است که این کار را چه کسی می‌کند (by)", "by is missing")
	case a.Expects < 0:
		return fail("نسخه‌ای را که دیده‌اید در expects بفرستید؛ ۰ یعنی هر نسخه‌ای", "expects: want the version that was seen, 0 for any")
	case len(a.Note) > MaxNote || !utf8.ValidString(a.Note):
		return fail("یادداشت باید متن UTF-8 و حداکثر %v بایت باشد؛ کوتاه‌ترش کنید", "note: want at most %d bytes of UTF-8", MaxNote)
	}
	if why, args := a.lacks(); why.EN != "" {
		return fail(why.FA, string(a.Do)+": "+why.EN, args...)
	}
	return nil
}

// lacks says what an act of its verb must have and a has not, as formats for args.
func (a *Act) lacks() (why city.Text, args []any) {
	note := strings.TrimSpace(a.Note) != ""
	switch a.Do {
	case DoNote, DoPause, DoReopen, DoDiscard, DoRelease:
		if !note {
			return city.Text{FA: "توضیح لازم است؛ در چند کلمه بنویسید چرا", EN: "note is missing: say it in words"}, nil
		}
	case DoEvidence:
		if a.File == nil {
			return city.Text{FA: "عکسی همراه این کار نیست", EN: "file is missing"}, nil
		}
		if why = a.File.lacks(); why.EN != "" {
			return why, nil
		}
	case DoAddPerson, DoChangePerson:
		if a.Person == nil {
			return city.Text{FA: "مشخصات فرد (person) نیامده است", EN: "person is missing"}, nil
		}
		if why, args = a.Person.lacks(); why.EN != "" {
			return why, args
		}
	case DoPassword:
		if a.Hash == "" {
			return city.Text{FA: "چکیدهٔ گذرواژه (hash) نیامده است", EN: "hash is missing"}, nil
		}
	case DoSignIn:
		if !hexadecimal(a.Hash) || a.On != a.Hash[:32] {
			return city.Text{FA: "چکیده (hash) باید SHA-256 رمز نشست باشد و ۳۲ رقم نخست آن شناسهٔ نشست", EN: "hash: want the SHA-256 of the secret, whose first 32 hexadecimal digits are the session's id"}, nil
		}
	case DoAddToken:
		if a.Token == nil || !hexadecimal(a.Hash) {
			return city.Text{FA: "مشخصات توکن (token) یا SHA-256 آن نیامده است", EN: "token is missing, or the SHA-256 of it"}, nil
		}
		if why, args = a.Token.lacks(); why.EN != "" {
			return why, args
		}
	case DoRenewToken:
		if a.Ends <= 0 {
			return city.Text{FA: "گفته نشده است که توکن تا کی تمدید می‌شود (ends)", EN: "ends is missing: say until when"}, nil
		}
	case DoAcknowledge, DoAssign, DoResume, DoClose, DoHandOver, DoEndPerson, DoSignOut, DoRefuse, DoExport:
	}
	if a.On == "" && a.Do != DoRefuse {
		return city.Text{FA: "گفته نشده است که این کار دربارهٔ چیست (on)", EN: "on is missing"}, nil
	}
	return city.Text{}, nil
}

func (p *Profile) lacks() (why city.Text, args []any) {
	switch {
	case len(p.Login) < 2 || len(p.Login) > 40 || strings.Trim(p.Login, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "":
		why = city.Text{FA: "نام کاربری باید ۲ تا ۴۰ نویسه از حرف‌های کوچک لاتین، رقم، نقطه، خط تیره و زیرخط باشد", EN: "login: want 2 to 40 of a-z, 0-9, dot, hyphen and underscore"}
	case strings.TrimSpace(p.Name) == "" || len(p.Name) > maxName:
		return city.Text{FA: "نام فرد را بنویسید؛ حداکثر %v بایت", EN: "name: want 1 to %d bytes"}, []any{maxName}
	case !p.Role.Known():
		return city.Text{FA: "نقش باید یکی از این‌ها باشد: %v", EN: "role: want one of %v"}, []any{city.Roles()}
	case p.Role == city.RoleDepartment && len(p.Departments) == 0:
		why = city.Text{FA: "کاربر واحد دست‌کم یک واحد می‌خواهد؛ واحدهایش را برگزینید", EN: "departments: the role department has a scope of at least one"}
	case p.Role != city.RoleDepartment && len(p.Departments) > 0:
		why = city.Text{FA: "تنها کاربر واحد را می‌توان به واحدهایی محدود کرد؛ واحدها را خالی بگذارید یا نقش را عوض کنید", EN: "departments: only the role department has a scope"}
	case p.Lang != "fa" && p.Lang != "en":
		why = city.Text{FA: "زبان باید fa یا en باشد", EN: "lang: want fa or en"}
	}
	return why, nil
}

func (g *Grant) lacks() (why city.Text, args []any) {
	switch {
	case strings.TrimSpace(g.Name) == "" || len(g.Name) > maxName:
		return city.Text{FA: "بنویسید توکن از آنِ کیست؛ حداکثر %v بایت", EN: "name: want 1 to %d bytes that say whose it is"}, []any{maxName}
	case g.Class != "display" && g.Class != "media":
		why = city.Text{FA: "ردهٔ توکن باید display یا media باشد", EN: "class: want display or media"}
	case g.Class == "display" && len(g.Opens) == 0:
		why = city.Text{FA: "توکن نمایشگر دست‌کم یک نما را باز می‌کند؛ نمایی برگزینید", EN: "opens: a display token opens at least one screen"}
	case len(g.Opens) > 1000:
		why = city.Text{FA: "یک توکن حداکثر ۱۰۰۰ نام را باز می‌کند", EN: "opens: at most 1000"}
	}
	return why, nil
}

func (f *File) lacks() (why city.Text) {
	switch {
	case !hexadecimal(f.SHA256):
		why = city.Text{FA: "چکیدهٔ عکس باید SHA-256 به رقم‌های شانزده‌شانزدهی باشد", EN: "file: want its SHA-256 in hexadecimal"}
	case f.Type != "image/jpeg" && f.Type != "image/png":
		why = city.Text{FA: "عکس باید JPEG یا PNG باشد", EN: "file: want a type of image/jpeg or image/png"}
	case f.Bytes < 1 || f.Width < 1 || f.Height < 1:
		why = city.Text{FA: "اندازهٔ عکس به بایت و پیکسل نیامده است", EN: "file: want its size in bytes and in pixels"}
	}
	return why
}

// hexadecimal reports whether s is a SHA-256 as we write it: 64 digits 0-9a-f.
func hexadecimal(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

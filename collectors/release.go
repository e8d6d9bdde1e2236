package collectors

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"rasad/city"
	"rasad/collectors/push"
	"rasad/entry"
)

// maxVouched is how far ahead of the data's clock an item may be that a person
// releases: further ahead nobody can know.
const maxVouched = 24 * time.Hour

// Releasable reports whether a person may release what was held for a reason: where
// judgement is asked for, or the city may have changed since. The other reasons say
// that the item cannot be read as what its source declares; they only end by being
// discarded, or by a sender that was corrected.
func Releasable(reason string) bool {
	switch reason {
	case ReasonOutOfRange, ReasonTooLate, ReasonAheadOfClock, ReasonConflict, ReasonRevisesNotNewest, ReasonUnknownSource:
		return true
	default:
		return false
	}
}

// Release lets a quarantined item count after all. It judges the item again by the
// city in force and the data's clock, without the one reason it was held for: a
// value out of range is believed, what conflicts with a reading replaces the newest
// one with the act's note as the reason. However late the item is, it counts at its
// own time, and it stays its sender's. The act and the reading or event stand in
// one batch; the position is the act's. That the item still waits is the caller's to
// see. An error wraps city.ErrInvalid and says in words why the item cannot be
// released, or city.ErrBusy where nothing can be stored now.
func (g *Gate) Release(ctx context.Context, q *entry.Quarantined, act *entry.Act) (entry.Position, error) {
	if act.Do != entry.DoRelease {
		return entry.Position{}, fmt.Errorf("%w act %s: want %s", city.ErrInvalid, act.Do, entry.DoRelease) // the server's own mistake: no person meets it
	}
	if err := act.Check(); err != nil {
		return entry.Position{}, err
	}
	c := g.cfg.City()
	if c == nil {
		return entry.Position{}, fmt.Errorf("release item: %w: no city is in force yet", city.ErrBusy)
	}
	r := newRequest(g, c, &Who{ID: q.By, Backfill: true}, city.At(g.cfg.Now()), 1)
	e, err := r.again(q, reasonOf(act.Note))
	if err != nil {
		return entry.Position{}, err
	}
	first, err := g.cfg.Append(ctx, []entry.Entry{act, e})
	if err != nil {
		return entry.Position{}, fmt.Errorf("release item: %w", err)
	}
	return first, nil
}

// reasonOf makes a note the reason of a revision: one line of at most maxText bytes.
func reasonOf(note string) string {
	line := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, note)
	return clip(strings.Join(strings.Fields(line), " "), maxText)
}

// refused is why an item cannot be released, in words for the person who rules.
func refused(fa, en string, args ...any) error {
	return city.Refuse(city.ErrInvalid, city.Text{FA: fa, EN: "release: " + en}, args...)
}

// faulty is why an item would not be accepted today either: the reason in words, and
// the detail, with the bounds and the cure, in English alone.
func faulty(f *fault) error {
	return refused(Words(f.reason).FA+"؛ آن را کنار بگذارید، یا منبع را در پروندهٔ شهر اصلاح کنید و دوباره بپذیرید", escaped(f.detail))
}

// escaped returns a text as a format that writes it.
func escaped(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// again judges a quarantined item anew and returns what counts in its place.
func (r *request) again(q *entry.Quarantined, reason string) (entry.Entry, error) {
	if !Releasable(q.Reason) {
		words := Words(q.Reason)
		return nil, refused(words.FA+"؛ تنها می‌توان آن را کنار گذاشت", words.EN+"; it can only be discarded")
	}
	it, number, err := itemOf(q)
	if err != nil {
		return nil, err
	}
	src := r.city.Source(city.SourceID(q.Source))
	if src == nil {
		return nil, faulty(r.unknown(q.Source))
	}
	f := r.belief(src, it)
	if f == nil {
		f = shape(r.city, src, it)
	}
	if f != nil {
		return nil, faulty(f)
	}
	v, err := vouched(src, number, q.Reason)
	if err != nil {
		return nil, err
	}
	if err := r.vouchedTime(src, it, q.Reason); err != nil {
		return nil, err
	}
	late, _ := r.late(src, it.To)
	if src.Kind == city.Event {
		return r.place(src, r.eventOf(it, src, v, late), q.Reason, reason)
	}
	reading := r.readingOf(it, src, v, late)
	return r.place(src, &reading, q.Reason, reason)
}

// itemOf reads what was sent again, and the number that was held of it: of a gate's
// two directions one.
func itemOf(q *entry.Quarantined) (*entry.Item, string, error) {
	if len(q.Item) == 0 || q.Item[0] != '{' {
		return nil, "", refused("آنچه رسیده بلندتر یا خراب‌تر از آن بوده که کامل نگه داشته شود؛ تنها می‌توان آن را کنار گذاشت", "the item was too long, or too broken, to be kept whole; it can only be discarded")
	}
	items, err := push.Decode(append(append([]byte(`{"readings":[`), q.Item...), "]}"...))
	if err != nil || len(items) != 1 {
		return nil, "", refused("آنچه رسیده دیگر خوانده نمی‌شود؛ آن را کنار بگذارید", "the item cannot be read any more: "+escaped(fmt.Sprint(err)))
	}
	it := &items[0]
	switch {
	case it.In == "" && it.Source == q.Source:
		return it, it.Number, nil
	case it.In != "" && q.Source == it.Source+"/in":
		return it, it.In, nil
	case it.In != "" && q.Source == it.Source+"/out":
		return it, it.Out, nil
	}
	return nil, "", refused("آنچه رسیده از منبع %v است ولی برای منبع %v نگه داشته شده است؛ آن را کنار بگذارید", "the item is of source %q, but was held for %q", clip(it.Source, maxText), q.Source)
}

// vouched reads the number, whose range a person may have vouched for.
func vouched(src *city.Source, number, reason string) (city.Steps, error) {
	v, f := value(src, number)
	switch {
	case f == nil:
		return v, nil
	case f.reason != ReasonOutOfRange || reason != ReasonOutOfRange:
		return 0, faulty(f)
	}
	v, err := src.Unit.Parse(number)
	if err != nil || v > city.MaxDeclared || v < -city.MaxDeclared {
		return 0, refused("%v (%v) بزرگ‌تر از آن است که با عددهای دیگر جمع شود؛ تنها می‌توان آن را کنار گذاشت", "%s %s is beyond any value that can be added up; it can only be discarded", clip(number, 40), src.Unit)
	}
	return v, nil
}

// vouchedTime judges when the item is of, by a clock that a person may have vouched
// for.
func (r *request) vouchedTime(src *city.Source, it *entry.Item, reason string) error {
	if reason == ReasonAheadOfClock {
		if ahead := it.To - r.now; ahead > city.Moment(maxVouched/time.Second) {
			return refused("زمان آن (%v) بیش از %v از ساعت این سامانه (%v) جلوتر است و کسی نمی‌تواند آن را بداند؛ آن را کنار بگذارید", "%v is more than %v ahead of the clock here (%v): nobody can know", it.To, maxVouched, r.now)
		}
		r.now = max(r.now, it.To)
	}
	if f := r.time(src, it); f != nil {
		return faulty(f)
	}
	return nil
}

// place compares e with what is known. What conflicts becomes a revision of the
// newest where that is what it was held for.
func (r *request) place(src *city.Source, e entry.Entry, held, reason string) (entry.Entry, error) {
	for again := false; ; again = true {
		standing, against, err := r.g.cfg.Standing(e)
		switch {
		case err != nil:
			return nil, fmt.Errorf("look up %s: %w", src.ID, err)
		case standing == entry.New:
			return e, nil
		case standing == entry.Duplicate:
			return nil, refused("همین پیش‌تر پذیرفته شده است (جایگاه %v)؛ آن را کنار بگذارید", "the same is known already, at position %v: discard it", against)
		case again:
			return nil, fmt.Errorf("release item: %w: another reading came in between", city.ErrBusy)
		case held != ReasonConflict && held != ReasonRevisesNotNewest:
			return nil, refused("برای همین بازه اکنون مقدار دیگری هست (جایگاه %v)؛ آن را کنار بگذارید، یا منبع آن را با revises دوباره بفرستد", "something else is known for the same slot by now, at position %v: discard it, or send it again with revises", against)
		}
		reading, ok := e.(*entry.Reading)
		if !ok {
			return nil, refused("رویداد جایگزین نمی‌شود و نخستین رویدادِ هر شناسه و حالت به شمار می‌آید؛ آن را کنار بگذارید", "an event is not replaced: the first one of its id and state counts; discard it")
		}
		reading.Revises, reading.Reason = against, reason
		if against.IsZero() { // what it revised is not known here: it is the first
			reading.Reason = ""
		}
	}
}

// Words returns a reason in words for the people who rule on what is held.
func Words(reason string) city.Text {
	switch reason {
	case ReasonUnknownSource:
		return city.Text{FA: "چنین منبعی در شهر تعریف نشده است", EN: "the city declares no such source"}
	case ReasonUnitMismatch:
		return city.Text{FA: "فرستنده یکای دیگری را می‌شمارد", EN: "the sender counts in another unit"}
	case ReasonKindMismatch:
		return city.Text{FA: "فرستنده نوع دیگری از داده می‌فرستد", EN: "the sender sends another kind of reading"}
	case ReasonMissingUnit:
		return city.Text{FA: "یکا گفته نشده است", EN: "the unit was not said"}
	case ReasonMissingKind:
		return city.Text{FA: "نوع داده گفته نشده است", EN: "the kind was not said"}
	case ReasonWrongShape:
		return city.Text{FA: "داده‌های لازم نیامده یا داده‌ای نابجا آمده است", EN: "fields are missing or do not belong there"}
	case ReasonBadText:
		return city.Text{FA: "متنی بیش از اندازه بلند یا دارای نویسهٔ کنترلی است", EN: "a text is too long or has control characters"}
	case ReasonBadNumber:
		return city.Text{FA: "مقدار عدد نیست", EN: "the value is no number"}
	case ReasonFinerThanStep:
		return city.Text{FA: "عدد ریزتر از گام یکا است", EN: "the number is finer than the step of its unit"}
	case ReasonOutOfRange:
		return city.Text{FA: "مقدار باورکردنی نیست", EN: "the value is not believable"}
	case ReasonBefore2000:
		return city.Text{FA: "زمان پیش از سال ۲۰۰۰ است؛ ساعت فرستنده تنظیم نیست", EN: "the time lies before the year 2000: the sender's clock is not set"}
	case ReasonUnaligned:
		return city.Text{FA: "بازهٔ زمانی با بازه‌های منبع نمی‌خواند", EN: "the slot is not one of the source's"}
	case ReasonAheadOfClock:
		return city.Text{FA: "زمان آن هنوز نرسیده است", EN: "its time is still to come"}
	case ReasonTooLate:
		return city.Text{FA: "بسیار دیر رسیده است", EN: "it came too late"}
	case ReasonConflict:
		return city.Text{FA: "برای همین بازه مقدار دیگری پذیرفته شده است", EN: "another value was accepted for the same slot"}
	case ReasonRevisesNotNewest:
		return city.Text{FA: "آنچه اصلاح می‌کند تازه‌ترین نیست", EN: "what it revises is not the newest"}
	default:
		return city.Text{FA: reason, EN: reason}
	}
}

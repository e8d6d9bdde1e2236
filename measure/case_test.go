package measure

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rasad/city"
	"rasad/entry"
)

const opened city.Moment = 1_806_000_000 // 25 March 2027, 22:50 in Tehran

func acted(do entry.Verb, at city.Moment, to string) *entry.Act {
	return &entry.Act{ID: "act-0001", Do: do, On: "1", At: at, By: "p-1", To: to, Note: "why"}
}

// open returns a case with so many seconds of running clock.
func open(sec int64) Case { return OpenCase(opened, city.Allowance{Sec: sec}) }

func TestEventsOfTheSourceMoveACase(t *testing.T) {
	type event struct {
		state string
		at    city.Moment
	}
	for _, tc := range []struct {
		name   string
		events []event
		want   Case
	}{
		{"opened", []event{{"opened", opened}}, Case{Opened: opened, State: CaseOpen, Changed: opened}},
		{"opened earlier than was known", []event{{"", opened}, {"opened", opened - 60}}, Case{Opened: opened - 60, State: CaseOpen, Changed: opened}},
		{"acknowledged", []event{{"assigned", opened + 9}}, Case{Opened: opened, Acknowledged: opened + 9, State: CaseOpen, Changed: opened}},
		{"the earliest acknowledgement counts", []event{{"started", opened + 9}, {"acknowledged", opened + 5}, {"assigned", opened + 7}}, Case{Opened: opened, Acknowledged: opened + 5, State: CaseOpen, Changed: opened}},
		{"never before the opening", []event{{"acknowledged", opened - 5}}, Case{Opened: opened, Acknowledged: opened, State: CaseOpen, Changed: opened}},
		{"paused and resumed", []event{{"paused", opened + 5}, {"resumed", opened + 8}}, Case{Opened: opened, State: CaseOpen, Changed: opened, Pauses: []Pause{{From: opened + 5, To: opened + 8}}}},
		{"paused twice", []event{{"paused", opened + 5}, {"paused", opened + 6}}, Case{Opened: opened, State: CasePaused, Changed: opened, Pauses: []Pause{{From: opened + 5}}}},
		{"resumed before it was paused", []event{{"paused", opened + 5}, {"resumed", opened + 1}}, Case{Opened: opened, State: CaseOpen, Changed: opened, Pauses: []Pause{{From: opened + 5, To: opened + 5}}}},
		{"closed", []event{{"done", opened + 9}}, Case{Opened: opened, Acknowledged: opened + 9, Closed: opened + 9, State: CaseClosed, Changed: opened + 9}},
		{"closed while it was paused", []event{{"paused", opened + 5}, {"rejected", opened + 9}}, Case{Opened: opened, Acknowledged: opened + 9, Closed: opened + 9, State: CaseClosed, Changed: opened + 9, Pauses: []Pause{{From: opened + 5, To: opened + 9}}}},
		{"closed twice", []event{{"closed", opened + 9}, {"closed", opened + 10}}, Case{Opened: opened, Acknowledged: opened + 9, Closed: opened + 9, State: CaseClosed, Changed: opened + 9}},
		{"reopened", []event{{"closed", opened + 9}, {"reopened", opened + 20}}, Case{Opened: opened, Acknowledged: opened + 9, State: CaseOpen, Changed: opened + 20, Reopened: 1, Pauses: []Pause{{From: opened + 9, To: opened + 20}}}},
		{"a late closing undoes no later opening", []event{{"closed", opened + 9}, {"reopened", opened + 20}, {"done", opened + 12}}, Case{Opened: opened, Acknowledged: opened + 9, State: CaseOpen, Changed: opened + 20, Reopened: 1, Pauses: []Pause{{From: opened + 9, To: opened + 20}}}},
		{"a late opening undoes no later closing", []event{{"closed", opened + 9}, {"reopened", opened + 5}}, Case{Opened: opened, Acknowledged: opened + 9, Closed: opened + 9, State: CaseClosed, Changed: opened + 9}},
		{"nothing to resume, nothing to reopen", []event{{"resumed", opened + 9}, {"reopened", opened + 9}}, Case{Opened: opened, State: CaseOpen, Changed: opened}},
		{"a word that nobody knows", []event{{"painted", opened + 9}}, Case{Opened: opened, State: CaseOpen, Changed: opened}},
	} {
		c := OpenCase(opened, city.Allowance{})
		for _, e := range tc.events {
			c.Event(e.state, e.at)
		}
		tc.want.Version = int64(len(tc.events))
		if d := cmp.Diff(tc.want, c); d != "" {
			t.Errorf("%s: %s", tc.name, d)
		}
	}
}

// Each verb on a case that is open, open and acknowledged, paused, or closed: the
// state afterwards, or why it was refused.
func TestActsMoveACaseOrSayWhyNot(t *testing.T) {
	before := func(dos ...entry.Verb) Case {
		c := open(3600)
		c.Event("opened", opened)
		for _, do := range dos {
			if refused := c.Act(acted(do, opened+10, "")); refused != "" {
				t.Fatalf("%s: %s", do, refused)
			}
		}
		return c
	}
	cases := []Case{before(), before(entry.DoAcknowledge), before(entry.DoPause), before(entry.DoClose)}
	for do, want := range map[entry.Verb][4]string{
		entry.DoAcknowledge: {"open", RefusedAlready, RefusedAlready, RefusedClosed},
		entry.DoAssign:      {"open", "open", "paused", RefusedClosed},
		entry.DoNote:        {"open", "open", "paused", "closed"},
		entry.DoEvidence:    {"open", "open", "paused", "closed"},
		entry.DoPause:       {"paused", "paused", RefusedPaused, RefusedClosed},
		entry.DoResume:      {RefusedNotPaused, RefusedNotPaused, "open", RefusedClosed},
		entry.DoClose:       {"closed", "closed", "closed", RefusedClosed},
		entry.DoReopen:      {RefusedNotClosed, RefusedNotClosed, RefusedNotClosed, "open"},
		entry.DoHandOver:    {RefusedNotFound, RefusedNotFound, RefusedNotFound, RefusedNotFound},
	} {
		for i, c := range cases {
			was := c
			refused := c.Act(acted(do, opened+20, "p-2"))
			switch got := refused; {
			case refused == "" && (string(c.State) != want[i] || c.Version != was.Version+1):
				t.Errorf("%s on case %d: %+v, want %s", do, i, c, want[i])
			case refused != "" && (got != want[i] || !cmp.Equal(c, was)):
				t.Errorf("%s on case %d: refused %q, want %s; %s", do, i, got, want[i], cmp.Diff(was, c))
			}
		}
	}
}

func TestAnActOnAnotherVersionIsRefused(t *testing.T) {
	c := open(3600)
	c.Event("opened", opened)
	for expects, want := range map[int64]string{0: "", 1: "", 2: RefusedChanged, 9: RefusedChanged} {
		a := acted(entry.DoClose, opened+5, "")
		a.Expects = expects
		try := c
		if got := try.Act(a); got != want {
			t.Errorf("expects %d: %q, want %q", expects, got, want)
		}
	}
}

func TestAssigningNamesOneWhoAnswers(t *testing.T) {
	c := open(3600)
	if got := c.Act(acted(entry.DoAssign, opened, "")); got != RefusedAlready {
		t.Errorf("from nobody to nobody: %q", got)
	}
	for _, who := range []string{"p-2", "p-3", ""} {
		if got := c.Act(acted(entry.DoAssign, opened+5, who)); got != "" || c.Owner != who || c.Acknowledged != opened+5 {
			t.Errorf("to %q: %q, %+v", who, got, c)
		}
	}
}

// What happened to a copy must not show in what was copied.
func TestCasesMayBeCopied(t *testing.T) {
	c := open(3600)
	c.Act(acted(entry.DoPause, opened+10, ""))
	first := c
	second := c
	second.Act(acted(entry.DoResume, opened+20, ""))
	second.Act(acted(entry.DoPause, opened+30, ""))
	c.Act(acted(entry.DoClose, opened+40, ""))
	c.Act(acted(entry.DoReopen, opened+50, ""))
	if d := cmp.Diff([]Pause{{From: opened + 10, By: "p-1", Why: "why"}}, first.Pauses); d != "" {
		t.Error(d)
	}
	if second.Pauses[1].From != opened+30 {
		t.Error(second.Pauses)
	}
}

func zone(t tb, name string) *city.Zone {
	t.Helper()
	z, err := city.OpenZone(name)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return z
}

type tb interface {
	Helper()
	Fatalf(format string, args ...any)
}

func TestDueCountsOnlyTheHoursOfWork(t *testing.T) {
	for _, tc := range []struct {
		zone, opened, due string // UTC
		hours             int64
		from, to          int
	}{
		{"Asia/Tehran", "2027-03-21 06:30", "2027-03-21 10:30", 4, 0, 0},
		{"Asia/Tehran", "2027-03-21 06:30", "2027-03-21 10:30", 4, 7, 15},
		{"Asia/Tehran", "2027-03-21 06:30", "2027-03-22 04:30", 6, 7, 15}, // 5 h of the first day, 1 of the next
		{"Asia/Tehran", "2027-03-21 20:30", "2027-03-22 11:30", 8, 7, 15}, // opened at midnight: all of the next day
		{"Europe/Paris", "2027-03-27 23:00", "2027-03-28 02:00", 3, 0, 0}, // three hours, whatever the clock shows
		{"Europe/Paris", "2027-03-27 23:00", "2027-03-28 10:00", 11, 0, 13},
		{"Europe/Paris", "2027-03-27 21:00", "2027-03-28 01:00", 2, 0, 3}, // 02:00 to 03:00 is not there: two such hours
		{"Europe/Paris", "2027-10-30 20:00", "2027-10-31 02:00", 4, 0, 3}, // 02:00 to 03:00 is there twice: four such hours
		{"America/New_York", "2027-11-06 12:00", "2027-11-07 15:00", 9, 9, 17},
	} {
		c := OpenCase(utc(t, tc.opened), city.Allowance{Sec: tc.hours * 3600, FromHour: tc.from, ToHour: tc.to})
		if due, ok := c.Due(zone(t, tc.zone)); !ok || due != utc(t, tc.due) {
			t.Errorf("%+v: due %s %t", tc, due, ok)
		}
	}
}

func utc(t tb, text string) city.Moment {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return city.At(at)
}

func TestACaseWithoutAClockIsNeverDueAndNeverLate(t *testing.T) {
	z := zone(t, "Asia/Tehran")
	for _, c := range []Case{
		open(0),
		OpenCase(opened, city.Allowance{Sec: 60, FromHour: 9, ToHour: 9}), // no hour of work at all
	} {
		if due, ok := c.Due(z); ok {
			t.Errorf("due %s", due)
		}
		if c.Late(z, opened+1e9) {
			t.Error("late")
		}
	}
	none := open(0)
	if left, ok := none.Left(z, opened+5); ok {
		t.Errorf("left %d", left)
	}
}

func TestWhatIsLateStaysLateWhenItsClockIsStopped(t *testing.T) {
	z := zone(t, "Asia/Tehran")
	late, punctual := open(3600), open(3600)
	late.Act(acted(entry.DoPause, opened+3700, ""))
	punctual.Act(acted(entry.DoPause, opened+3500, ""))
	for range 2 {
		if !late.Late(z, opened+9000) || punctual.Late(z, opened+9000) {
			t.Errorf("late %t, punctual %t", late.Late(z, opened+9000), punctual.Late(z, opened+9000))
		}
		if _, ok := late.Due(z); ok != (late.State == CaseClosed) {
			t.Errorf("%s: due %t", late.State, ok)
		}
		late.Act(acted(entry.DoClose, opened+9000, ""))
		punctual.Act(acted(entry.DoClose, opened+9000, ""))
	}
	if left, _ := late.Left(z, opened+1e6); left != -100 {
		t.Errorf("left when it was closed: %d", left)
	}
}

// anyLife draws a case in some zone, around the days on which clocks change.
func anyLife(t *rapid.T) (Case, *city.Zone) {
	z := zone(t, rapid.SampledFrom([]string{"Asia/Tehran", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"}).Draw(t, "zone"))
	day := utc(t, rapid.SampledFrom([]string{"2027-03-13 00:00", "2027-03-27 00:00", "2027-04-02 12:00", "2027-10-02 00:00", "2027-10-30 00:00", "2022-09-20 12:00"}).Draw(t, "day"))
	a := city.Allowance{Sec: rapid.Int64Range(1, 20*60).Draw(t, "minutes") * 60}
	if rapid.Bool().Draw(t, "by hours") {
		a.FromHour = rapid.IntRange(0, 22).Draw(t, "from")
		a.ToHour = rapid.IntRange(a.FromHour+1, 24).Draw(t, "to")
	}
	return OpenCase(day+city.Moment(rapid.IntRange(0, 2*1440).Draw(t, "opened"))*60, a), z
}

// live lets a few random things happen to c, in the order of their time or not.
func live(t *rapid.T, c *Case) {
	for range rapid.IntRange(0, 6).Draw(t, "things") {
		at := c.Opened + city.Moment(rapid.IntRange(-60, 3*1440).Draw(t, "after"))*60
		if rapid.Bool().Draw(t, "event") {
			c.Event(rapid.SampledFrom([]string{"opened", "acknowledged", "paused", "resumed", "closed", "reopened"}).Draw(t, "state"), at)
			continue
		}
		c.Act(acted(rapid.SampledFrom([]entry.Verb{entry.DoAssign, entry.DoPause, entry.DoResume, entry.DoClose, entry.DoReopen}).Draw(t, "do"), at, "p-2"))
	}
}

func TestNothingIsLeftWhenACaseIsDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, z := anyLife(t)
		live(t, &c)
		due, ok := c.Due(z)
		if ok != (c.State != CasePaused) {
			t.Fatalf("due %t of %+v", ok, c)
		}
		if !ok || c.State == CaseClosed {
			return
		}
		if left, _ := c.Left(z, due); left != 0 || c.Late(z, due) || !c.Late(z, due+1) {
			t.Fatalf("due %s: %d left, late %t, a second later %t", due, left, c.Late(z, due), c.Late(z, due+1))
		}
		if left, _ := c.Left(z, due-1); left != 1 {
			t.Fatalf("due %s: %d left a second earlier", due, left)
		}
	})
}

// The second implementation: minute by minute, by the time package's clock.
func TestLeftIsWhatAMinuteByMinuteCountLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, z := anyLife(t)
		live(t, &c)
		at := c.Opened + city.Moment(rapid.IntRange(0, 4*1440).Draw(t, "at"))*60
		end := at
		if c.State == CaseClosed {
			end = c.Closed
		}
		want := c.Allowed.Sec
		for m := c.Opened; m < end; m += 60 {
			hour := m.Time().In(z.Location()).Hour()
			runs := c.Allowed.ToHour == 0 || c.Allowed.FromHour <= hour && hour < c.Allowed.ToHour
			for _, p := range c.Pauses {
				runs = runs && (m < p.From || p.To != 0 && m >= p.To)
			}
			if runs {
				want -= 60
			}
		}
		got, ok := c.Left(z, at)
		if !ok || got != want {
			t.Fatalf("%d left at %s, want %d: %+v", got, at, want, c)
		}
		if got < 0 && !c.Late(z, at) {
			t.Fatalf("%d left at %s, but not late: %+v", got, at, c)
		}
	})
}

func TestPausesAreOrderedAndTellTheState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := anyLife(t)
		live(t, &c)
		for i, p := range c.Pauses {
			last := i == len(c.Pauses)-1
			if p.To == 0 && (!last || c.State != CasePaused) || p.To != 0 && (p.To < p.From || last && c.State == CasePaused) {
				t.Fatalf("pause %d of a case that is %s: %+v", i, c.State, c.Pauses)
			}
			if !last && c.Pauses[i+1].From < p.To {
				t.Fatalf("pause %d begins before the end of the one before: %+v", i+1, c.Pauses)
			}
		}
		if (c.Closed != 0) != (c.State == CaseClosed) || c.Acknowledged != 0 && c.Acknowledged < c.Opened {
			t.Fatalf("%+v", c)
		}
	})
}

func TestPausingShiftsTheDueMomentByAsMuch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, z := anyLife(t)
		c.Allowed.FromHour, c.Allowed.ToHour = 0, 0
		before, _ := c.Due(z)
		at := c.Opened + city.Moment(rapid.Int64Range(0, 2*c.Allowed.Sec).Draw(t, "pause"))
		long := city.Moment(rapid.Int64Range(0, 90000).Draw(t, "long"))
		c.Act(acted(entry.DoPause, at, ""))
		c.Act(acted(entry.DoResume, at+long, ""))
		want := before
		if at < before {
			want += long
		}
		if due, ok := c.Due(z); !ok || due != want {
			t.Fatalf("due %s, want %s: %+v", due, want, c)
		}
	})
}

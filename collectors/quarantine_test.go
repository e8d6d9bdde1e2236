package collectors_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
)

// overflow fills the sender's day, where it is not full yet, and sends n bad items
// beyond it.
func overflow(t *testing.T, d *desk, n int) {
	t.Helper()
	bad := make([]entry.Item, collectors.MaxHeldEntries)
	for i := range bad {
		bad[i] = state("nowhere", "1", noon)
	}
	if d.send(t, who, bad[0]).Refused == 1 {
		n--
	} else {
		d.send(t, who, bad[1:]...)
	}
	if a := d.send(t, who, bad[:n]...); a.Refused != n {
		t.Fatalf("beyond the day: %+v", a)
	}
}

func TestBeyondAThousandEntriesADayItemsAreOnlyCounted(t *testing.T) {
	d := newDesk(t)
	items := make([]entry.Item, 1500)
	for i := range items {
		items[i] = state("nowhere", "1", noon)
	}
	items[1200] = slot(0, "12")
	a := d.send(t, who, items...)
	if a.Accepted != 1 || len(a.Quarantined) != 1000 || a.Refused != 499 {
		t.Errorf("%d accepted, %d quarantined, %d refused", a.Accepted, len(a.Quarantined), a.Refused)
	}
	if a := d.send(t, collectors.Who{ID: "t2"}, state("nowhere", "1", noon)); len(a.Quarantined) != 1 {
		t.Errorf("another sender has its own share: %+v", a)
	}
	d.send(t, who, items[:3]...)
	if n := strings.Count(d.log.String(), "quarantine full"); n != 1 {
		t.Errorf("said %d times that it is full:\n%s", n, d.log.String())
	}
	d.now += 86400
	if a := d.send(t, who, state("nowhere", "1", noon)); len(a.Quarantined) != 1 {
		t.Errorf("the next day has a new share: %+v", a)
	}
}

func TestAMegabyteADayIsKeptWhole(t *testing.T) {
	d := newDesk(t)
	it := state("nowhere", "1", noon)
	it.Raw = []byte(`"` + strings.Repeat("x", 4000) + `"`)
	items := make([]entry.Item, 300)
	for i := range items {
		items[i] = it
	}
	a := d.send(t, who, items...)
	if n := len(a.Quarantined); n < 250 || n > 262 || a.Refused != 300-n {
		t.Errorf("%d of 300 items of 4 kB were kept, %d refused", n, a.Refused)
	}
}

func TestTheDayOfTheQuarantineIsTheLocalOne(t *testing.T) {
	d := newDesk(t)
	_, midnight := d.city.Clock().Day(d.city.Clock().Date(noon))
	d.now = midnight - 1
	overflow(t, d, 1)
	d.now = midnight
	if a := d.send(t, who, state("nowhere", "1", noon)); len(a.Quarantined) != 1 {
		t.Errorf("at local midnight: %+v", a)
	}
}

func TestCountersTravelWithTheNextRequestOfALaterMinute(t *testing.T) {
	d := newDesk(t)
	overflow(t, d, 5)
	before := len(d.batches)
	d.send(t, who, slot(0, "1"))
	if got := d.counters(); len(got) != 0 {
		t.Errorf("in the same minute: %v", got)
	}
	d.now += 60
	a := d.send(t, who, slot(-1, "1"))
	if got := d.counters(); got["t1 unknown_source "+noon.String()] != 5 || len(d.batches) != before+2 {
		t.Errorf("in the next minute: %v in %d batches", got, len(d.batches)-before)
	}
	if want := (entry.Position{Batch: uint64(len(d.batches))}); a.Position != want {
		t.Errorf("position %v, want that of the reading, %v", a.Position, want)
	}
}

func TestCountersTravelWithARequestOfDuplicatesToo(t *testing.T) {
	d := newDesk(t)
	d.send(t, who, slot(0, "1"))
	overflow(t, d, 5)
	d.now += 60
	if a := d.send(t, who, slot(0, "1")); a.Duplicates != 1 || !a.Position.IsZero() {
		t.Errorf("answer %+v", a)
	}
	if got := d.counters(); got["t1 unknown_source "+noon.String()] != 5 {
		t.Errorf("counters %v", got)
	}
	overflow(t, d, 2)
	d.now += 60
	d.away = city.ErrBusy
	if a, err := d.Accept(t.Context(), who, []entry.Item{slot(0, "1")}); err != nil || a.Duplicates != 1 {
		t.Errorf("a duplicate while the journal is away: %+v, %v", a, err)
	}
}

func TestFlushLosesNoCounter(t *testing.T) {
	d := newDesk(t)
	overflow(t, d, 5)
	d.away = fmt.Errorf("%w: the disk is full", city.ErrBusy)
	if err := d.Flush(t.Context()); !errors.Is(err, city.ErrBusy) {
		t.Errorf("Flush = %v, want busy", err)
	}
	d.away = nil
	for range 2 { // the second has nothing to do
		if err := d.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.counters(); got["t1 unknown_source "+noon.String()] != 5 || len(got) != 1 {
		t.Errorf("counters %v", got)
	}
}

func TestAFailedRequestUsesNothingUp(t *testing.T) {
	d := newDesk(t)
	d.away = city.ErrBusy
	bad := make([]entry.Item, 1200)
	for i := range bad {
		bad[i] = state("nowhere", "1", noon)
	}
	if _, err := d.Accept(t.Context(), who, bad); !errors.Is(err, city.ErrBusy) {
		t.Fatalf("Accept = %v, want busy", err)
	}
	d.away = nil
	if err := d.Flush(t.Context()); err != nil || len(d.batches) != 0 {
		t.Errorf("Flush = %v, %d batches: the failed request was counted", err, len(d.batches))
	}
	if a := d.send(t, who, bad[:1000]...); len(a.Quarantined) != 1000 {
		t.Errorf("sent again: %d quarantined, %d refused", len(a.Quarantined), a.Refused)
	}
}

func TestAFaultOfDaysFailsTheRequestAndKeepsNothing(t *testing.T) {
	d := newDesk(t)
	broken := errors.New("days is broken")
	d.Gate = collectors.New(collectors.Config{
		City:     func() *city.City { return d.city },
		Standing: func(entry.Entry) (entry.Standing, entry.Position, error) { return 0, entry.Position{}, broken },
		Append:   d.append, Now: noon.Time, Log: slog.New(slog.DiscardHandler),
	})
	_, err := d.Accept(t.Context(), who, []entry.Item{state("nowhere", "1", noon), slot(0, "1")})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "look up gate/in at 2026-03-21T08:15:00Z") || len(d.batches) != 0 {
		t.Errorf("Accept = %v, %d batches", err, len(d.batches))
	}
}

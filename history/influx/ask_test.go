package influx

import (
	"strings"
	"testing"
	"time"

	"github.com/influxdata/influxql"

	"rasad/city"
)

// parse reads one SELECT.
func parse(t *testing.T, q string) *influxql.SelectStatement {
	t.Helper()
	list, err := influxql.ParseQuery(q)
	if err != nil {
		t.Fatalf("%s\n%v", q, err)
	}
	if len(list.Statements) != 1 {
		t.Fatalf("%s\n%d statements", q, len(list.Statements))
	}
	s, ok := list.Statements[0].(*influxql.SelectStatement)
	if !ok {
		t.Fatalf("%s\nis a %T", q, list.Statements[0])
	}
	return s
}

// asksFor checks that q asks of one measurement for the source src within st.
func asksFor(t *testing.T, q, measurement string, src city.SourceID, st stretch) {
	t.Helper()
	s := parse(t, q)
	if s.Sources.String() != measurement || s.Target != nil {
		t.Errorf("%s\nasks of %s", q, s.Sources)
	}
	where, bounds, err := influxql.ConditionExpr(s.Condition, &influxql.NowValuer{})
	if err != nil {
		t.Fatal(err)
	}
	if bounds.Min.UnixNano() != int64(st.from)*1e9 || bounds.Max.UnixNano() != int64(st.to)*1e9-1 {
		t.Errorf("%s\nbounds %v", q, bounds)
	}
	found := false
	influxql.WalkFunc(where, func(n influxql.Node) {
		e, ok := n.(*influxql.BinaryExpr)
		if !ok || e.Op != influxql.EQ {
			return
		}
		name, ok1 := e.LHS.(*influxql.VarRef)
		value, ok2 := e.RHS.(*influxql.StringLiteral)
		if found || !ok1 || !ok2 || name.Val != "source" || value.Val != strings.ReplaceAll(string(src), "\x00", "") {
			t.Errorf("%s\nasks for %s", q, e)
		}
		found = true
	})
	if !found {
		t.Errorf("%s\nasks for no source", q)
	}
}

func FuzzNoSourceBreaksOutOfItsQuotes(f *testing.F) {
	for _, s := range []string{"gate/in", "'", `\'`, `\`, "a\nb", "'; DROP DATABASE \"rasad\"", "' OR 'a'='a", "--", "/*", "\x00", "ی"} {
		f.Add(s, uint64(0))
		f.Add(s, uint64(7))
	}
	f.Fuzz(func(t *testing.T, id string, asOf uint64) {
		id = strings.NewReplacer("\r", "", "\ufffd", "").Replace(strings.ToValidUTF8(id, "")) // the parser changes them
		st := stretch{1_800_000_000, 1_800_003_600}
		src := &city.Source{ID: city.SourceID(id), Kind: city.Interval}
		asksFor(t, lastCells(src.ID, "Asia/Tehran", st), "source_1h", src.ID, st)
		asksFor(t, rawsOf(src, st, asOf), "reading", src.ID, st)
		src.Kind = city.Event
		asksFor(t, rawsOf(src, st, asOf), "event", src.ID, st)
		created, err := influxql.ParseQuery(createQuery("db"+id, id))
		if err != nil || len(created.Statements) != 1 {
			t.Fatalf("%s: %v", createQuery("db"+id, id), err)
		}
		if c, ok := created.Statements[0].(*influxql.CreateDatabaseStatement); !ok || c.Name != "db"+strings.ReplaceAll(id, "\x00", "") {
			t.Errorf("%s makes %+v", createQuery("db"+id, id), created.Statements[0])
		}
	})
}

func TestStretchesTileTheHoursAndKeepOneOffset(t *testing.T) {
	for _, name := range []string{"Asia/Tehran", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC", "America/St_Johns"} {
		zone, err := city.OpenZone(name)
		if err != nil {
			t.Fatal(err)
		}
		for year := 2018; year < 2030; year += 3 {
			from := city.At(time.Date(year, 1, 1, 0, 17, 5, 0, time.UTC))
			to := city.At(time.Date(year+3, 2, 1, 5, 44, 0, 0, time.UTC))
			at := zone.NextHour(from)
			for _, st := range stretches(zone, from, to) {
				if st.from != at || st.to <= st.from || st.to-st.from > longest {
					t.Fatalf("%s: stretch %v, want it to begin at %v", name, st, at)
				}
				if zone.Offset(st.from) != zone.Offset(st.to-1) {
					t.Errorf("%s: the clock changes within [%v, %v)", name, st.from, st.to)
				}
				at = st.to
			}
			if want := zone.NextHour(to - 1); at != want {
				t.Errorf("%s: stretches end at %v, want %v", name, at, want)
			}
		}
	}
}

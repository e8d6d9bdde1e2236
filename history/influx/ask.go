package influx

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"rasad/city"
	"rasad/history"
)

const (
	firstPiece = city.Moment(8 * 86400)     // readings asked for at once, at first
	longest    = city.Moment(1464 * 86400)  // readings or cells asked for at once, at most
	lastMoment = city.Moment(9_223_372_036) // the last second that InfluxDB can tell
)

// A stretch is [from, to).
type stretch struct{ from, to city.Moment }

// stretches cuts the local hours that begin in [from, to) where the zone's clock
// changes: within a stretch every hour of InfluxDB is a local hour, also in zones
// of half hours, but for a first one that the change cut short.
func stretches(zone *city.Zone, from, to city.Moment) []stretch {
	from, to = max(from, 0), min(to, lastMoment)
	if h := zone.Hour(from); h < from {
		from = zone.NextHour(from)
	}
	if from >= to {
		return nil
	}
	to = min(zone.NextHour(to-1), lastMoment)
	var list []stretch
	for from < to {
		end := sameOffset(zone, from, min(to, from+longest))
		list = append(list, stretch{from, end})
		from = end
	}
	return list
}

// sameOffset returns the first change of the clock after from, at most to.
func sameOffset(zone *city.Zone, from, to city.Moment) city.Moment {
	off := zone.Offset(from)
	for at := from; at < to; at += 3600 {
		if next := min(at+3600, to); zone.Offset(next) != off {
			n := sort.Search(int(next-at), func(i int) bool { return zone.Offset(at+city.Moment(i)) != off })
			return min(at+city.Moment(n), to)
		}
	}
	return to
}

// lastCells asks for the newest revision of each hour. Every row has every field,
// so the last of each field is of one row.
func lastCells(src city.SourceID, zone string, st stretch) string {
	var q strings.Builder
	q.WriteString("SELECT ")
	for i, f := range fields(history.CellTable) {
		if i > 0 {
			q.WriteString(", ")
		}
		q.WriteString("last(" + ident(f) + ") AS " + ident(f))
	}
	q.WriteString(" FROM " + ident(history.CellTable) + where(src, st))
	q.WriteString(" GROUP BY time(1h) fill(none) tz(" + text(zone) + ")")
	return q.String()
}

// rawsOf asks for readings or events up to batch asOf; 0 is all.
func rawsOf(src *city.Source, st stretch, asOf uint64) string {
	table := history.ReadingTable
	if src.Kind == city.Event {
		table = history.EventTable
	}
	columns := fields(table)
	if table == history.EventTable {
		columns = append(columns, "kind")
	}
	for i, c := range columns {
		columns[i] = ident(c)
	}
	q := "SELECT " + strings.Join(columns, ", ") + " FROM " + ident(table) + where(src.ID, st)
	if asOf != 0 {
		q += " AND " + ident("pos") + " <= " + strconv.FormatUint(min(asOf, 1<<63-1), 10)
	}
	return q
}

// fields names the fields of a table.
func fields(table string) []string {
	var names []string
	for _, t := range history.Tables() {
		if t.Name == table {
			for _, f := range t.Fields {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// markQuery asks for the mark.
func markQuery() string {
	return "SELECT " + ident("pos") + ", " + ident("earlier") + ", " + ident("clean") +
		" FROM " + ident(history.PositionTable) + " WHERE time >= 0 AND time < 1"
}

// createQuery makes a database of 1.x. Its shards are long: the city's history is
// kept for ever, and written in small amounts.
func createQuery(db, policy string) string {
	if policy == "" {
		policy = "autogen"
	}
	return "CREATE DATABASE " + ident(db) + " WITH DURATION INF REPLICATION 1 SHARD DURATION 90d NAME " + ident(policy)
}

func where(src city.SourceID, st stretch) string {
	return " WHERE " + ident("source") + " = " + text(string(src)) + " AND time >= " + nanos(st.from) + " AND time < " + nanos(st.to)
}

// nanos writes a moment from 0 to lastMoment as InfluxQL has it.
func nanos(m city.Moment) string { return strconv.FormatInt(int64(m)*int64(time.Second), 10) }

// ident quotes a name; text quotes a string. A NUL cannot be written in InfluxQL:
// it is left out, so such a name is not found.
func ident(s string) string {
	return `"` + strings.NewReplacer("\\", `\\`, `"`, `\"`, "\n", `\n`, "\x00", "").Replace(s) + `"`
}

func text(s string) string {
	return `'` + strings.NewReplacer("\\", `\\`, `'`, `\'`, "\n", `\n`, "\x00", "").Replace(s) + `'`
}

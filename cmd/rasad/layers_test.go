package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// layers gives each room the rooms that it may import. A row names only rooms of
// the rows above it: the order is the order of the layers.
func layers() [][2]string {
	return [][2]string{
		{"city", ""},
		{"city/fa", ""},
		{"city/jalali", "city city/fa"},
		{"entry", "city"},
		{"city/file", "city city/jalali city/fa"},
		{"static", ""},
		{"measure", "city entry"},
		{"journal", "city entry"},
		{"collectors/push", "city city/fa city/file entry"},
		{"collectors/simulate", "city city/jalali city/fa city/file entry"},
		{"collectors/replay", "city city/jalali city/fa city/file entry"},
		{"follower", ""},
		{"days", "city entry measure journal follower"},
		{"register", "city city/fa entry measure journal follower"},
		{"collectors", "city city/file entry measure collectors/push collectors/simulate collectors/replay"},
		{"live", "city entry measure days"},
		{"history", "city entry measure days"},
		{"figures", "city city/jalali city/fa measure history"},
		{"history/influx", "city entry measure history"},
		{"server/bundle", ""},
		{"server/listen", "city"},
		{"server/signin", "city"},
		{"server/people", "city city/fa entry measure register server/signin"},
		{"server/tokens", "city entry"},
		{"server/console", "city entry register server/people server/tokens"},
		{"server/hub", "city measure live"},
		{"server", "city city/jalali city/fa entry measure collectors live history register figures server/bundle server/console server/hub server/listen server/people server/signin server/tokens"},
		{"cmd/rasad", "city city/jalali city/fa city/file entry static measure journal collectors/push collectors/simulate collectors/replay days register collectors live history history/influx server server/console server/people server/signin server/tokens"},
	}
}

// foreign gives each library that one room alone may know its room.
func foreign() map[string][]string {
	return map[string][]string{
		"github.com/gofiber/":                    {"server"},
		"github.com/valyala/":                    {"server"},
		"github.com/danielgtaylor/":              {"server"},
		"github.com/gorilla/":                    {"server/hub"},
		"github.com/evanw/":                      {"server/bundle"},
		"github.com/xuri/":                       {"figures"},
		"github.com/influxdata/influxdb-client-": {"history/influx"},
		"modernc.org/":                           {"follower"},
		"github.com/goccy/go-yaml":               {"city/file"},
		"github.com/alecthomas/kong":             {"cmd/rasad"},
		"github.com/prometheus/":                 {"server", "server/hub", "cmd/rasad"},
	}
}

func TestRoomsImportOnlyWhatTheirLayerMay(t *testing.T) {
	may := map[string]string{}
	for _, l := range layers() {
		for dep := range strings.FieldsSeq(l[1]) {
			if _, above := may[dep]; !above {
				t.Errorf("%s names %s, which does not stand above it", l[0], dep)
			}
		}
		may[l[0]] = " " + l[1] + " "
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "../../...")
	var fault bytes.Buffer
	cmd.Stderr = &fault
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &fault)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		room := strings.TrimPrefix(words[0], "rasad/")
		if strings.HasSuffix(room, "test") {
			continue // helpers of tests stand beside what they test
		}
		allowed, known := may[room]
		if !known {
			t.Errorf("%s has no layer: give it a row", room)
			continue
		}
		seen++
		for _, imp := range words[1:] {
			if dep, ours := strings.CutPrefix(imp, "rasad/"); ours && !strings.Contains(allowed, " "+dep+" ") {
				t.Errorf("%s imports %s; it may import:%s", room, dep, allowed)
			}
			for prefix, rooms := range foreign() {
				if strings.HasPrefix(imp, prefix) && !strings.Contains(" "+strings.Join(rooms, " ")+" ", " "+room+" ") {
					t.Errorf("%s imports %s; only %v may", room, imp, rooms)
				}
			}
		}
	}
	if seen != len(layers()) {
		t.Errorf("%d rooms exist, %d have a row: delete what is gone", seen, len(layers()))
	}
}

package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rasad/collectors"
	"rasad/entry"
)

// ruleOn sends a ruling of the operator's.
func (o *office) ruleOn(pos entry.Position, do, id string) answer {
	o.t.Helper()
	return o.as("operator", "POST", "/api/v1/operate/quarantine/"+pos.String(), fmt.Sprintf(`{"id":%q,"do":%q,"why":"looked at it"}`, id, do))
}

func TestAnEntryIsReleasedOnceAndTheFirstRulingHolds(t *testing.T) {
	o := openOffice(t, nil)
	hostile := "naqsh\u202e<script>"
	item := json.RawMessage(`{"source":"naqsh-e-jahan/in","id":"` + hostile + `","from":"2027-03-24T12:00:00Z","to":"2027-03-24T12:15:00Z","value":20000}`)
	first := o.must(t, &entry.Quarantined{Source: "naqsh-e-jahan/in", Reason: collectors.ReasonOutOfRange, Detail: "at most 10000", By: "t1", ID: hostile, Item: item})
	second := o.must(t, &entry.Quarantined{Source: "none", Reason: collectors.ReasonWrongShape, By: "t1", Item: json.RawMessage(`"cut"`)})

	list := told[heldList](t, o.as("operator", "GET", "/api/v1/operate/quarantine", ""), http.StatusOK)
	if list.Waiting != 2 || len(list.Entries) != 2 || list.Entries[0].Releasable || !list.Entries[1].Releasable || list.Entries[1].ID != hostile || list.Entries[0].Against != "" {
		t.Fatalf("list %+v", list)
	}
	if got := told[heldList](t, o.as("operator", "GET", "/api/v1/operate/quarantine?before="+second.String(), ""), http.StatusOK); len(got.Entries) != 1 || got.Entries[0].Position != first.String() {
		t.Errorf("before %s: %+v", second, got)
	}
	for range 2 { // the answer to the first may have been lost
		got := told[heldView](t, o.ruleOn(first, "release", "ruling-0001"), http.StatusOK)
		if got.Ruled != "released" || got.RuledBy.Name != "The operator" || got.Why != "looked at it" || got.RuledAt == nil {
			t.Errorf("ruled %+v", got)
		}
	}
	if n := o.released.Load(); n != 1 {
		t.Errorf("released %d times", n)
	}
	for _, do := range []string{"release", "discard"} {
		a := o.as("admin", "POST", "/api/v1/operate/quarantine/"+first.String(), `{"id":"ruling-0002","do":"`+do+`","why":"no"}`)
		d := problemIn(t, a)
		var told struct{ Answer ruledAlready }
		if err := json.Unmarshal([]byte(a.body), &told); err != nil || a.status != http.StatusConflict || d.Code != "ruled" || told.Answer.Entry.RuledBy.ID != "operator" || told.Answer.Entry.Ruled != "released" {
			t.Errorf("%s again: %d %s", do, a.status, a.body)
		}
	}
	if a := o.ruleOn(second, "release", "ruling-0003"); a.status != http.StatusBadRequest || !strings.Contains(problemIn(t, a).Cause, "can only be discarded") {
		t.Errorf("what cannot be read was released: %d %s", a.status, a.body)
	}
	if got := told[heldView](t, o.ruleOn(second, "discard", "ruling-0004"), http.StatusOK); got.Ruled != "discarded" {
		t.Errorf("ruled %+v", got)
	}
	if a := o.ruleOn(entry.Position{Batch: 999}, "discard", "ruling-0005"); a.status != http.StatusNotFound {
		t.Errorf("nothing was ruled on: %d", a.status)
	}
	if list := told[heldList](t, o.as("operator", "GET", "/api/v1/operate/quarantine?waiting=0", ""), http.StatusOK); list.Waiting != 0 || len(list.Entries) != 2 {
		t.Errorf("list %+v", list)
	}
}

func TestTwoWhoRuleAtOnceReleaseOnce(t *testing.T) {
	o := openOffice(t, nil)
	item := json.RawMessage(`{"source":"naqsh-e-jahan/in","from":"2027-03-24T12:00:00Z","to":"2027-03-24T12:15:00Z","value":20000}`)
	pos := o.must(t, &entry.Quarantined{Source: "naqsh-e-jahan/in", Reason: collectors.ReasonOutOfRange, By: "t1", Item: item})
	const many = 8
	statuses := make(chan int, many)
	for i := range many {
		go func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+o.addr+"/api/v1/operate/quarantine/"+pos.String(),
				strings.NewReader(fmt.Sprintf(`{"id":"ruling-%04d","do":"release","why":"reason %d"}`, i, i)))
			if err != nil {
				statuses <- 0
				return
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Cookie", "rasad="+o.secrets["operator"])
			req.Header.Set(csrfHeader, csrfOf(o.secrets["operator"]))
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				statuses <- 0
				return
			}
			_ = resp.Body.Close()
			statuses <- resp.StatusCode
		}()
	}
	got := map[int]int{}
	for range many {
		got[<-statuses]++
	}
	if got[http.StatusOK] != 1 || got[http.StatusConflict] != many-1 || o.released.Load() != 1 {
		t.Errorf("statuses %v, released %d times", got, o.released.Load())
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// A shownCase is a case as pages read it.
type shownCase struct {
	Number  int64
	Kind    string
	State   string
	Version int64
	Owner   *struct{ ID string }
	Log     []struct {
		Do, State, Note, Refused string
		By                       struct {
			ID   string
			Name struct{ FA, EN string }
		}
	}
}

// A conflict is the answer to an act that came too late.
type conflict struct {
	Code   string
	Answer struct {
		Case    shownCase
		Refused string
		Since   []struct {
			Do string
			By struct{ Name struct{ FA, EN string } }
		}
	}
}

// report opens a case of litter in a district and returns its number.
func (v *visitor) report(data, id string) int64 {
	v.t.Helper()
	token := newToken(v.t, data, "--source", "district-3-litter")
	body := map[string]any{"cases": []map[string]any{{
		"source": "district-3-litter", "id": id, "kind": "report", "category": "litter", "event": "opened", "at": time.Now().UTC().Format(time.RFC3339),
	}}}
	a := v.do(http.MethodPost, "/api/v1/cases", body, "Authorization", "Bearer "+token)
	if a.status != http.StatusOK || !strings.Contains(string(a.body), `"accepted":1`) {
		v.t.Fatalf("report: status %d: %s", a.status, a.body)
	}
	var number int64
	eventually(v.t, 10*time.Second, func() string {
		var list struct {
			Cases []struct {
				Number     int64
				SourceCase string `json:"source_case"`
			}
		}
		v.get("/api/v1/departments/urban-services/cases?state=open", &list)
		for _, c := range list.Cases {
			if c.SourceCase == id {
				number = c.Number
				return ""
			}
		}
		return fmt.Sprintf("no case %s among %d", id, len(list.Cases))
	})
	return number
}

func (v *visitor) act(number int64, do string, expects int64, more map[string]any) answered {
	v.t.Helper()
	body := map[string]any{"id": unique(), "do": do, "expects": expects}
	maps.Copy(body, more)
	return v.do(http.MethodPost, fmt.Sprintf("/api/v1/cases/%d/acts", number), body)
}

func TestOfTwoPeopleAtOnceOneWinsAndTheOtherReadsWho(t *testing.T) {
	data := t.TempDir()
	p := start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	admin := p.admin()
	mina := admin.hire(p, "mina", "مینا", "department", "urban-services")
	reza := admin.hire(p, "reza", "رضا", "department", "urban-services")
	winners := map[int64]string{}
	for i, do := range []string{"close", "assign", "acknowledge", "close"} {
		number := admin.report(data, fmt.Sprintf("137-%d", i))
		var before shownCase
		if code := mina.get(fmt.Sprintf("/api/v1/cases/%d", number), &before); code != http.StatusOK {
			t.Fatalf("status %d", code)
		}
		var both [2]answered
		var at sync.WaitGroup
		for k, who := range []*visitor{mina, reza} {
			at.Go(func() {
				more := map[string]any{"note": "انجام شد"}
				if do == "assign" {
					more = map[string]any{"to": map[int]string{0: person(t, admin, "mina"), 1: person(t, admin, "reza")}[k]}
				}
				both[k] = who.act(number, do, before.Version, more)
			})
		}
		at.Wait()
		names := []string{"مینا", "رضا"}
		won := 0
		if both[1].status == http.StatusOK {
			won = 1
		}
		if both[won].status != http.StatusOK || both[1-won].status != http.StatusConflict {
			t.Fatalf("%s: statuses %d and %d: %s %s", do, both[0].status, both[1].status, both[0].body, both[1].body)
		}
		var told conflict
		both[1-won].into(t, &told)
		if len(told.Answer.Since) != 1 || told.Answer.Since[0].By.Name.FA != names[won] || told.Answer.Since[0].Do != "case."+do || told.Answer.Case.Version != before.Version+1 {
			t.Errorf("%s: the one who came second reads %s", do, both[1-won].body)
		}
		winners[number] = names[won]
	}

	before := recorded(t, admin, winners)
	if code := p.stop(); code != 0 {
		t.Fatalf("stop: exit %d", code)
	}
	files, err := filepath.Glob(filepath.Join(data, "register.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the register's files: %v, %v", files, err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	p = start(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	if after := recorded(t, p.admin(), winners); !reflect.DeepEqual(before, after) {
		t.Errorf("before and after the register was built again:\n%v\n%v", before, after)
	}
}

// person returns the id of somebody by login.
func person(t *testing.T, v *visitor, login string) string {
	t.Helper()
	var list struct{ People []struct{ ID, Login string } }
	v.get("/api/v1/people", &list)
	for _, p := range list.People {
		if p.Login == login {
			return p.ID
		}
	}
	t.Fatalf("no person %s", login)
	return ""
}

// recorded returns what the server says of each case, and of its people.
func recorded(t *testing.T, v *visitor, cases map[int64]string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for number, winner := range cases {
		path := fmt.Sprintf("/api/v1/cases/%d", number)
		var c shownCase
		a := v.do(http.MethodGet, path, nil)
		a.into(t, &c)
		won := ""
		for _, line := range c.Log {
			if line.Refused == "" && line.By.ID != "" {
				won = line.By.Name.FA
			}
		}
		if won != winner {
			t.Errorf("case %d: %q won, the server answered %q", number, won, winner)
		}
		var whole map[string]any
		a.into(t, &whole)
		delete(whole, "left_seconds") // it runs
		all[path] = whole
	}
	var people struct{ People []map[string]any }
	v.get("/api/v1/people", &people)
	for _, p := range people.People {
		delete(p, "last_seen_at") // not of the journal
		delete(p, "sessions")     // this one is new
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint(p["login"])] = string(b)
	}
	return all
}

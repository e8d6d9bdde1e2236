package measure

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rasad/city"
)

func TestATileIsMadeForEachGroupThatASourceBelongsTo(t *testing.T) {
	c := town(t)
	ind := &city.Indicator{ID: "x", Of: []city.SourceID{"a", "b", "e", "gone"}, By: []city.Grouping{city.ByCity, city.ByDistrict, city.ByPlace, city.ByDepartment}}
	want := []Group{
		{city.ByCity, ""},
		{city.ByDistrict, "d1"},
		{city.ByDistrict, "d2"},
		{city.ByPlace, "khaju"},
		{city.ByPlace, "soffeh"},
		{city.ByDepartment, "parks"},
		{city.ByDepartment, "culture"},
	}
	got := Groups(c, ind)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, g := range got {
		if len(Members(c, ind.Of, g)) == 0 {
			t.Errorf("group %v has no members", g)
		}
	}
}

func TestASourceWithoutAPlaceMakesNoTileByPlace(t *testing.T) {
	c, err := city.New(city.Definition{Zone: "Asia/Tehran", Sources: []city.Source{{ID: "calls"}}})
	if err != nil {
		t.Fatal(err)
	}
	ind := &city.Indicator{Of: []city.SourceID{"calls"}, By: []city.Grouping{city.ByPlace, city.ByCity}}
	if diff := cmp.Diff([]Group{{city.ByCity, ""}}, Groups(c, ind)); diff != "" {
		t.Error(diff)
	}
}

func TestMembersAreThoseOfTheGroupInTheirOrder(t *testing.T) {
	c := town(t)
	names := func(g Group) (ids []city.SourceID) {
		for _, src := range Members(c, []city.SourceID{"e", "gone", "b", "a"}, g) {
			ids = append(ids, src.ID)
		}
		return ids
	}
	for g, want := range map[Group][]city.SourceID{
		{city.ByCity, ""}:             {"e", "b", "a"},
		{city.ByPlace, "khaju"}:       {"e", "a"},
		{city.ByDistrict, "d2"}:       {"b"},
		{city.ByDepartment, "nobody"}: nil,
	} {
		if diff := cmp.Diff(want, names(g)); diff != "" {
			t.Errorf("%v: %s", g, diff)
		}
	}
}

func TestATileIsWrittenInItsUnitWithAllThatItNeeds(t *testing.T) {
	ind := &city.Indicator{ID: "clean-share", Unit: city.Percent}
	for _, tc := range []struct {
		tile Tile
		want string
	}{
		{
			Tile{ind, Group{city.ByPlace, "khaju"}, Figure{
				Value: 8235, Has: true, Status: Watch, At: 1_800_000_000, TTL: 600,
				Coverage: Coverage{11, 14}, Provisional: true, Revised: true, Revision: 12,
			}},
			`{"id":"clean-share/khaju","indicator":"clean-share","group":{"place":"khaju"},"value":82.35,"unit":"percent","status":"watch","at":"2027-01-15T08:00:00Z","ttl_seconds":600,"coverage":{"reporting":11,"expected":14},"provisional":true,"revision":12,"revised":true}`,
		},
		{
			Tile{ind, Group{By: city.ByCity}, Figure{Status: None}},
			`{"id":"clean-share","indicator":"clean-share","group":{},"value":null,"unit":"percent","status":"none","at":null,"ttl_seconds":0,"coverage":null,"provisional":false,"revision":0,"revised":false}`,
		},
	} {
		got, err := json.Marshal(&tc.tile)
		if err != nil || string(got) != tc.want {
			t.Errorf("%v\n got %s\nwant %s", err, got, tc.want)
		}
		if id := tc.tile.ID(); id != TileID(ind.ID, tc.tile.Group) {
			t.Errorf("id %s", id)
		}
	}
}

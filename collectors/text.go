package collectors

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"rasad/city"
	"rasad/collectors/push"
	"rasad/entry"
)

// maxItem bounds the text of a quarantined item, in bytes.
const maxItem = 4 << 10

// kept returns the item as the quarantine keeps it: as sent, or made from its
// fields; cut to a JSON string of its first 4 KB where it is longer or broken.
func kept(it *entry.Item) json.RawMessage {
	if it.Raw == nil {
		return cut(push.AppendItem(nil, it))
	}
	if len(it.Raw) > 8*maxItem { // not worth compacting
		return cut(it.Raw)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, it.Raw); err != nil {
		return quoted(it.Raw)
	}
	return cut(b.Bytes())
}

func cut(raw []byte) json.RawMessage {
	if len(raw) <= maxItem {
		return bytes.Clone(raw)
	}
	return quoted(raw)
}

func quoted(raw []byte) json.RawMessage {
	text := strings.ToValidUTF8(clip(string(raw[:min(len(raw), maxItem+utf8.UTFMax)]), maxItem), "\uFFFD")
	b, err := json.Marshal(text)
	if err != nil { // a string always has a JSON form
		return json.RawMessage(`""`)
	}
	return b
}

// clip returns the first max bytes of s, cut between runes, as a copy.
func clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if r, n := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && n == 1 {
			s = s[:len(s)-1]
		}
	}
	return strings.Clone(s)
}

// plain reports whether s may be kept as a text: short, UTF-8, no controls.
func plain(s string) bool {
	if len(s) > maxText {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s)
}

// magnitude returns how large a decimal number is, and whether it is one at all:
// the forms that only Go takes (hex, underscores, Inf, NaN, +1) are none.
func magnitude(number string) (size float64, numeric bool) {
	if len(number) == 0 || len(number) > 40 {
		return 0, false
	}
	if !json.Valid([]byte(number)) || strings.ContainsAny(number[:1], `"[{tfn`) || strings.TrimSpace(number) != number {
		return 0, false
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil { // out of the range of a float64: f is ±Inf
		return max(f, -f), true
	}
	return max(f, -f), true
}

func perOne(u city.Unit) int64 {
	info, _ := u.Info()
	return max(info.PerOne, 1)
}

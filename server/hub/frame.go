package hub

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/gorilla/websocket"

	"rasad/live"
	"rasad/measure"
)

const timeForm = "2006-01-02T15:04:05.000Z07:00"

// A frame is one message as it goes to every client that needs it: made once,
// shared by all.
type frame struct {
	msg  *websocket.PreparedMessage
	text []byte
}

// prepare returns text as a frame, or nil where that cannot be done.
func prepare(text []byte) *frame {
	msg, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
	if err != nil {
		return nil
	}
	return &frame{msg, text}
}

// AppendSnapshot appends the snapshot frame of s: the same that a websocket
// carries and that the tiles resource answers.
func AppendSnapshot(b []byte, s live.Snapshot, now time.Time, version string) []byte {
	b = appendString(append(b, `{"type":"snapshot","view":`...), s.View)
	b = appendString(append(b, `,"epoch":`...), s.Epoch)
	b = strconv.AppendUint(append(b, `,"rev":`...), s.Rev, 10)
	b = appendTime(append(b, `,"now":`...), now)
	b = appendString(append(b, `,"version":`...), version)
	return appendTiles(b, s.Tiles)
}

// AppendPatch appends the patch frame that leads from the revision since to rev.
func AppendPatch(b []byte, since, rev uint64, tiles []measure.Tile, now time.Time) []byte {
	b = strconv.AppendUint(append(b, `{"type":"patch","rev":`...), rev, 10)
	b = strconv.AppendUint(append(b, `,"since":`...), since, 10)
	b = appendTime(append(b, `,"now":`...), now)
	return appendTiles(b, tiles)
}

func appendHello(b []byte, version, epoch string, now time.Time, speed float64) []byte {
	b = appendString(append(b, `{"type":"hello","version":`...), version)
	b = appendString(append(b, `,"epoch":`...), epoch)
	b = appendTime(append(b, `,"now":`...), now)
	b = strconv.AppendFloat(append(b, `,"speed":`...), speed, 'f', -1, 64)
	return append(b, '}')
}

func appendCases(b []byte, rev uint64) []byte {
	b = strconv.AppendUint(append(b, `{"type":"cases","rev":`...), rev, 10)
	return append(b, '}')
}

func appendPing(b []byte, now time.Time) []byte {
	return append(appendTime(append(b, `{"type":"ping","now":`...), now), '}')
}

func appendTiles(b []byte, tiles []measure.Tile) []byte {
	b = append(b, `,"tiles":[`...)
	for i := range tiles {
		if i > 0 {
			b = append(b, ',')
		}
		b = tiles[i].AppendJSON(b)
	}
	return append(b, "]}"...)
}

func appendTime(b []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(b, '"'), timeForm), '"')
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // no string fails
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

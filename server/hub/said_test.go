package hub

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func stalledAddr() netip.Addr { return netip.MustParseAddr("127.0.0.1") }

// eventually waits until is holds.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	every, end := time.NewTicker(time.Millisecond), time.After(patience)
	defer every.Stop()
	for !is() {
		select {
		case <-end:
			t.Fatalf("never: %s", what)
		case <-every.C:
		}
	}
}

// raw returns a frame as a client writes it, masked with zeros.
func raw(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

func TestWhatAScreenMayNotSayClosesItsSocket(t *testing.T) {
	const fin, text, binaryOp, cont, ping = 0x80, 1, 2, 0, 9
	flood := bytes.Repeat(raw(fin|text, []byte(`{"type":"pong"}`)), 10_000)
	pings := bytes.Repeat(raw(fin|ping, nil), 10_000)
	for name, tc := range map[string]struct {
		send []byte
		want int
	}{
		"binary":               {raw(fin|binaryOp, []byte("x")), websocket.CloseUnsupportedData},
		"broken UTF-8":         {raw(fin|text, []byte("{\"type\":\"\xff\"}")), websocket.CloseInvalidFramePayloadData},
		"another word":         {raw(fin|text, []byte(`{"type":"write"}`)), websocket.ClosePolicyViolation},
		"no JSON":              {raw(fin|text, []byte(`hello`)), websocket.ClosePolicyViolation},
		"1 MB":                 {raw(fin|text, make([]byte, 1<<20)), websocket.CloseMessageTooBig},
		"said to be 300 MB":    {append([]byte{fin | text, 0x80 | 127}, 0, 0, 0, 0, 0x11, 0xe1, 0xa3, 0, 0, 0, 0, 0), websocket.CloseMessageTooBig},
		"reserved bits":        {raw(fin|0x20|text, []byte("{}")), websocket.CloseProtocolError},
		"compressed unasked":   {raw(fin|0x40|text, []byte("{}")), websocket.CloseProtocolError},
		"unknown kind":         {raw(fin|7, nil), websocket.CloseProtocolError},
		"unmasked":             {[]byte{fin | text, 2, '{', '}'}, websocket.CloseProtocolError},
		"continued from none":  {raw(fin|cont, []byte("{}")), websocket.CloseProtocolError},
		"flood of messages":    {flood, websocket.ClosePolicyViolation},
		"flood of pings":       {pings, websocket.ClosePolicyViolation},
		"pieces beyond 4 KB":   {append(raw(text, make([]byte, 3000)), raw(cont, make([]byte, 3000))...), websocket.CloseMessageTooBig},
		"goodbye":              {raw(fin|8, []byte{3, 0xe8}), websocket.CloseNormalClosure},
		"goodbye, broken code": {raw(fin|8, []byte{0, 1}), websocket.CloseProtocolError},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, newBoard(1), nil)
			healthy := s.dial(nil)
			c := s.dial(nil)
			c.until("number-0", 0)
			go func() { _, _ = c.conn.NetConn().Write(tc.send) }() // the server may stop reading half-way
			if code := c.closed(); code != tc.want {
				t.Errorf("closed with %d, want %d", code, tc.want)
			}
			s.board.set(0, 1)
			healthy.until("number-0", 1)
		})
	}
}

func TestAMessageThatNeverEndsIsCut(t *testing.T) {
	s := open(t, newBoard(1), func(c *Config) { c.PingEvery, c.Heard = 100*time.Millisecond, 400*time.Millisecond })
	c := s.dial(nil) // answers every ping, so only the message can be the reason
	c.until("number-0", 0)
	if _, err := c.conn.NetConn().Write(raw(1, []byte(`{"type"`))); err != nil {
		t.Fatal(err)
	}
	done := make(chan int, 1)
	go func() { done <- c.closed() }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Error("the unfinished message held the socket open")
	}
	if n := testutil.ToFloat64(s.hub.metrics.cut.WithLabelValues("flood")); n != 0 {
		t.Error("only its pongs ended it")
	}
}

func TestPongFramesAndResumeAreUnderstood(t *testing.T) {
	s := open(t, newBoard(1), nil)
	c := s.dial(nil)
	c.until("number-0", 0)
	for _, m := range []string{`{"type":"pong"}`, ` { "type" : "resume" } `} {
		if err := c.conn.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
	s.board.set(0, 3)
	c.until("number-0", 3)
}

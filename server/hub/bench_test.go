package hub

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// cpu returns the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFanout prints the processor time of one frame to one screen. It holds
// the clients' reading too, because they live in the same process.
func BenchmarkFanout(b *testing.B) {
	for _, n := range []int{200, 1000} {
		b.Run(fmt.Sprintf("screens=%d", n), func(b *testing.B) { fanout(b, n) })
	}
}

func fanout(b *testing.B, screens int) {
	board := newBoard(30)
	h := New(Config{Board: board, Now: time.Now, Log: slog.New(slog.DiscardHandler), PerIP: 5000, PerSecond: 100_000})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if serve, err := h.Upgrade(w, r, "hall", Guest{IP: netip.MustParseAddr("127.0.0.1"), Holds: func() int { return 0 }}); err == nil {
			go serve()
		}
	}))
	defer srv.Close()
	var writers sync.WaitGroup
	for _, s := range h.shards {
		writers.Go(func() { s.run(b.Context()) })
	}
	var got atomic.Int64
	round := make(chan struct{}, 1)
	var due atomic.Int64
	var readers sync.WaitGroup
	for range screens {
		conn, resp, err := websocket.DefaultDialer.DialContext(b.Context(), "ws"+strings.TrimPrefix(srv.URL, "http"), nil)
		if err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
		defer func() { _ = conn.Close() }()
		readers.Go(func() { count(conn.NetConn(), &got, &due, round) })
	}
	eventuallyB(b, func() bool { return got.Load() >= int64(screens) })
	board.set(0, 1)
	for _, v := range h.watched() {
		v.advance(time.Now())
	}
	h.signalAll()
	eventuallyB(b, quiet(&got))
	b.ResetTimer()
	before := cpu()
	for i := range b.N {
		board.set(0, int64(i%9+1))
		v := h.watched()[0]
		v.advance(time.Now())
		got.Store(0)
		due.Store(int64(screens) * int64(len(v.patch.text)+4)) // a websocket's header for 126 bytes and more
		h.signalAll()
		<-round
	}
	b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N)/float64(screens), "cpu-ns/delivery")
	b.ReportMetric(float64(b.N*screens)/b.Elapsed().Seconds(), "deliveries/s")
}

func (h *Hub) signalAll() {
	for _, s := range h.shards {
		s.signal()
	}
}

// count reads bytes, and tells round when all that are due have come.
func count(conn net.Conn, got, due *atomic.Int64, round chan<- struct{}) {
	buf := make([]byte, 16<<10)
	for {
		n, err := conn.Read(buf)
		if got.Add(int64(n)) == due.Load() {
			select {
			case round <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// quiet reports, when asked again and again, whether nothing has come for a while.
func quiet(got *atomic.Int64) func() bool {
	last, since := int64(-1), time.Now()
	return func() bool {
		if n := got.Load(); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > 300*time.Millisecond
	}
}

func eventuallyB(b *testing.B, is func() bool) {
	b.Helper()
	every, end := time.NewTicker(time.Millisecond), time.After(patience)
	defer every.Stop()
	for !is() {
		select {
		case <-end:
			b.Fatal("never")
		case <-every.C:
		}
	}
}

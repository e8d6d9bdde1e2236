package server

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"rasad/server/hub"
)

// A handover is a ResponseWriter that can only give its connection away, with the
// smallest buffers: the socket brings its own.
type handover struct {
	header http.Header
	conn   net.Conn
	status int
}

func (w *handover) Header() http.Header         { return w.header }
func (w *handover) Write(p []byte) (int, error) { return len(p), nil }
func (w *handover) WriteHeader(status int)      { w.status = status }

// Hijack gives the connection away.
func (w *handover) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.conn == nil {
		return nil, nil, errors.New("no connection below the request")
	}
	return w.conn, bufio.NewReadWriter(bufio.NewReaderSize(w.conn, 16), bufio.NewWriterSize(w.conn, 512)), nil
}

// getSocket opens the websocket of a view.
func (s *Server) getSocket(c *fiber.Ctx) error {
	ctx := c.Context()
	if !strings.EqualFold(c.Get("Upgrade"), "websocket") {
		return fault{code: "upgrade"}
	}
	if err := s.sameSite(ctx, http.MethodPost); err != nil { // a socket is more than a read
		return err
	}
	view := strings.Clone(c.Query("view", "all"))
	if _, err := s.parts.Board.Snapshot(view); err != nil {
		return err
	}
	who := callerOf(c.UserContext())
	g := hub.Guest{IP: s.client(ctx), Holds: s.holds(who, view)}
	if who.session != "" { // in a demonstration all are one person
		g.Person = who.person.ID
	}
	if err := s.hub.Admit(&g); err != nil {
		return err
	}
	var r http.Request
	if err := fasthttpadaptor.ConvertRequest(ctx, &r, true); err != nil {
		return fault{code: "malformed"}
	}
	w := &handover{header: http.Header{}, conn: ctx.Conn()}
	serve, err := s.hub.Upgrade(w, &r, view, g)
	if err != nil {
		if w.status == 0 { // the handshake was right, the connection broke
			ctx.SetConnectionClose()
		}
		return fault{code: "malformed"}
	}
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(net.Conn) { go serve() }) // deadlines that are set before this are lost
	return nil
}

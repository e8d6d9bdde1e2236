package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"rasad/city"
	"rasad/entry"
)

// newFile begins the name of a photo that is not whole yet.
const newFile = "new-"

type evidenceQuery struct {
	Number  int64  `path:"number" minimum:"1"`
	ID      string `query:"id" required:"true" minLength:"8" maxLength:"64" doc:"of the act, as in acts"`
	Note    string `query:"note" maxLength:"1000" doc:"what is to be seen"`
	RawBody []byte `contentType:"image/jpeg"`
}

// postEvidence keeps a photo and adds it to a case. The file is durable before the
// act that names it.
func (s *Server) postEvidence(ctx context.Context, q *evidenceQuery) (*huma.StreamResponse, error) {
	x, err := s.seenCase(ctx, q.Number)
	if err != nil {
		return nil, err
	}
	if !callerOf(ctx).actsOn(x.Department) {
		return nil, lookOnly(q.Number)
	}
	select { // a few at a time, because each is large once it is open
	case s.unzip <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	kept, size, err := photo(q.RawBody)
	<-s.unzip
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(kept)
	name := hex.EncodeToString(sum[:])
	if err := s.keepFile(name, kept); err != nil {
		return nil, fmt.Errorf("keep photo: %w", err)
	}
	return s.actOnCase(ctx, &entry.Act{
		ID: q.ID, Do: entry.DoEvidence, On: strconv.FormatInt(q.Number, 10), Note: q.Note,
		File: &entry.File{SHA256: name, Type: "image/jpeg", Bytes: int64(len(kept)), Width: size.X, Height: size.Y},
	}, q.Number)
}

// keepFile makes a file of the evidence durable under its name. One that is there
// becomes new again, so that it is not deleted before its act is known.
func (s *Server) keepFile(name string, body []byte) error {
	s.files.Lock()
	defer s.files.Unlock()
	path := filepath.Join(s.parts.Evidence, name)
	if err := os.Chtimes(path, time.Time{}, time.Now()); err == nil {
		return nil
	}
	if err := os.MkdirAll(s.parts.Evidence, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.parts.Evidence, newFile) // for its owner alone
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	dir, err := os.Open(s.parts.Evidence)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// getEvidence answers with a photo to who sees one of its cases.
func (s *Server) getEvidence(c *fiber.Ctx) error {
	sha := strings.Clone(c.Params("sha"))
	p, err := s.parts.Register.PhotoOf(c.UserContext(), sha)
	if errors.Is(err, city.ErrNotFound) {
		return city.Refuse(city.ErrNotFound, city.Text{FA: "چنین عکسی نیست", EN: "no such photo"})
	}
	if err != nil {
		return err
	}
	for _, number := range p.Cases {
		if _, err = s.seenCase(c.UserContext(), number); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	if s.forgotten(p.At) {
		return city.Refuse(city.ErrNotFound, city.Text{FA: "این عکس پس از %v روز پاک شده است", EN: "photos are deleted after %d days"}, photoDays)
	}
	c.Set("Cache-Control", "private, max-age=86400, immutable")
	c.Set("ETag", `"`+sha+`"`)
	if matches(c.Get("If-None-Match"), `"`+sha+`"`) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	body, err := os.ReadFile(filepath.Join(s.parts.Evidence, p.SHA256)) // named by the register, not by the request
	if errors.Is(err, fs.ErrNotExist) {
		return city.Refuse(city.ErrNotFound, city.Text{FA: "پروندهٔ این عکس دیگر در سامانه نیست", EN: "the file of this photo is gone"})
	}
	if err != nil {
		return fmt.Errorf("read photo: %w", err)
	}
	c.Set("Content-Type", p.Type)
	c.Set("Content-Disposition", "inline")
	c.Context().Response.SetBodyRaw(body)
	return nil
}

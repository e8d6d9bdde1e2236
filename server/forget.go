package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rasad/city"
)

// How long a photo is kept, by the data's clock, and how often the server looks for
// those whose time is over. A photo may show people who asked for nothing; what a
// case needs of it afterwards, who added it, when and to what, stands in the journal.
const (
	photoDays   = 90
	forgetEvery = time.Hour
	// settled is how old a file is, by the server's own clock, before it is judged: the
	// act that names it may be on its way.
	settled = 24 * time.Hour
)

// forgotten reports whether the time of a photo that was added at that moment is over.
func (s *Server) forgotten(at city.Moment) bool {
	return at+photoDays*24*3600 <= city.At(s.parts.Now())
}

// forget deletes photos whose time is over, until ctx ends.
func (s *Server) forget(ctx context.Context) {
	if s.parts.Register == nil || s.parts.Evidence == "" {
		return
	}
	each := time.NewTicker(forgetEvery)
	defer each.Stop()
	for {
		n, err := s.forgetPhotos(ctx)
		if n > 0 {
			s.parts.Log.Info("photos deleted", "photos", n, "days", photoDays)
		}
		if err != nil && ctx.Err() == nil {
			s.parts.Log.Warn("photos not deleted", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-each.C:
		}
	}
}

// forgetPhotos deletes the photos whose time is over, and as old files that no case
// has: of an upload that was cut off. It returns how many, and goes on where one fails.
// A register that is being built again knows less than the journal, so it waits for it.
func (s *Server) forgetPhotos(ctx context.Context) (n int, err error) {
	if err := s.parts.Register.Wait(ctx, s.newest().Batch); err != nil {
		return 0, err
	}
	list, err := os.ReadDir(s.parts.Evidence)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("list photos: %w", err)
	}
	var failed []error
	for _, d := range list {
		if ctx.Err() != nil {
			break
		}
		gone, err := s.forgetFile(ctx, d)
		if err != nil {
			failed = append(failed, fmt.Errorf("delete photo: %w", err))
		}
		if gone {
			n++
			s.stats.photos.Inc()
		}
	}
	return n, errors.Join(failed...)
}

// forgetFile deletes a file where it is a photo of ours that nobody may see any more.
func (s *Server) forgetFile(ctx context.Context, d fs.DirEntry) (gone bool, err error) {
	name := d.Name()
	sum, err := hex.DecodeString(name)
	if half := strings.HasPrefix(name, newFile); !d.Type().IsRegular() || !half && (err != nil || len(sum) != 32) {
		return false, nil // somebody else's file
	}
	s.files.Lock()
	defer s.files.Unlock()
	info, err := d.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	age := time.Since(info.ModTime())
	p, err := s.parts.Register.PhotoOf(ctx, name)
	over := err == nil && s.forgotten(p.At) && age >= settled
	if errors.Is(err, city.ErrNotFound) {
		over, err = age >= photoDays*24*time.Hour, nil
	}
	if err != nil || !over {
		return false, err
	}
	err = os.Remove(filepath.Join(s.parts.Evidence, name))
	return err == nil, err
}

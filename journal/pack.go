package journal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A packer compresses closed segments, in the background, one at a time.
type packer struct {
	work   chan struct{} // holds one token while there may be something to pack
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func (p *packer) start(dirs []string, log *slog.Logger) {
	ctx, cancel := context.WithCancel(context.Background())
	p.work, p.cancel = make(chan struct{}, 1), cancel
	p.wake()
	p.done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-p.work:
			}
			for _, dir := range dirs {
				if err := packAll(ctx, dir, log); err != nil && ctx.Err() == nil {
					log.Error("segment not packed", "dir", dir, "err", err) // it stays as it is until the next turn
				}
			}
		}
	})
}

func (p *packer) wake() {
	select {
	case p.work <- struct{}{}:
	default:
	}
}

func (p *packer) stop() {
	p.cancel()
	p.done.Wait()
}

// packAll packs all segments of dir but the newest. One that cannot be packed
// does not keep the others from it.
func packAll(ctx context.Context, dir string, log *slog.Logger) error {
	segs, err := list(dir)
	if err != nil {
		return err
	}
	var faults error
	for i, s := range segs {
		if s.packed || i == len(segs)-1 {
			continue
		}
		if err := pack(ctx, dir, s); err != nil {
			faults = errors.Join(faults, err)
			continue
		}
		log.Info("segment packed", "dir", dir, "segment", s.name())
	}
	return faults
}

// pack replaces the closed segment s by its compressed form, once that has been
// read back from the disk and found to be the same, batch by batch.
func pack(ctx context.Context, dir string, s segment) (err error) {
	plain := filepath.Join(dir, s.name())
	packed := filepath.Join(dir, s.stem()+packedEnd)
	temp := packed + tempEnd
	defer func() {
		if err != nil {
			_ = os.Remove(temp)
			err = fmt.Errorf("pack %s: %w", plain, err)
		}
	}()
	want, err := compress(ctx, plain, temp)
	if err != nil {
		return err
	}
	src, err := readPacked(temp)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	got := sha256.New()
	in := scan(plain, io.TeeReader(src, got), tip{number: s.first - 1, known: s.first == 1})
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = in.next()
		}
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	if string(got.Sum(nil)) != string(want.Sum(nil)) {
		return errors.New("it does not read back as it was")
	}
	if err := errors.Join(os.Rename(temp, packed), syncDir(dir)); err != nil {
		return err
	}
	if err := errors.Join(os.Remove(plain), syncDir(dir)); err != nil {
		return err
	}
	return nil
}

// compress writes the compressed form of the file plain to a new file, makes it
// durable, and returns the digest of the plain bytes.
func compress(ctx context.Context, plain, to string) (hash.Hash, error) {
	in, err := os.Open(plain)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return nil, err
	}
	digest := sha256.New()
	enc, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	if err == nil {
		_, err = io.Copy(enc, io.TeeReader(while(ctx, in), digest))
		err = errors.Join(err, enc.Close(), out.Sync())
	}
	return digest, errors.Join(err, out.Close())
}

// A readFunc is a Read method.
type readFunc func([]byte) (int, error)

// Read calls f.
func (f readFunc) Read(b []byte) (int, error) { return f(b) }

// while makes src end with ctx's error when ctx ends.
func while(ctx context.Context, src io.Reader) io.Reader {
	return readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return src.Read(b)
	})
}

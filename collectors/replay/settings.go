package replay

import (
	"context"
	_ "embed" // the sample settings
	"errors"
	"fmt"
	"io"
	"log/slog"

	"rasad/city"
	"rasad/city/file"
	"rasad/entry"
)

//go:embed sample.yaml
var sampleSettings string

// SampleSettings returns sample.yaml: the settings of this collector.
func SampleSettings() string { return sampleSettings }

// MaxMapping bounds a mapping file, in bytes.
const MaxMapping = 1 << 20

// Files are files of one form that are replayed together.
type Files struct {
	mapping *Mapping
	names   []string
	open    func(name string) (io.ReadCloser, error)
	log     *slog.Logger
}

// OpenFiles reads the settings of a replay (YAML; name stands in errors) and the
// mapping that they name; open opens the files. It returns an error wrapping
// city.ErrInvalid where map or files is missing or the mapping is wrong.
func OpenFiles(name string, settings []byte, open func(string) (io.ReadCloser, error), log *slog.Logger) (*Files, error) {
	var s struct {
		Map   string   `yaml:"map"`
		Files []string `yaml:"files,single"`
	}
	if err := file.Decode(name, settings, &s); err != nil {
		return nil, fmt.Errorf("open replay: %w", err)
	}
	if s.Map == "" || len(s.Files) == 0 {
		return nil, fmt.Errorf("open replay: %w %s: want map, a mapping file, and files, what it is to read", city.ErrInvalid, name)
	}
	f, err := open(s.Map)
	if err != nil {
		return nil, fmt.Errorf("open replay: %w", err)
	}
	src, err := io.ReadAll(io.LimitReader(f, MaxMapping+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("open replay: read mapping %s: %w", s.Map, err)
	}
	if len(src) > MaxMapping {
		return nil, fmt.Errorf("open replay: %w mapping %s: larger than %d bytes", city.ErrInvalid, s.Map, MaxMapping)
	}
	m, err := Open(s.Map, src)
	if err != nil {
		return nil, fmt.Errorf("open replay: %w", err)
	}
	return &Files{m, s.Files, open, log}, nil
}

// Run reads all files and sends what they hold in the order of time; then it is
// done and returns nil. Bad rows are logged and counted. wait may be nil, as for
// Send.
func (f *Files) Run(ctx context.Context, wait func(context.Context, city.Moment) error, sink Sink) error {
	var all []entry.Item
	for _, name := range f.names {
		items, err := f.load(name)
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		all = append(all, items...)
	}
	return Send(ctx, all, wait, sink)
}

func (f *Files) load(name string) ([]entry.Item, error) {
	r, err := f.open(name)
	if err != nil {
		return nil, err
	}
	items, t, err := f.mapping.Load(name, r, func(err error) { f.log.Warn("row passed over", "err", err) })
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	f.log.Info("file read", "file", name, "rows", t.Rows, "empty", t.Empty, "bad", t.Bad, "items", t.Items)
	return items, nil
}

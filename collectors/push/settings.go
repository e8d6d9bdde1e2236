package push

import (
	_ "embed" // the sample settings
	"fmt"

	"rasad/city/file"
	"rasad/entry"
)

//go:embed sample.yaml
var sampleSettings string

// SampleSettings returns sample.yaml: the settings of this door, with the default
// of each.
func SampleSettings() string { return sampleSettings }

// Open reads the settings of this door (YAML; name stands in errors) and returns
// its decoder. It has no settings, so anything but {} is refused with an error
// wrapping city.ErrInvalid.
func Open(name string, settings []byte) (func(body []byte) ([]entry.Item, error), error) {
	if err := file.Decode(name, settings, &struct{}{}); err != nil {
		return nil, fmt.Errorf("open push: %w", err)
	}
	return Decode, nil
}

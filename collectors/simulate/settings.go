package simulate

import (
	_ "embed" // the sample settings
	"fmt"
	"time"

	"rasad/city"
	"rasad/city/file"
	"rasad/city/jalali"
)

//go:embed sample.yaml
var sampleSettings string

// SampleSettings returns sample.yaml: the settings of this collector, with the
// default of each.
func SampleSettings() string { return sampleSettings }

// Open reads the settings of a simulated season (YAML; name stands in errors). An
// empty mapping means: seed 1, from today's local midnight by now, with faults. An
// error wraps city.ErrInvalid.
func Open(name string, settings []byte, c *city.City, now time.Time) (*Simulator, error) {
	s := struct {
		Seed   uint64 `yaml:"seed"`
		Start  string `yaml:"start"`
		Faults bool   `yaml:"faults"`
	}{Seed: 1, Faults: true}
	if err := file.Decode(name, settings, &s); err != nil {
		return nil, fmt.Errorf("open simulate: %w", err)
	}
	date := c.Clock().Date(city.At(now))
	if s.Start != "" {
		var err error
		if date, err = parseDate(s.Start); err != nil {
			return nil, fmt.Errorf("open simulate: %s: start: %w", name, err)
		}
	}
	from, _ := c.Clock().Day(date)
	return New(c, Settings{Seed: s.Seed, Start: from, Faults: s.Faults})
}

// parseDate reads 2027-03-16 or 1405/12/25.
func parseDate(s string) (city.Date, error) {
	if d, err := city.ParseDate(s); err == nil && d > 0 {
		return d, nil
	}
	d, err := jalali.Parse(s)
	if err != nil {
		return 0, err
	}
	return d.Civil()
}

package file

import (
	_ "embed" // for isfahan.yaml
	"slices"
)

//go:embed isfahan.yaml
var isfahan []byte

// Isfahan returns the city file of the demonstration city, its own copy each time.
func Isfahan() []byte { return slices.Clone(isfahan) }

package days

import (
	"context"
	"fmt"
	"sort"

	"rasad/city"
)

// cities are the cities that were in force, oldest first. Only a few are held
// decoded: the newest, those not yet in the file, and some asked for.
type cities struct {
	list    []inForce
	decoded int
}

type inForce struct {
	at       uint64     // the batch that brought it
	city     *city.City // nil: ask the file
	compiled []byte     // until it is in the file
}

// maxDecoded bounds the old cities held decoded.
const maxDecoded = 8

func (c *cities) newest() *city.City {
	if len(c.list) == 0 {
		return nil
	}
	return c.list[len(c.list)-1].city
}

func (c *cities) newestAt() uint64 {
	if len(c.list) == 0 {
		return 0
	}
	return c.list[len(c.list)-1].at
}

// add brings a city into force. Of two in one batch the later one stays.
func (c *cities) add(at uint64, now *city.City, compiled []byte) {
	f := inForce{at, now, compiled}
	if n := len(c.list); n > 0 && c.list[n-1].at == at {
		c.list[n-1] = f
		return
	}
	c.list = append(c.list, f)
	c.decoded++
}

// index returns the index of the city in force at batch at, or -1.
func (c *cities) index(at uint64) int {
	return sort.Search(len(c.list), func(i int) bool { return c.list[i].at > at }) - 1
}

// keep holds the decoded city of list[i], and lets others go.
func (c *cities) keep(i int, got *city.City) {
	if c.decoded >= maxDecoded {
		for j := range c.list[:len(c.list)-1] {
			if c.list[j].compiled == nil {
				c.list[j].city = nil
			}
		}
		c.decoded = 1
	}
	c.list[i].city = got
	c.decoded++
}

// City returns the city in force at batch at, and the batch that brought it; 0
// means the newest. Without one it returns an error wrapping city.ErrNotFound.
func (s *Store) City(at uint64) (*city.City, uint64, error) {
	s.mu.RLock()
	i := len(s.cities.list) - 1
	if at != 0 {
		i = s.cities.index(at)
	}
	if i < 0 {
		s.mu.RUnlock()
		return nil, 0, fmt.Errorf("city at batch %d: %w", at, city.ErrNotFound)
	}
	f := s.cities.list[i]
	s.mu.RUnlock()
	if f.city != nil {
		return f.city, f.at, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cityOf(i)
	return c, f.at, err
}

// cityOf returns the city of s.cities.list[i].
func (s *Store) cityOf(i int) (*city.City, error) {
	if c := s.cities.list[i].city; c != nil {
		return c, nil
	}
	at := s.cities.list[i].at
	var compiled []byte
	err := s.file.load.QueryRowContext(context.Background(), "SELECT compiled FROM city WHERE pos = ?", at).Scan(&compiled)
	if err != nil {
		return nil, fmt.Errorf("load city of batch %d: %w", at, err)
	}
	c, err := city.Decode(compiled)
	if err != nil {
		return nil, fmt.Errorf("load city of batch %d: %w", at, err)
	}
	s.cities.keep(i, c)
	return c, nil
}

// declaration returns how the city of batch at declared a source; nil where a
// later city of the same batch took it away.
func (s *Store) declaration(id city.SourceID, at uint64) (*city.Source, error) {
	i := s.cities.index(at)
	if i < 0 {
		return nil, fmt.Errorf("city at batch %d: %w", at, city.ErrNotFound)
	}
	c, err := s.cityOf(i)
	if err != nil {
		return nil, err
	}
	return c.Source(id), nil
}

package simulate

import (
	"strconv"
	"sync/atomic"

	"rasad/city"
	"rasad/entry"
)

// The life of a case, in seconds.
const (
	maxLife = 120 * 3600 // from its opening to the last word on it
	block   = 6 * 3600   // stories are thrown by the bin and kept by the block
	keeps   = 32         // blocks of a stream: more than a life
)

// A story is an event and, where it makes a case known, all that its source says
// of the case later.
type story struct {
	chapter

	id             string
	v              city.Steps
	kind, category string
	place          city.PlaceID
	later          []chapter // in the order of their time
	throw          dice
}

// A chapter is one event of a story.
type chapter struct {
	at    city.Moment
	state string
}

// A told holds the stories that began in block n.
type told struct {
	n    city.Moment
	list []story
}

// A shelf keeps the newest blocks of a stream at hand. What is not there is thrown
// again, and is the same.
type shelf [keeps]atomic.Pointer[told]

// events adds the events of an event source, story by story.
func (s *Simulator) events(due *due, x *stream) {
	for n := s.firstBlock(x, due.from-margin); n*block < due.to; n++ {
		list := s.stories(x, n)
		for i := range list {
			st := &list[i]
			s.tell(due, x, st, st.chapter, st.throw)
			for k, next := range st.later {
				s.tell(due, x, st, next, st.throw.of(60+int64(k)))
			}
		}
	}
}

// firstBlock returns the block of the first story that may still be told at m.
func (s *Simulator) firstBlock(x *stream, m city.Moment) city.Moment {
	if x.lives() {
		m -= maxLife
	}
	return max(m, s.start) / block
}

// tell adds one event of a story where it, or its repetition, is due.
func (s *Simulator) tell(due *due, x *stream, st *story, c chapter, throw dice) {
	if c.at >= due.to || c.at+margin < due.from {
		return
	}
	at, ok := s.sending(x, c.at, throw)
	if !ok {
		return
	}
	second, twice := s.again(at, throw)
	if (at <= due.from || at > due.to) && (!twice || second <= due.from || second > due.to) {
		return
	}
	it := entry.Item{
		Source: string(x.src.ID), From: c.at, To: c.at, Number: x.src.Unit.Format(st.v), ID: st.id,
		Event: &entry.Happening{State: c.state, Case: st.kind, Category: st.category, Place: string(st.place)},
	}
	due.add(x, at, &it)
	if twice {
		due.add(x, second, &it)
	}
}

// stories returns the stories of x that begin in block n.
func (s *Simulator) stories(x *stream, n city.Moment) []story {
	if t := x.shelf[n%keeps].Load(); t != nil && t.n == n {
		return t.list
	}
	t := &told{n: n}
	for b := n * block; b < (n+1)*block; b += bin {
		d := s.day(b)
		throw := x.dice.of(int64(b))
		for k := range throw.of(30).count(s.rate(x, b+bin/2, d) * bin / 86400) {
			one := throw.of(31 + k)
			m := b + city.Moment(one.of(1).below(bin))
			if m < s.start {
				continue
			}
			st := story{chapter: chapter{at: m}, id: strconv.FormatInt(int64(b/bin), 36) + "-" + strconv.FormatInt(k+1, 10), throw: one}
			s.happening(x, &st, d)
			s.live(x, &st)
			t.list = append(t.list, st)
		}
	}
	x.shelf[n%keeps].Store(t)
	return t.list
}

// open returns how many cases of x are open at m.
func (s *Simulator) open(x *stream, m city.Moment) (n int) {
	for b := s.firstBlock(x, m); b*block <= m; b++ {
		list := s.stories(x, b)
		for i := range list {
			if list[i].open(m) {
				n++
			}
		}
	}
	return n
}

func (st *story) open(m city.Moment) bool {
	if st.at > m {
		return false
	}
	open := true
	for _, c := range st.later {
		if c.at > m {
			break
		}
		switch c.state {
		case "closed", "done", "rejected":
			open = false
		case "reopened":
			open = true
		}
	}
	return open
}

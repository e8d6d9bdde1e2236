package simulate

import (
	"math"

	"rasad/city"
)

// A dice throws numbers that depend on nothing but what it was made of: the same
// seed, source and moment give the same throw, in whatever order they are asked.
type dice uint64

// mix scrambles x so that every bit of it moves half of the bits of the result.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// of returns the dice of n within d.
func (d dice) of(n int64) dice { return dice(mix(uint64(d) ^ mix(uint64(n)))) }

// named returns the dice of a name within d.
func (d dice) named(s string) dice {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return dice(mix(uint64(d) ^ h))
}

// unit throws a number in [0, 1).
func (d dice) unit() float64 { return float64(uint64(d)>>11) / (1 << 53) }

// between throws a number in [lo, hi).
func (d dice) between(lo, hi float64) float64 { return lo + d.unit()*(hi-lo) }

// below throws a whole number from 0 to n-1.
func (d dice) below(n int64) int64 { return int64(uint64(d) >> 1 % uint64(n)) }

// normal throws about a standard normal number, never beyond ±3.5.
func (d dice) normal() float64 {
	sum := 0.0
	for i := range int64(4) {
		sum += d.of(i).unit()
	}
	return (sum - 2) * math.Sqrt(3)
}

// count throws how many came where mean are usual: about as a Poisson number.
func (d dice) count(mean float64) int64 {
	if mean <= 0 {
		return 0
	}
	if mean > 12 {
		return max(int64(math.Round(mean+math.Sqrt(mean)*d.normal())), 0)
	}
	u, p, n := d.unit(), math.Exp(-mean), int64(0)
	for ; u >= p && n < 60; n++ {
		u -= p
		p *= mean / float64(n+1)
	}
	return n
}

// drift is a smooth line through a throw in [-1, 1) every step seconds.
func (d dice) drift(m city.Moment, step int64) float64 {
	knot := int64(m) / step
	t := float64(int64(m)-knot*step) / float64(step)
	a, b := d.of(knot).between(-1, 1), d.of(knot+1).between(-1, 1)
	return a + (b-a)*t*t*(3-2*t)
}

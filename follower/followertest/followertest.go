// Package followertest helps to test what is built from the journal.
package followertest

// Enough reports whether a law has been tried on as many random lives as it should
// be: on 25 under the race detector, which finds what goroutines do to each other
// and not what a law misses. Without it there is no bound, and all are lived.
func Enough(lives int) bool { return RaceDetector && lives >= 25 }

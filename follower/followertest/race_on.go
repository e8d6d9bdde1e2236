//go:build race

package followertest

// RaceDetector says whether the race detector is on: SQLite is ten times slower then.
const RaceDetector = true

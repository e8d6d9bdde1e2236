//go:build !race

package main

// raceDetector says that the race detector is on: SQLite is ten times slower then.
const raceDetector = false

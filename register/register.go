// Package register is the SQLite follower of acts and cases: reports, works,
// service requests and inspections with their life cycle and their clock, people,
// sessions, shifts, rulings on the quarantine, and the audit of it all. The file can
// be thrown away at any time: the journal builds it again, equal to the bit.
//
// One goroutine applies batches, each in a transaction of its own; any number may
// read. It judges whether an act holds, in the order of the journal and nowhere
// else; what a person may do at all is the server's question, before the act is
// appended.
package register

package register

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rasad/city"
	"rasad/entry"
)

// BenchmarkDepartmentOf100000Cases asks for what a department's page shows: its
// worst cases and the summary, of 100,000 cases of which 5,000 are open.
func BenchmarkDepartmentOf100000Cases(b *testing.B) {
	const all, per = 100_000, 5000
	s := open(b, Config{Path: filepath.Join(b.TempDir(), "register.db")})
	book := &book{}
	apply(b, s, book.add(town(b)))
	began := time.Now()
	for first := 0; first < all; first += per {
		var list []entry.Entry
		for i := first; i < first+per; i++ {
			at := morning - city.Moment(all-i)*60
			id := fmt.Sprintf("137-%d", i)
			list = append(list, report(at, id, "opened"))
			if i%20 != 0 {
				list = append(list, report(at+city.Moment(i%9)*1800, id, "closed"))
			}
		}
		apply(b, s, book.add(list...))
		book.batches[len(book.batches)-1].Entries = nil // it would be counted as ours
	}
	events := float64(s.Counts().Events)
	applied := events / time.Since(began).Seconds()
	at := morning
	q := Query{Departments: []city.DepartmentID{"urban-services"}, State: "open", At: at, Limit: 50}
	b.ResetTimer()
	for range b.N {
		list, total, err := s.Cases(b.Context(), q)
		if err != nil || len(list) != 50 || total != all/20 || list[0].Number != 1 {
			b.Fatal(len(list), total, err)
		}
		sum, err := s.Summary(b.Context(), "urban-services", at-86400, at)
		if err != nil || sum.Open != all/20 || sum.ClosedToday == 0 || sum.Overdue == 0 {
			b.Fatal(sum, err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/page")
	b.ReportMetric(applied, "events/s")
	b.ReportMetric(resident(b), "MB")
}

// resident returns the memory that the process holds, in MB: SQLite's own is not on
// Go's heap.
func resident(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0 // no Linux
	}
	var total, pages float64
	if _, err := fmt.Sscan(string(status), &total, &pages); err != nil {
		b.Fatal(err)
	}
	return pages * float64(os.Getpagesize()) / 1e6
}

// BenchmarkAuditOf1000000 searches a million records for a text that is nowhere, for
// one that is in the oldest, for one of two letters, and for what one person did.
func BenchmarkAuditOf1000000(b *testing.B) {
	const all, per = 1_000_000, 10_000
	s := open(b, Config{Path: filepath.Join(b.TempDir(), "register.db")})
	book := &book{}
	apply(b, s, book.add(town(b), book.act("p-ava", entry.DoExport, "figures.xlsx", note("گزارش نوروز"))))
	began := time.Now()
	for range all / per {
		var list []entry.Entry
		for i := range per {
			list = append(list, book.act(fmt.Sprintf("p-%d", i%40), entry.DoExport, "figures.xlsx", note("برای روابط عمومی")))
		}
		apply(b, s, book.add(list...))
		book.batches[len(book.batches)-1].Entries = nil
	}
	applied := float64(all) / time.Since(began).Seconds()
	for name, q := range map[string]AuditQuery{
		"nowhere": {Text: "waterfall"}, "oldest": {Text: "نوروز"}, "short": {Text: "صف"}, "person": {By: "p-7", Do: "export"}, "prefix": {Do: "case."}, "tokens": {Do: "token."},
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if _, err := s.Audit(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/search")
			b.ReportMetric(applied, "acts/s")
			b.ReportMetric(resident(b), "MB")
		})
	}
}

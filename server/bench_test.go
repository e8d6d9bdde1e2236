package server

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"rasad/city"
)

// BenchmarkRefusedSignIn times wrong passwords of a login that somebody has and of one
// that nobody has, in turn, as the client sees them: the ratio of the medians must
// not tell which is which. One iteration is a pair.
func BenchmarkRefusedSignIn(b *testing.B) {
	o := openBureau(b, nil)
	o.employ("sara", city.RoleViewer)
	took := map[string][]time.Duration{}
	bodies := map[string]bool{}
	logins := []string{"sara", "nobody"}
	for b.Loop() {
		slices.Reverse(logins) // each comes first as often
		for _, login := range logins {
			o.ahead.Add(int64(time.Minute)) // the delay is over
			start := time.Now()
			a := o.signIn(login, "not the password")
			took[login] = append(took[login], time.Since(start))
			p := problemIn(b, a)
			if bodies[p.Code+p.Title+p.Detail+p.Cause] = true; a.status != http.StatusUnauthorized || len(bodies) != 1 {
				b.Fatalf("%s: %d %s", login, a.status, a.body)
			}
		}
	}
	for _, all := range took {
		slices.Sort(all)
	}
	at := func(login string, part float64) float64 {
		all := took[login]
		return float64(all[int(part*float64(len(all)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at("sara", .5), "known-p50-ms")
	b.ReportMetric(at("nobody", .5), "unknown-p50-ms")
	b.ReportMetric(at("sara", .95), "known-p95-ms")
	b.ReportMetric(at("nobody", .95), "unknown-p95-ms")
	b.ReportMetric(at("sara", .5)/at("nobody", .5), "ratio-med")
}

package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"rasad/history"
)

// Write implements history.Rows: one request, no batching, no retry.
func (s *Store) Write(ctx context.Context, rows []history.Row) error {
	if len(rows) == 0 {
		return nil
	}
	b := make([]byte, 0, 160*len(rows))
	for i := range rows {
		t := s.tables[rows[i].Table]
		if err := t.Check(&rows[i]); err != nil {
			return &history.RefusalError{Trouble: history.Rejected, Reason: err.Error()}
		}
		b = appendLine(b, &t, &rows[i])
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	return refusal(s.write.WriteRecord(ctx, string(b)))
}

// SavePosition implements history.Rows.
func (s *Store) SavePosition(ctx context.Context, m history.Mark) error {
	return s.Write(ctx, []history.Row{history.PositionRow(m)})
}

// Position implements history.Rows. On 1.x it makes the database where it is
// missing; a bucket of 2.x is the operator's to make.
func (s *Store) Position(ctx context.Context) (history.Mark, error) {
	tables, err := s.query(ctx, http.MethodGet, markQuery())
	if err != nil && strings.Contains(err.Error(), "database not found") {
		if _, err := s.query(ctx, http.MethodPost, createQuery(s.db, s.policy)); err != nil {
			return history.Mark{}, fmt.Errorf("no bucket or database %q, and none can be made: %w", s.db, err)
		}
		return history.Mark{}, nil
	}
	if err != nil {
		return history.Mark{}, err
	}
	m, err := readMark(tables)
	if err != nil {
		return m, fmt.Errorf("read mark: %w", err)
	}
	return m, nil
}

// query sends one statement and reads its answer.
func (s *Store) query(ctx context.Context, method, q string) ([]table, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	values := url.Values{"db": {s.db}, "q": {q}, "epoch": {"ns"}}
	if s.policy != "" {
		values.Set("rp", s.policy)
	}
	service := s.client.HTTPService()
	req, err := http.NewRequestWithContext(ctx, method, service.ServerURL()+"query?"+values.Encode(), http.NoBody)
	if err != nil {
		return nil, err
	}
	var tables []table
	var bad error
	herr := service.DoHTTPRequest(req, nil, func(resp *http.Response) error {
		tables, bad = readAnswer(resp.Body, maxAnswer)
		return resp.Body.Close()
	})
	if herr == nil {
		return tables, bad
	}
	err = refusal(herr)
	if r, ok := errors.AsType[*history.RefusalError](err); ok && r.Trouble != history.Credentials {
		r.Trouble = history.Away // a question is ours: who asked for a chart did nothing wrong
	}
	return nil, err
}

// refusal turns the client's error into what the writer acts on.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	r := &history.RefusalError{Trouble: history.Away, Reason: clip(err.Error())}
	answer, ok := errors.AsType[*influxhttp.Error](err)
	if !ok || answer.StatusCode == 0 {
		return r
	}
	r.Status = answer.StatusCode
	r.RetryAfter = retryAfter(answer.Header.Get("Retry-After"))
	r.Reason = fmt.Sprintf("influxdb answered %d", answer.StatusCode)
	said := answer.Header.Get("X-Influxdb-Error")
	if said == "" && isJSON(answer.Header) {
		said = answer.Message
	}
	if said != "" {
		r.Reason += ": " + clip(said)
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		r.Trouble = history.Credentials
	case http.StatusRequestEntityTooLarge:
		r.Trouble = history.TooLarge
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if said != "" { // what does not speak as InfluxDB does is a stranger on the way
			r.Trouble = history.Rejected
		}
	}
	return r
}

func isJSON(h http.Header) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "application/json")
}

// retryAfter reads a Retry-After of seconds or of a date; 0 where there is none.
func retryAfter(v string) time.Duration {
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(time.Until(t), 0)
	}
	return 0
}

// appendLine appends r in line protocol. The client's own encoder would change
// texts with line breaks and tabs.
func appendLine(b []byte, t *history.Table, r *history.Row) []byte {
	b = append(b, t.Name...)
	for i, tag := range r.Tags {
		if tag != "" {
			b = append(append(append(append(b, ','), t.Tags[i]...), '='), tag...)
		}
	}
	sep := byte(' ')
	for i, f := range t.Fields {
		b = append(append(append(b, sep), f.Name...), '=')
		sep = ','
		switch v := r.Fields[i].(type) {
		case int64:
			b = append(strconv.AppendInt(b, v, 10), 'i')
		case bool:
			b = strconv.AppendBool(b, v)
		case string:
			b = append(b, '"')
			for j := range len(v) {
				if v[j] == '"' || v[j] == '\\' {
					b = append(b, '\\')
				}
				b = append(b, v[j])
			}
			b = append(b, '"')
		}
	}
	b = strconv.AppendInt(append(b, ' '), r.At, 10)
	return append(b, '\n')
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"rasad/city"
	"rasad/collectors"
	"rasad/entry"
)

// pause is how long a sender waits where the server does not say.
const pause = time.Second

// A sender posts items to a running server, as any gate does.
type sender struct {
	url, token string
	tally      tally
}

// send posts items until the server has taken them: it waits while the server is
// busy, or asks for less.
func (s *sender) send(ctx context.Context, items []entry.Item, _ []city.Moment) error {
	body := encode(items)
	for {
		wait, err := s.post(ctx, body)
		if err != nil || wait == 0 {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// post sends a body once. wait is not 0 where it has to be sent again.
func (s *sender) post(ctx context.Context, body []byte) (wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("%w address: %w", city.ErrInvalid, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("send readings: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return 0, fmt.Errorf("read answer: %w", err)
	}
	switch res.StatusCode {
	case http.StatusOK, http.StatusTooManyRequests: // 429: taken, but the quarantine is full
		var got collectors.Answer
		if err := json.Unmarshal(answer, &got); err != nil {
			return 0, fmt.Errorf("read answer: %w", err)
		}
		s.tally.add(got)
		return 0, nil
	case http.StatusServiceUnavailable:
		seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if err != nil || seconds < 1 {
			return pause, nil //nolint:nilerr // no word from the server: our own pause
		}
		return time.Duration(seconds) * time.Second, nil
	default:
		return 0, fmt.Errorf("send readings: the server answers %s: %.300s", res.Status, answer)
	}
}

// encode writes items as the door reads them.
func encode(items []entry.Item) []byte {
	b := []byte(`{"readings":[`)
	for i := range items {
		it := &items[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"source":`...)
		b = strconv.AppendQuote(b, it.Source)
		if it.From == it.To {
			b = append(b, `,"at":"`+it.From.String()+`"`...)
		} else {
			b = append(b, `,"from":"`+it.From.String()+`","to":"`+it.To.String()+`"`...)
		}
		if it.Number != "" {
			b = append(b, `,"value":`+it.Number...)
		} else {
			b = append(b, `,"in":`+it.In+`,"out":`+it.Out...)
		}
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

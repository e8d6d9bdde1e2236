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
	"rasad/collectors/push"
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
	body := push.Append(nil, items)
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
	case http.StatusOK:
		var got collectors.Answer
		if err := json.Unmarshal(answer, &got); err != nil {
			return 0, fmt.Errorf("read answer: %w", err)
		}
		s.tally.add(got)
		return 0, nil
	case http.StatusTooManyRequests: // judged, but the quarantine is full: sending it again would not help
		var problem struct{ Answer collectors.Answer }
		if err := json.Unmarshal(answer, &problem); err != nil {
			return 0, fmt.Errorf("read answer: %w", err)
		}
		s.tally.add(problem.Answer)
		return 0, nil
	case http.StatusServiceUnavailable:
		seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if err != nil || seconds < 1 {
			return pause, nil // no word from the server: our own pause
		}
		return time.Duration(seconds) * time.Second, nil
	default:
		return 0, fmt.Errorf("send readings: the server answers %s: %.300s", res.Status, answer)
	}
}

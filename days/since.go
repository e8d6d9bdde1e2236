package days

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sort"

	"rasad/city"
	"rasad/follower"
	"rasad/measure"
)

// A follower of days that lags behind asks for what changed after a batch, in
// bites. A row's pos alone cannot cut a bite: a day that changed at batches 5 and
// 90 has pos 90, and a bite up to 50 must still bring what batch 5 did. So the file
// notes which days were touched in which epoch, a stretch of batches that touched
// about epochDays days; an epoch is named by its first batch.
const epochDays = 4096

// A Row is what changed of one source-day.
type Row struct {
	Source city.SourceID
	Date   city.Date
	Pos    uint64 // the newest batch among Kept
	Kept   []Kept
	Cells  []measure.Cell // those that changed
}

// A Kept is a raw reading and its place in its day, which never changes.
type Kept struct {
	measure.Raw
	Revision int // 0 for the first reading of its key
	Ordinal  int // its index in the day
}

// openEpoch starts a new epoch where the running one is full.
func (s *Store) openEpoch(batch uint64) {
	if s.epoch == 0 || s.touched >= s.epochDays {
		s.epoch, s.touched = batch, 0
	}
}

// markEpoch notes that d was touched in the running epoch.
func (s *Store) markEpoch(d *day) {
	if d.epoch != s.epoch {
		d.epoch = s.epoch
		d.marks = append(d.marks, s.epoch)
		s.touched++
	}
}

func (s *Store) restoreEpoch(ctx context.Context) error {
	_, err := s.file.One(ctx, "SELECT coalesce(max(epoch), 0), (SELECT count(*) FROM touched WHERE epoch = (SELECT max(epoch) FROM touched)) FROM touched", nil, []any{&s.epoch, &s.touched})
	return err
}

// Since returns what was committed after batch after, up to batch upTo: the
// source-days that changed, ordered by the batch, with the raws and cells that
// changed in (after, upTo]. A cell changed again later comes with that change only.
// It returns about limit rows, in whole batches, at least one batch; none and upTo
// = Committed when there is nothing more. Calls with after = the last upTo bring
// every raw once, and the newest state of every cell.
func (s *Store) Since(ctx context.Context, after uint64, limit int) (rows []Row, upTo uint64, err error) {
	err = follower.Reading(ctx, s.file.read, func(tx *sql.Tx) error {
		rows, upTo, err = s.since(ctx, tx, after, max(limit, 1))
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read changes after batch %d: %w", after, err)
	}
	return rows, upTo, nil
}

const changedDays = "SELECT s.name, d.date, d.pos, d.n, d.packed, d.cells, d.raws FROM day d JOIN source s ON s.id = d.source WHERE d.pos > ?1"

func (s *Store) since(ctx context.Context, tx *sql.Tx, after uint64, limit int) ([]Row, uint64, error) {
	var committed uint64
	if err := tx.QueryRowContext(ctx, "SELECT position FROM state").Scan(&committed); err != nil {
		return nil, 0, err
	}
	if committed <= after {
		return nil, after, nil
	}
	// The usual case: not far behind, so all that changed is one bite.
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM day WHERE pos > ?1 LIMIT ?2)", after, limit+1).Scan(&n); err != nil {
		return nil, 0, err
	}
	if n <= limit {
		found, err := s.find(ctx, tx, after, changedDays, after)
		if err != nil {
			return nil, 0, err
		}
		rows, err := rowsOf(found, after, committed)
		return rows, committed, err
	}
	for at := after; ; {
		from, end := uint64(0), committed
		var next *uint64
		// An epoch starts with the first batch that touched a day in it.
		if err := tx.QueryRowContext(ctx, "SELECT coalesce((SELECT max(epoch) FROM touched WHERE epoch <= ?1), 0)", at+1).Scan(&from); err != nil {
			return nil, 0, err
		}
		if err := tx.QueryRowContext(ctx, "SELECT min(epoch) FROM touched WHERE epoch > ?1", from).Scan(&next); err != nil {
			return nil, 0, err
		}
		if next != nil {
			end = *next - 1
		}
		found, err := s.find(ctx, tx, after, changedDays+" AND d.id IN (SELECT day FROM touched WHERE epoch = ?2)", after, from)
		if err != nil {
			return nil, 0, err
		}
		end = cut(found, end, limit)
		if rows, err := rowsOf(found, after, end); err != nil || len(rows) > 0 || end >= committed {
			return rows, end, err
		}
		at = end
	}
}

// A changedDay is a source-day some of whose raws came after a batch.
type changedDay struct {
	row
	name  city.SourceID
	first uint64 // the first batch after it that touched the day
}

// find reads days, and keeps them coded: there may be thousands.
func (s *Store) find(ctx context.Context, tx *sql.Tx, after uint64, q string, args ...any) ([]changedDay, error) {
	var list []changedDay
	err := follower.Each(ctx, tx, func(scan func(...any) error) error {
		var d changedDay
		if err := scan(&d.name, &d.date, &d.pos, &d.n, &d.packed, &d.cells, &d.raws); err != nil {
			return err
		}
		if err := s.file.unpack(&d.row); err != nil {
			return err
		}
		raws, _, err := decodeRaws(d.raws, d.n)
		if err != nil {
			return fmt.Errorf("day %s of %s: %w", d.date, d.name, err)
		}
		if i := firstAfter(raws, after); i < len(raws) {
			d.first = raws[i].Pos.Batch
			list = append(list, d)
		}
		return nil
	}, q, args...)
	return list, err
}

// firstAfter returns the index of the first of raws, in journal order, that came
// after a batch.
func firstAfter(raws []measure.Raw, batch uint64) int {
	return sort.Search(len(raws), func(i int) bool { return raws[i].Pos.Batch > batch })
}

// cut returns the last batch, at most end, up to which about limit days changed.
func cut(found []changedDay, end uint64, limit int) uint64 {
	if len(found) <= limit {
		return end
	}
	slices.SortFunc(found, func(a, b changedDay) int { return cmp.Compare(a.first, b.first) })
	if last := found[limit].first - 1; last < end {
		return max(last, found[0].first)
	}
	return end
}

// rowsOf returns what changed in (after, upTo], ordered by the newest batch.
func rowsOf(found []changedDay, after, upTo uint64) ([]Row, error) {
	var rows []Row
	for _, d := range found {
		if d.first > upTo {
			continue
		}
		raws, _, err := decodeRaws(d.raws, d.n)
		if err != nil {
			return nil, fmt.Errorf("day %s of %s: %w", d.date, d.name, err)
		}
		cells, err := decodeCells(d.cells, d.pos)
		if err != nil {
			return nil, fmt.Errorf("day %s of %s: %w", d.date, d.name, err)
		}
		r := Row{Source: d.name, Date: d.date, Kept: kept(raws[:firstAfter(raws, upTo)], after)}
		r.Pos = r.Kept[len(r.Kept)-1].Pos.Batch
		for _, c := range cells {
			if after < c.Pos && c.Pos <= upTo {
				r.Cells = append(r.Cells, c)
			}
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Date, b.Date))
	})
	return rows, nil
}

// kept returns those of raws that came after a batch, with their places.
func kept(raws []measure.Raw, after uint64) []Kept {
	var list []Kept
	var revision map[measure.Key]int
	for i := range raws {
		k := Kept{Raw: raws[i], Ordinal: i}
		if k.Revised {
			if revision == nil {
				revision = map[measure.Key]int{}
			}
			revision[k.Key()]++
			k.Revision = revision[k.Key()]
		}
		if k.Pos.Batch > after {
			list = append(list, k)
		}
	}
	return list
}

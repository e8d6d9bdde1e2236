package history_test

import (
	"testing"

	"rasad/history"
	"rasad/history/historytest"
)

func TestDaysKeepTheContractOfHistory(t *testing.T) {
	historytest.Run(t, func(_ *testing.T, g *historytest.Ground) historytest.Subject {
		return historytest.Subject{
			Reader: history.FromDays(g.Days, g.City.Clock()),
			Sync:   func(*testing.T) {}, // days knows what it committed
		}
	})
}

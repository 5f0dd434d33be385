package main

import (
	"testing"
	"time"
)

func TestAShortGraceIsSharedOut(t *testing.T) {
	for _, row := range []struct{ drain, termination, accepting, finishing time.Duration }{
		{5 * time.Second, 30 * time.Second, 5 * time.Second, 24 * time.Second},
		{0, 30 * time.Second, 0, 29 * time.Second},
		{5 * time.Second, 5 * time.Second, 2 * time.Second, 2 * time.Second},
		{5 * time.Second, time.Second, 375 * time.Millisecond, 375 * time.Millisecond},
	} {
		if accepting, finishing := shareOut(row.drain, row.termination); accepting != row.accepting || finishing != row.finishing {
			t.Errorf("drain %v of %v: accepting %v, finishing %v", row.drain, row.termination, accepting, finishing)
		}
	}
}

package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

func TestLimiterNeverHoldsMoreThanAskedAndDropsNothing(t *testing.T) {
	limiter := &Limiter{}
	limiter.Resize(4, 10_000)
	var held, most, done atomic.Int64
	var group sync.WaitGroup
	for range 2000 {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := limiter.Acquire(context.Background()); err != nil {
				t.Error(err)
				return
			}
			now := held.Add(1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			held.Add(-1)
			done.Add(1)
			limiter.Release()
		}()
		if rand.IntN(20) == 0 {
			limiter.Resize(1+rand.IntN(8), 10_000)
		}
	}
	group.Wait()
	if most.Load() > 8 || done.Load() != 2000 || limiter.held != 0 {
		t.Errorf("%d held at once, %d done, %d still held", most.Load(), done.Load(), limiter.held)
	}
}

func TestLimiterTurnsAwayWhatDoesNotFit(t *testing.T) {
	limiter := &Limiter{}
	limiter.Resize(1, 0)
	if err := limiter.Acquire(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := limiter.Acquire(context.Background()); !errors.Is(err, Full{}) {
		t.Errorf("a full queue answered %v", err)
	}
}

func TestAClientThatGoesLeavesItsPlaceToTheNext(t *testing.T) {
	limiter := &Limiter{}
	limiter.Resize(1, 8)
	if err := limiter.Acquire(context.Background()); err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(context.Background())
	waiting := make(chan error)
	go func() { waiting <- limiter.Acquire(gone) }()
	leave()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Fatalf("the wait ended with %v", err)
	}
	limiter.Release()
	if err := limiter.Acquire(context.Background()); err != nil {
		t.Errorf("the place was lost: %v", err)
	}
}

func TestHistogramMovesOnlyTheEdgeAtTheObjective(t *testing.T) {
	histogram := NewHistogram()
	histogram.SetObjective(0.030)
	for _, seconds := range []float64{0.0005, 0.029, 0.031, 5} {
		histogram.Observe(seconds)
	}
	before := histogram.Buckets()
	if before[0.030] != 2 || before[2] != 3 || histogram.count != 4 {
		t.Errorf("within 30 ms: %d, within 2 s: %d, in all %d; want 2, 3, 4", before[0.030], before[2], histogram.count)
	}
	histogram.SetObjective(0.5)
	after := histogram.Buckets()
	if after[0.5] != 3 || after[2] != before[2] {
		t.Errorf("within 500 ms: %d, within 2 s: %d; want 3 and 3", after[0.5], after[2])
	}
	histogram.SetObjective(0.030)
	if again := histogram.Buckets()[0.030]; again != 2 {
		t.Errorf("back at 30 ms the count is %d and not 2: it must not fall", again)
	}
}

package main

import (
	"container/list"
	"context"
	"sync"
)

// Limiter holds at most so many requests in flight, first come first served, and a bounded queue behind them.
type Limiter struct {
	mutex   sync.Mutex
	limit   int
	queue   int
	held    int
	waiting list.List // of chan struct{}, closed when the place is given
}

// Resize takes effect for the next request; what is in flight or waits already is not dropped.
func (l *Limiter) Resize(limit, queue int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.limit, l.queue = limit, queue
	l.fill()
}

// Full is returned to a request for which there is no room in the queue.
type Full struct{}

func (Full) Error() string { return "the pool and its queue are full; try again" }

// Acquire waits for a place. It fails with Full at once, or with the context's error when the client goes.
func (l *Limiter) Acquire(ctx context.Context) error {
	l.mutex.Lock()
	if l.held < l.limit && l.waiting.Len() == 0 {
		l.held++
		l.mutex.Unlock()
		return nil
	}
	if l.waiting.Len() >= l.queue {
		l.mutex.Unlock()
		return Full{}
	}
	ready := make(chan struct{})
	element := l.waiting.PushBack(ready)
	l.mutex.Unlock()
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
		l.leave(element, ready)
		return ctx.Err()
	}
}

// leave gives up the wait, or the place that was given in the same moment.
func (l *Limiter) leave(element *list.Element, ready chan struct{}) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	select {
	case <-ready:
		l.held--
		l.fill()
	default:
		l.waiting.Remove(element)
	}
}

// Release frees a place.
func (l *Limiter) Release() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.held--
	l.fill()
}

func (l *Limiter) fill() {
	for l.held < l.limit {
		front := l.waiting.Front()
		if front == nil {
			return
		}
		ready, _ := l.waiting.Remove(front).(chan struct{})
		l.held++
		close(ready)
	}
}

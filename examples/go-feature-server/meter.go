package main

import (
	"sync"
	"time"
)

// Meter counts requests on their way: arrived, picked up, worked, answered.
type Meter struct {
	mutex     sync.Mutex
	objective float64

	arrivals, overObjective  uint64
	answered, shed           map[string]uint64
	inFlight, waiting, held  int
	inFlightSeconds          float64
	heldSeconds              float64
	integratedAt             time.Time
	request, queue, work, db *Histogram
}

// NewMeter starts at zero.
func NewMeter() *Meter {
	return &Meter{
		// Series that are there from the beginning have a rate from the first request on.
		answered: map[string]uint64{"2xx": 0, "4xx": 0, "5xx": 0, "aborted": 0}, shed: map[string]uint64{"queue_full": 0, "body_memory": 0}, integratedAt: time.Now(),
		request: NewHistogram(), queue: NewHistogram(), work: NewHistogram(), db: NewHistogram(),
	}
}

// SetObjective moves the edge of all histograms; seconds.
func (m *Meter) SetObjective(seconds float64) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.objective = seconds
	for _, histogram := range []*Histogram{m.request, m.queue, m.work, m.db} {
		histogram.SetObjective(seconds)
	}
}

// integrate brings both integrals up to now; to be called under the lock, before either number changes.
func (m *Meter) integrate() {
	now := time.Now()
	elapsed := now.Sub(m.integratedAt).Seconds()
	m.inFlightSeconds += elapsed * float64(m.inFlight)
	m.heldSeconds += elapsed * float64(m.held)
	m.integratedAt = now
}

// Visit is one request on its way.
type Visit struct {
	meter    *Meter
	arrived  time.Time
	pickedUp time.Time
	store    time.Duration
}

// Arrived begins a visit. The request may have reached this machine some time before it was read.
func (m *Meter) Arrived(at time.Time) *Visit {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.integrate()
	m.arrivals++
	m.inFlight++
	m.waiting++
	m.inFlightSeconds += m.integratedAt.Sub(at).Seconds()
	return &Visit{meter: m, arrived: at}
}

// PickedUp: the request has its place in the pool.
func (v *Visit) PickedUp() {
	v.pickedUp = time.Now()
	v.meter.mutex.Lock()
	defer v.meter.mutex.Unlock()
	v.meter.integrate()
	v.meter.waiting--
	v.meter.held++
	v.meter.queue.Observe(v.pickedUp.Sub(v.arrived).Seconds())
}

// StoreWaited adds time spent waiting for the online store.
func (v *Visit) StoreWaited(wait time.Duration) { v.store += wait }

// Worked: the place in the pool is free again.
func (v *Visit) Worked() {
	v.meter.mutex.Lock()
	defer v.meter.mutex.Unlock()
	v.meter.integrate()
	v.meter.held--
	v.meter.work.Observe(time.Since(v.pickedUp).Seconds())
	v.meter.db.Observe(v.store.Seconds())
}

// Answered: the last byte was handed to the kernel. `class` is "2xx" and so on, or "aborted".
func (v *Visit) Answered(class string) {
	v.meter.mutex.Lock()
	defer v.meter.mutex.Unlock()
	v.meter.integrate()
	v.leave()
	v.meter.answered[class]++
	if class == "aborted" {
		return
	}
	latency := time.Since(v.arrived).Seconds()
	v.meter.request.Observe(latency)
	if latency > v.meter.objective {
		v.meter.overObjective++
	}
}

// leave: the request is no longer in flight; to be called under the lock.
func (v *Visit) leave() {
	v.meter.inFlight--
	if v.pickedUp.IsZero() {
		v.meter.waiting--
	}
}

// Shed: the request was turned away.
func (v *Visit) Shed(reason string) {
	v.meter.mutex.Lock()
	defer v.meter.mutex.Unlock()
	v.meter.integrate()
	v.leave()
	v.meter.shed[reason]++
}

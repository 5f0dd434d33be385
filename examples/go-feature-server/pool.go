package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
)

// PoolConfig is the content of the pool configuration file, and what PUT /pool changes.
type PoolConfig struct {
	Threads     int     `json:"threads"`
	Processes   int     `json:"processes"`
	Generation  int64   `json:"generation"`
	ObjectiveMs float64 `json:"objectiveMs"`
}

// Range is a pair of inclusive bounds.
type Range struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// Limits are the sizes that a pool may be set to.
type Limits struct {
	Threads   Range `json:"threads"`
	Processes Range `json:"processes"`
}

// Limits of this server: more cores than the machine has would change nothing.
func (s *Settings) Limits() Limits {
	return Limits{Threads: Range{1, s.ThreadsMax}, Processes: Range{1, runtime.NumCPU()}}
}

// Refuse says what is outside the limits; empty when nothing is.
func (l Limits) Refuse(c PoolConfig) string {
	switch {
	case c.Threads < l.Threads.Min || c.Threads > l.Threads.Max:
		return fmt.Sprintf("threads %d is outside %d to %d", c.Threads, l.Threads.Min, l.Threads.Max)
	case c.Processes < l.Processes.Min || c.Processes > l.Processes.Max:
		return fmt.Sprintf("processes %d is outside %d to %d", c.Processes, l.Processes.Min, l.Processes.Max)
	case !(c.ObjectiveMs > 0):
		return fmt.Sprintf("objectiveMs %v is not above 0", c.ObjectiveMs)
	}
	return ""
}

// ReadPoolConfig reads the file that the operator mounts. A pod of unknown size would be worse than none, so every mistake is an error.
func ReadPoolConfig(path string) (PoolConfig, error) {
	var config struct {
		Threads, Processes *int
		Generation         *int64
		ObjectiveMs        *float64
	}
	content, err := readFile(path)
	if err != nil {
		return PoolConfig{}, err
	}
	if err := json.Unmarshal(content, &config); err != nil {
		return PoolConfig{}, fmt.Errorf("pool configuration %s is not valid: %w", path, err)
	}
	if config.Threads == nil || config.Processes == nil || config.Generation == nil || config.ObjectiveMs == nil {
		return PoolConfig{}, fmt.Errorf(`pool configuration %s must hold {"threads", "processes", "generation", "objectiveMs"}`, path)
	}
	return PoolConfig{*config.Threads, *config.Processes, *config.Generation, *config.ObjectiveMs}, nil
}

// PoolChange is the body of PUT /pool.
type PoolChange struct {
	Generation  *int64   `json:"generation"`
	Threads     *int     `json:"threads"`
	Processes   *int     `json:"processes"`
	ObjectiveMs *float64 `json:"objectiveMs"`
}

// ParseChange reads the body of PUT /pool; the status tells a wrong shape (422) from what is no JSON (400).
func ParseChange(body []byte) (change PoolChange, status int, err error) {
	if !json.Valid(body) {
		return change, 400, fmt.Errorf("the body is not JSON")
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&change); err != nil {
		return change, 422, fmt.Errorf("the body has the wrong shape: %w", err)
	}
	if change.Generation == nil || *change.Generation < 0 {
		return change, 422, fmt.Errorf("generation is missing or negative")
	}
	return change, 200, nil
}

// Pool is the configuration in force. The two knobs are the limiter's size and GOMAXPROCS.
type Pool struct {
	mutex   sync.Mutex
	config  PoolConfig
	limits  Limits
	queue   func(inFlight int) int
	limiter *Limiter
	meter   *Meter
}

// NewPool puts the start configuration in force.
func NewPool(s *Settings, limiter *Limiter, meter *Meter) *Pool {
	queue := func(inFlight int) int { return max(64, int(s.QueueFactor*float64(inFlight))) }
	pool := &Pool{limits: s.Limits(), queue: queue, limiter: limiter, meter: meter}
	pool.apply(s.Start)
	return pool
}

// Config is what was last put in force.
func (p *Pool) Config() PoolConfig {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.config
}

// Change decides on a PUT and puts the new size in force before it returns 200.
func (p *Pool) Change(change PoolChange) (status int, problem string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	next := p.config
	next.Generation = *change.Generation
	override(&next.Threads, change.Threads)
	override(&next.Processes, change.Processes)
	override(&next.ObjectiveMs, change.ObjectiveMs)
	switch {
	case next == p.config:
		return 200, ""
	case next.Generation < p.config.Generation:
		return 409, fmt.Sprintf("generation %d is older than %d, which is in force; nothing was changed", next.Generation, p.config.Generation)
	case next.Generation == p.config.Generation:
		return 409, fmt.Sprintf("generation %d is in force with another size; send a higher generation", next.Generation)
	}
	if outside := p.limits.Refuse(next); outside != "" {
		return 422, outside + "; nothing was changed"
	}
	p.apply(next)
	return 200, ""
}

func (p *Pool) apply(next PoolConfig) {
	p.config = next
	runtime.GOMAXPROCS(next.Processes)
	inFlight := next.Threads * next.Processes
	p.limiter.Resize(inFlight, p.queue(inFlight))
	p.meter.SetObjective(next.ObjectiveMs / 1000)
}

func override[T any](value *T, change *T) {
	if change != nil {
		*value = *change
	}
}

package main

import (
	"runtime"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

const version = "0.1.0"

// Collector shows the meter, the pool and the kernel's figures under the names of the worker-pool protocol.
type Collector struct {
	meter   *Meter
	pool    *Pool
	visible bool
}

// Describe sends nothing: the metrics are made at each scrape.
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends everything, from one moment.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	page := page{out}
	c.collectPool(page)
	c.collectRequests(page)
	collectKernel(page)
}

func (c *Collector) collectPool(page page) {
	config := c.pool.Config()
	visible := "false"
	if c.visible {
		visible = "true"
	}
	page.gauge("worker_pool_info", "what kind of pool this is", 1, prometheus.Labels{
		"runtime": strings.Replace(runtime.Version(), "go", "go ", 1), "model": "processes", "knob": "inflight", "gil": "none",
		"queue_visible": visible, "version": version,
	})
	page.gauge("worker_pool_threads", "requests in flight for each core in use, in force", float64(config.Threads), nil)
	page.gauge("worker_pool_threads_desired", "the same as last asked for", float64(config.Threads), nil)
	page.gauge("worker_pool_processes", "cores in use (GOMAXPROCS)", float64(runtime.GOMAXPROCS(0)), nil)
	page.gauge("worker_pool_generation", "generation of the configuration in force", float64(config.Generation), nil)
}

func (c *Collector) collectRequests(page page) {
	m := c.meter
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.integrate()
	page.counter("worker_pool_arrivals_total", "requests accepted or rejected", float64(m.arrivals), nil)
	for class, count := range m.answered {
		page.counter("worker_pool_requests_total", "answered requests", float64(count), prometheus.Labels{"code": class})
	}
	for reason, count := range m.shed {
		page.counter("worker_pool_rejected_total", "shed requests", float64(count), prometheus.Labels{"reason": reason})
	}
	page.counter("worker_pool_over_objective_total", "answered later than the objective", float64(m.overObjective), nil)
	page.counter("worker_pool_busy_thread_seconds_total", "integral of the places held", m.heldSeconds, nil)
	page.counter("worker_pool_inflight_seconds_total", "integral of the requests accepted and not yet answered", m.inFlightSeconds, nil)
	page.gauge("worker_pool_inflight", "requests accepted and not yet answered", float64(m.inFlight), nil)
	page.gauge("worker_pool_queue_depth", "requests that wait for a place", float64(m.waiting), nil)
	page.histogram("worker_pool_request_seconds", "accept to last byte handed to the kernel", m.request)
	page.histogram("worker_pool_queue_seconds", "accept to a place in the pool", m.queue)
	page.histogram("worker_pool_service_seconds", "place in the pool to work done", m.work)
	page.histogram("worker_pool_store_seconds", "time of a request waiting for the online store", m.db)
}

type page struct{ out chan<- prometheus.Metric }

func (p page) gauge(name, help string, value float64, labels prometheus.Labels) {
	p.out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, labels), prometheus.GaugeValue, value)
}

func (p page) counter(name, help string, value float64, labels prometheus.Labels) {
	p.out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, labels), prometheus.CounterValue, value)
}

func (p page) histogram(name, help string, h *Histogram) {
	p.out <- prometheus.MustNewConstHistogram(prometheus.NewDesc(name, help, nil, nil), h.count, h.sum, h.Buckets())
}

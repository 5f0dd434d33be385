package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// collectKernel shows what the kernel tells about CPU; what it does not tell is absent.
func collectKernel(page page) {
	if seconds, ok := cpuSeconds(); ok {
		// One operating-system process, however many cores it may use.
		page.counter("worker_pool_process_cpu_seconds_total", "CPU of each serving process, by slot", seconds, map[string]string{"process": "0"})
		page.counter("process_cpu_seconds_total", "CPU of all processes of the pod", seconds, nil)
	}
	if seconds, ok := runQueue.read("/proc/self/task"); ok {
		page.counter("worker_pool_runqueue_wait_seconds_total", "waits for a core", seconds, nil)
	}
	for _, path := range []string{"/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat", "/sys/fs/cgroup/cpu,cpuacct/cpu.stat"} {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if stat, ok := ParseCPUStat(content); ok {
			page.counter("container_cpu_periods_total", "quota periods", stat.Periods, nil)
			page.counter("container_cpu_throttled_periods_total", "quota periods with throttling", stat.Throttled, nil)
			page.counter("container_cpu_throttled_seconds_total", "time throttled", stat.ThrottledSeconds, nil)
			return
		}
	}
}

func cpuSeconds() (float64, bool) {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0, false
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime), true
}

// CPUStat is what a cgroup's cpu.stat says of its quota.
type CPUStat struct{ Periods, Throttled, ThrottledSeconds float64 }

// ParseCPUStat reads cpu.stat of version 2 (throttled_usec) or 1 (throttled_time, nanoseconds).
func ParseCPUStat(content []byte) (CPUStat, bool) {
	fields := map[string]float64{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			fields[name] = value
		}
	}
	periods, hasPeriods := fields["nr_periods"]
	throttled, hasThrottled := fields["nr_throttled"]
	micros, hasTime := fields["throttled_usec"]
	if nanos, ok := fields["throttled_time"]; ok && !hasTime {
		micros, hasTime = nanos/1000, true
	}
	return CPUStat{periods, throttled, micros / 1e6}, hasPeriods && hasThrottled && hasTime
}

// runQueueWaits sums over threads that come and go, so that the sum never falls.
type runQueueWaits struct {
	mutex sync.Mutex
	last  map[string]float64
	total float64
}

var runQueue runQueueWaits

func (r *runQueueWaits) read(tasks string) (seconds float64, ok bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	paths, _ := filepath.Glob(tasks + "/*/schedstat")
	seen := make(map[string]float64, len(paths))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		words := strings.Fields(string(content))
		if err != nil || len(words) < 2 {
			continue
		}
		waited, err := strconv.ParseFloat(words[1], 64) // nanoseconds on a run queue
		if err != nil {
			continue
		}
		r.total += max(0, waited-r.last[path])
		seen[path] = waited
		ok = true
	}
	r.last = seen
	return r.total / 1e9, ok
}

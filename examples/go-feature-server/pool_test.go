package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func newTestPool(t *testing.T) *Pool {
	t.Helper()
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	settings := &Settings{ThreadsMax: 64, QueueFactor: 8, Start: PoolConfig{Threads: 8, Processes: 1, Generation: 4, ObjectiveMs: 30}}
	return NewPool(settings, &Limiter{}, NewMeter())
}

func TestWhatAPutMeans(t *testing.T) {
	for _, row := range []struct {
		name, body string
		status     int
		threads    int
	}{
		{"a higher generation is put in force", `{"generation": 5, "threads": 6}`, 200, 6},
		{"a repeated request is answered alike", `{"generation": 4, "threads": 8}`, 200, 8},
		{"only what is named changes", `{"generation": 5, "objectiveMs": 40}`, 200, 8},
		{"the same generation with another size", `{"generation": 4, "threads": 6}`, 409, 8},
		{"a lower generation, even with the same size", `{"generation": 3}`, 409, 8},
		{"outside the limits", `{"generation": 5, "threads": 65}`, 422, 8},
		{"no threads at all", `{"generation": 5, "threads": 0}`, 422, 8},
		{"an objective of zero", `{"generation": 5, "objectiveMs": 0}`, 422, 8},
		{"no generation", `{"threads": 6}`, 422, 8},
		{"a text for a number", `{"generation": 5, "threads": "6"}`, 422, 8},
		{"a fraction", `{"generation": 5, "threads": 6.5}`, 422, 8},
		{"no JSON", `threads=6`, 400, 8},
	} {
		t.Run(row.name, func(t *testing.T) {
			pool := newTestPool(t)
			change, status, err := ParseChange([]byte(row.body))
			if err == nil {
				status, _ = pool.Change(change)
			}
			if status != row.status || pool.Config().Threads != row.threads {
				t.Errorf("status %d and %d threads, want %d and %d", status, pool.Config().Threads, row.status, row.threads)
			}
		})
	}
}

func TestConfigurationFiles(t *testing.T) {
	for name, row := range map[string]struct {
		content string
		ok      bool
	}{
		"whole":                {`{"threads": 6, "processes": 1, "generation": 9, "objectiveMs": 30}`, true},
		"a field is missing":   {`{"threads": 6, "processes": 1, "generation": 9}`, false},
		"cut in half":          {`{"threads": 6, "proc`, false},
		"empty":                {``, false},
		"a number is a text":   {`{"threads": "6", "processes": 1, "generation": 9, "objectiveMs": 30}`, false},
		"more threads than 64": {`{"threads": 65, "processes": 1, "generation": 9, "objectiveMs": 30}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pool.json")
			if err := os.WriteFile(file, []byte(row.content), 0o600); err != nil {
				t.Fatal(err)
			}
			settings, err := ReadSettings([]string{"-config", file, "-threads-max", "64"}, func(string) string { return "" })
			if (err == nil) != row.ok {
				t.Fatalf("error %v", err)
			}
			if row.ok && settings.Start.Threads != 6 {
				t.Errorf("%d threads: the file must win over the flags", settings.Start.Threads)
			}
		})
	}
}

func TestParseCPUStat(t *testing.T) {
	for name, row := range map[string]struct {
		content string
		want    CPUStat
		ok      bool
	}{
		"version 2":    {"usage_usec 5\nnr_periods 60\nnr_throttled 44\nthrottled_usec 2200000\n", CPUStat{60, 44, 2.2}, true},
		"version 1":    {"nr_periods 60\nnr_throttled 44\nthrottled_time 2200000000\n", CPUStat{60, 44, 2.2}, true},
		"no quota":     {"usage_usec 5\nuser_usec 3\n", CPUStat{}, false},
		"garbage":      {"\x00\xff nr_periods x\nnr_periods\n", CPUStat{}, false},
		"cut in half":  {"nr_periods 60\nnr_thro", CPUStat{}, false},
		"nothing read": {"", CPUStat{}, false},
	} {
		got, ok := ParseCPUStat([]byte(row.content))
		if ok != row.ok || (ok && got != row.want) {
			t.Errorf("%s: %v %v, want %v %v", name, got, ok, row.want, row.ok)
		}
	}
}

package main

import (
	"math"
	"sort"
	"strconv"
)

// fixedEdges run from 1 ms to 2 s at a ratio of 1.243, in seconds.
var fixedEdges = func() []float64 {
	const steps = 35
	edges := make([]float64, steps+1)
	for step := range edges {
		edge, _ := strconv.ParseFloat(strconv.FormatFloat(0.001*math.Pow(2000, float64(step)/steps), 'g', 4, 64), 64)
		edges[step] = edge
	}
	return edges
}()

// Histogram has one more edge exactly at the objective. Not safe for concurrent use: the Meter's lock guards it.
type Histogram struct {
	edges  []float64
	counts []uint64
	// The objective's own count comes first; those of earlier ones go on, since an objective may come back and no count may fall.
	objectives []objectiveCount
	sum        float64
	count      uint64
}

type objectiveCount struct {
	seconds float64
	within  uint64
}

const keptObjectives = 16

// NewHistogram is empty.
func NewHistogram() *Histogram {
	return &Histogram{edges: fixedEdges, counts: make([]uint64, len(fixedEdges)+1)}
}

// SetObjective moves the one edge, seconds. A new one begins with what the other edges are sure of.
func (h *Histogram) SetObjective(seconds float64) {
	told := objectiveCount{seconds: seconds}
	for i, edge := range h.edges {
		if edge <= seconds {
			told.within += h.counts[i]
		}
	}
	others := make([]objectiveCount, 0, keptObjectives)
	for _, earlier := range h.objectives {
		if earlier.seconds == seconds {
			told = earlier
		} else if len(others) < keptObjectives-1 {
			others = append(others, earlier)
		}
	}
	h.objectives = append([]objectiveCount{told}, others...)
}

// Observe adds one duration, seconds.
func (h *Histogram) Observe(seconds float64) {
	h.counts[sort.SearchFloat64s(h.edges, seconds)]++
	for i := range h.objectives {
		if seconds <= h.objectives[i].seconds {
			h.objectives[i].within++
		}
	}
	h.sum += seconds
	h.count++
}

// Buckets are cumulative counts by edge, as the Prometheus client wants them.
func (h *Histogram) Buckets() map[float64]uint64 {
	buckets := make(map[float64]uint64, len(h.edges)+1)
	cumulative := uint64(0)
	for i, edge := range h.edges {
		cumulative += h.counts[i]
		buckets[edge] = cumulative
	}
	if len(h.objectives) > 0 {
		buckets[h.objectives[0].seconds] = h.objectives[0].within
	}
	return buckets
}

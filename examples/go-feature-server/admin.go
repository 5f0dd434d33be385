package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const maxAdminBody = 16 << 10

// Admin is the admin port: metrics, pool, health.
type Admin struct {
	pool      *Pool
	store     *Store
	serving   *Serving
	collector *Collector
	tokenFile string
}

// Handler has the protocol's routes.
func (a *Admin) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(a.collector)
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	routes.HandleFunc("GET /pool", func(out http.ResponseWriter, _ *http.Request) { a.show(out) })
	routes.HandleFunc("PUT /pool", a.change)
	routes.HandleFunc("GET /healthz", func(out http.ResponseWriter, _ *http.Request) {
		reply(out, http.StatusOK, map[string]string{"status": "live"})
	})
	routes.HandleFunc("GET /readyz", a.ready)
	return routes
}

func (a *Admin) ready(out http.ResponseWriter, _ *http.Request) {
	switch problem := a.store.Problem(); {
	case a.serving.stopping.Load():
		reply(out, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": "the server is stopping"})
	case !a.store.reached.Load():
		reply(out, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": orDefault(problem, "the online store has not been reached yet")})
	case problem != "":
		// A shared store's failure must not empty the Service.
		reply(out, http.StatusOK, map[string]string{"status": "degraded", "reason": problem})
	default:
		reply(out, http.StatusOK, map[string]string{"status": "ready"})
	}
}

// State is the answer of GET /pool.
type State struct {
	PoolConfig
	Limits Limits          `json:"limits"`
	Live   map[string]bool `json:"live"`
	Model  string          `json:"model"`
	Knob   string          `json:"knob"`
	GIL    string          `json:"gil"`
}

func (a *Admin) show(out http.ResponseWriter) {
	live := map[string]bool{"threads": true, "processes": true}
	reply(out, http.StatusOK, State{a.pool.Config(), a.pool.limits, live, "processes", "inflight", "none"})
}

func (a *Admin) change(out http.ResponseWriter, in *http.Request) {
	if !mayChange(in.Header.Get("Authorization"), a.tokenFile) {
		out.Header().Set("WWW-Authenticate", "Bearer")
		refuse(out, http.StatusUnauthorized, a.whyNot())
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(out, in.Body, maxAdminBody))
	if err != nil {
		refuse(out, http.StatusRequestEntityTooLarge, "the body cannot be read or is larger than 16 KiB")
		return
	}
	change, status, err := ParseChange(body)
	if err != nil {
		refuse(out, status, err.Error())
		return
	}
	if status, problem := a.pool.Change(change); status != http.StatusOK {
		refuse(out, status, problem)
		return
	}
	a.show(out)
}

// whyNot tells a wrong token from one that nobody could know.
func (a *Admin) whyNot() string {
	if a.tokenFile == "" {
		return "no token file is configured: the pool cannot be changed"
	}
	if content, err := os.ReadFile(a.tokenFile); err != nil || strings.TrimSpace(string(content)) == "" {
		return "the token file " + a.tokenFile + " is missing, unreadable or empty: the pool cannot be changed"
	}
	return "the bearer token is missing or wrong"
}

// mayChange compares in constant time; the file is read each time, so that a rotated token counts at once.
func mayChange(header, file string) bool {
	scheme, given, _ := strings.Cut(header, " ")
	content, err := os.ReadFile(file)
	expected := strings.TrimSpace(string(content))
	if err != nil || expected == "" || !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	wanted, got := sha256.Sum256([]byte(expected)), sha256.Sum256([]byte(strings.TrimSpace(given)))
	return subtle.ConstantTimeCompare(wanted[:], got[:]) == 1
}

func refuse(out http.ResponseWriter, status int, message string) {
	reply(out, status, map[string]string{"error": message})
}

func reply(out http.ResponseWriter, status int, content any) {
	body, err := json.Marshal(content)
	if err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	_, _ = out.Write(body)
}

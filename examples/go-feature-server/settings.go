package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Settings are the flags and the environment of the worker-pool protocol; a flag wins.
type Settings struct {
	Store       string
	Project     string
	Host        string
	Port        int
	AdminPort   int
	ConfigFile  string
	TokenFile   string
	Start       PoolConfig
	ThreadsMax  int
	QueueFactor float64
	MaxBody     int64

	StoreTimeout     time.Duration
	MaxConnectionAge time.Duration
	DrainGrace       time.Duration
	TerminationGrace time.Duration
}

// ReadSettings reads the command line and the environment.
func ReadSettings(args []string, env func(string) string) (Settings, error) {
	var s Settings
	flags := flag.NewFlagSet("go-feature-server", flag.ContinueOnError)
	text := func(into *string, name, variable, fallback, help string) {
		flags.StringVar(into, name, orDefault(env(variable), fallback), help)
	}
	text(&s.Store, "store", "FEATURES_STORE", "redis://127.0.0.1:6379", "redis:// or rediss:// URL of the online store")
	text(&s.Project, "project", "FEATURES_PROJECT", "plateau", "Feast project that the features were written under")
	text(&s.Host, "host", "WORKER_POOL_HOST", "0.0.0.0", "address to listen on, both ports")
	text(&s.ConfigFile, "config", "WORKER_POOL_CONFIG", "", "pool configuration file (JSON), read before readiness")
	text(&s.TokenFile, "token-file", "WORKER_POOL_TOKEN_FILE", "", "file with the token that PUT /pool needs")
	port, portErr := number(env, "WORKER_POOL_SERVING_PORT", 6566)
	admin, adminErr := number(env, "WORKER_POOL_ADMIN_PORT", 9100)
	flags.IntVar(&s.Port, "port", port, "serving port")
	flags.IntVar(&s.AdminPort, "admin-port", admin, "port of metrics, health and pool")
	flags.IntVar(&s.Start.Threads, "threads", 32, "requests in flight for each core in use, when no configuration file says it")
	flags.IntVar(&s.Start.Processes, "processes", 1, "cores in use (GOMAXPROCS), when no configuration file says it")
	objective := flags.Duration("objective", 100*time.Millisecond, "p95 objective, when no configuration file says it")
	flags.IntVar(&s.ThreadsMax, "threads-max", 1024, "largest size that PUT /pool may ask for")
	flags.Float64Var(&s.QueueFactor, "queue-factor", 8, "requests that may wait, for each that is in flight (at least 64 in all)")
	flags.Int64Var(&s.MaxBody, "max-body", 8<<20, "largest request body, bytes")
	flags.DurationVar(&s.StoreTimeout, "store-timeout", 500*time.Millisecond, "longest wait for the store")
	flags.DurationVar(&s.MaxConnectionAge, "max-connection-age", time.Minute, "age at which a connection is closed with its next answer, give or take 10 %")
	flags.DurationVar(&s.DrainGrace, "drain-grace", 5*time.Second, "how long connections are accepted after SIGTERM")
	flags.DurationVar(&s.TerminationGrace, "termination-grace", 30*time.Second, "the pod's grace period; the server is gone before")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	s.Start.ObjectiveMs = float64(*objective) / float64(time.Millisecond)
	return s, errors.Join(portErr, adminErr, s.complete())
}

// complete lets the configuration file win over the flags, and checks what is then to be used.
func (s *Settings) complete() error {
	if s.ConfigFile != "" {
		config, err := ReadPoolConfig(s.ConfigFile)
		if err != nil {
			return err
		}
		s.Start = config
	}
	if problem := s.Limits().Refuse(s.Start); problem != "" {
		return fmt.Errorf("the pool cannot start with this size: %s", problem)
	}
	return nil
}

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func number(env func(string) string, variable string, fallback int) (int, error) {
	value := env(variable)
	if value == "" {
		return fallback, nil
	}
	parsed, err := strconv.Atoi(value)
	if err != nil || parsed < 1 || parsed > 65535 {
		return fallback, fmt.Errorf("%s is %q; it must be a port from 1 to 65535", variable, value)
	}
	return parsed, nil
}

func readFile(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return content, nil
}

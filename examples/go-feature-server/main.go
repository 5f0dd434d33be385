// Command go-feature-server answers Feast's wire format from Redis and speaks the worker-pool protocol, written from the
// protocol's page alone. Its pool is an in-flight limit, and GOMAXPROCS for the cores in use.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	settings, err := ReadSettings(os.Args[1:], os.Getenv)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(settings)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-feature-server:", err)
		os.Exit(1)
	}
}

func run(settings Settings) error {
	store, err := OpenStore(&settings)
	if err != nil {
		return err
	}
	limiter, meter := &Limiter{}, NewMeter()
	pool := NewPool(&settings, limiter, meter)
	serving := &Serving{limiter: limiter, meter: meter, store: store, maxBody: settings.MaxBody, bodies: NewBodyRoom(8 * settings.MaxBody), patience: time.Minute}
	admin := &Admin{pool: pool, store: store, serving: serving, collector: &Collector{meter, pool, true}, tokenFile: settings.TokenFile}

	servingServer := &http.Server{
		Handler: serving.Handler(), ConnContext: rememberConnection(settings.MaxConnectionAge),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 65 * time.Second,
	}
	adminServer := &http.Server{Handler: admin.Handler(), ReadTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	for server, port := range map[*http.Server]int{servingServer: settings.Port, adminServer: settings.AdminPort} {
		if err := listen(server, settings.Host, port, failed); err != nil {
			return err
		}
	}
	stopped, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer forget()
	go store.Watch(context.Background())
	slog.Info("serving", "port", settings.Port, "adminPort", settings.AdminPort, "threads", settings.Start.Threads, "processes", settings.Start.Processes)
	select {
	case err := <-failed:
		return err
	case <-stopped.Done():
		return drain(settings, serving, servingServer, forget)
	}
}

func listen(server *http.Server, host string, port int, failed chan<- error) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("port %d cannot be listened on; choose another with --port or --admin-port: %w", port, err)
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return nil
}

// drain: unready at once, connections are accepted for the grace and closed with their answer, then what is in flight is finished.
func drain(settings Settings, serving *Serving, server *http.Server, forget func()) error {
	forget() // a second signal ends the process at once
	serving.stopping.Store(true)
	accepting, finishing := shareOut(settings.DrainGrace, settings.TerminationGrace)
	time.Sleep(accepting)
	ctx, cancel := context.WithTimeout(context.Background(), finishing)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		slog.Warn("requests were still in flight at the end of the termination grace", "error", err)
		return server.Close()
	}
	return nil
}

// shareOut: how long connections are accepted, and how long what is in flight may take then. The server is gone a second before
// the grace is over, or a quarter of a short one; what was accepted has at least half of that time.
func shareOut(drain, termination time.Duration) (accepting, finishing time.Duration) {
	end := termination - min(time.Second, termination/4)
	accepting = min(drain, end/2)
	return accepting, end - accepting
}

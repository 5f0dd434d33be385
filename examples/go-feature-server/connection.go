package main

import (
	"context"
	"math/rand/v2"
	"net"
	"time"
)

// connection is what is known of a client's connection from its accept on.
type connection struct {
	net.Conn
	accepted  time.Time
	expiresAt time.Time
	first     bool
}

type connectionKey struct{}

// rememberConnection is the server's ConnContext.
func rememberConnection(maxAge time.Duration) func(context.Context, net.Conn) context.Context {
	return func(ctx context.Context, conn net.Conn) context.Context {
		now := time.Now()
		age := time.Duration(float64(maxAge) * (0.9 + 0.2*rand.Float64()))
		return context.WithValue(ctx, connectionKey{}, &connection{Conn: conn, accepted: now, expiresAt: now.Add(age), first: true})
	}
}

// arrival is when the request that was just read reached this machine. When all cores are taken, a goroutine reads late;
// the kernel remembers when the last data came.
func (c *connection) arrival() time.Time {
	now := time.Now()
	if waited := sinceLastData(c.Conn); waited > coarse {
		return now.Add(-waited)
	}
	return now
}

// coarse is the kernel's unit for that time: shorter waits cannot be told from none.
const coarse = 4 * time.Millisecond

func (c *connection) expired() bool { return time.Now().After(c.expiresAt) }

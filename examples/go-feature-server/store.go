package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Store reads Feast's Redis layout.
type Store struct {
	client  *redis.Client
	project string
	timeout time.Duration
	reached atomic.Bool
	problem atomic.Pointer[string]
	refusal atomic.Pointer[string] // what reads are refused with while a ping is answered
}

// ErrWrongType: under the key of an entity lies something else than its features.
var ErrWrongType = errors.New("the key of an entity is no hash: something else than a feature store wrote it")

// ErrUnavailable: the store did not answer in time, or not sensibly.
var ErrUnavailable = errors.New("the online store is not available; try again")

// OpenStore connects lazily; Watch tells whether the store is there.
func OpenStore(s *Settings) (*Store, error) {
	options, err := redis.ParseURL(s.Store)
	if err != nil {
		return nil, fmt.Errorf("--store must be a redis:// URL: %w", withoutURL(err))
	}
	options.ContextTimeoutEnabled = true // without it a request waits for the socket's timeout and not for its own
	options.ReadTimeout, options.WriteTimeout, options.DialTimeout = s.StoreTimeout, s.StoreTimeout, s.StoreTimeout
	options.PoolSize = 64
	options.PoolTimeout = s.StoreTimeout
	options.MaxRetries = 1
	return &Store{client: redis.NewClient(options), project: s.Project, timeout: s.StoreTimeout}, nil
}

// withoutURL keeps a password in a URL out of the message.
func withoutURL(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return errors.New("it cannot be parsed")
}

// Watch asks the store twice a second until the context ends.
func (s *Store) Watch(ctx context.Context) {
	for ticker := time.NewTicker(500 * time.Millisecond); ; {
		s.note(s.ping(ctx))
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
		}
	}
}

func (s *Store) ping(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.client.Ping(bounded).Err()
}

func (s *Store) note(err error) {
	if err == nil {
		s.reached.Store(true)
		s.problem.Store(nil)
		return
	}
	text := "the online store cannot be reached: " + err.Error()
	s.problem.Store(&text)
}

// Problem is why the store cannot be read now; empty while it is well.
func (s *Store) Problem() string {
	for _, text := range []*string{s.problem.Load(), s.refusal.Load()} {
		if text != nil {
			return *text
		}
	}
	return ""
}

// refused tells a key of another kind, which no later try mends, from a store that cannot be read; what Redis said of that goes to /readyz.
func (s *Store) refused(err error) error {
	var reply redis.Error
	if errors.As(err, &reply) {
		if strings.HasPrefix(reply.Error(), "WRONGTYPE") {
			return ErrWrongType
		}
		text := "the online store refuses reads: " + reply.Error()
		s.refusal.Store(&text)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// ViewRows are the raw cells of one feature view: for each entity the features in the order asked for, then the timestamp.
type ViewRows [][]any

// Read fetches all views of all entities with one pipeline.
func (s *Store) Read(ctx context.Context, views []ViewFeatures, keys [][]byte) ([]ViewRows, error) {
	bounded, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	pipeline := s.client.Pipeline()
	commands := make([]*redis.SliceCmd, 0, len(views)*len(keys))
	for _, view := range views {
		for _, key := range keys {
			commands = append(commands, pipeline.HMGet(bounded, string(key)+s.project, view.Fields...))
		}
	}
	if len(commands) > 0 {
		if _, err := pipeline.Exec(bounded); err != nil {
			return nil, s.refused(err)
		}
	}
	s.refusal.Store(nil)
	found := make([]ViewRows, len(views))
	for i := range views {
		found[i] = make(ViewRows, len(keys))
		for j := range keys {
			found[i][j] = commands[i*len(keys)+j].Val()
		}
	}
	return found, nil
}

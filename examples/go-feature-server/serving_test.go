package main

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// newTestServing serves without a store: for requests that do not come so far.
func newTestServing(t *testing.T, readTimeout time.Duration) (*Serving, string) {
	t.Helper()
	serving := &Serving{limiter: &Limiter{}, meter: NewMeter(), maxBody: 1 << 20, bodies: NewBodyRoom(8 << 20), patience: time.Minute}
	serving.limiter.Resize(8, 8)
	server := httptest.NewUnstartedServer(serving.Handler())
	server.Config.ConnContext = rememberConnection(time.Minute)
	server.Config.ReadTimeout = readTimeout
	server.Start()
	t.Cleanup(server.Close)
	return serving, server.Listener.Addr().String()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func (m *Meter) count(counts map[string]uint64, of string) uint64 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return counts[of]
}

// eventually waits for what the server does after the client's last step.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestABodyThatCannotBeReadIsRefused(t *testing.T) {
	for _, row := range []struct {
		name, rest string
		status     int
	}{
		{"chunks that are none", "Transfer-Encoding: chunked\r\n\r\nzz\r\n", http.StatusBadRequest},
		{"half a body that stays so", "Content-Length: 10\r\n\r\n{", http.StatusRequestTimeout},
		{"a large one", "Content-Length: 9999999\r\n\r\n", http.StatusRequestEntityTooLarge},
	} {
		t.Run(row.name, func(t *testing.T) {
			serving, address := newTestServing(t, 300*time.Millisecond)
			conn := dial(t, address)
			send(t, conn, "POST /get-online-features HTTP/1.1\r\nHost: it\r\n"+row.rest)
			if row.status == http.StatusRequestEntityTooLarge {
				send(t, conn, string(make([]byte, 1<<20+1)))
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != row.status || answer.ContentLength < 10 || !answer.Close {
				t.Errorf("status %d, %d bytes, close %v", answer.StatusCode, answer.ContentLength, answer.Close)
			}
			eventually(t, "it is counted", func() bool { return serving.meter.count(serving.meter.answered, "4xx") == 1 })
		})
	}
}

func TestAClientThatGoesInTheMiddleOfItsBodyIsCountedAsGone(t *testing.T) {
	serving, address := newTestServing(t, time.Minute)
	conn := dial(t, address)
	send(t, conn, "POST /get-online-features HTTP/1.1\r\nHost: it\r\nContent-Length: 10\r\n\r\n{")
	_ = conn.Close()
	eventually(t, "it is counted", func() bool { return serving.meter.count(serving.meter.answered, "aborted") == 1 })
}

func TestAClientThatDoesNotReadIsGivenUp(t *testing.T) {
	serving := &Serving{limiter: &Limiter{}, meter: NewMeter(), patience: 200 * time.Millisecond}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		visit := serving.meter.Arrived(time.Now())
		visit.PickedUp()
		visit.Worked()
		serving.finish(out, in, visit, http.StatusOK, make([]byte, 64<<20)) // more than both kernels' buffers take
	}))
	server.Config.ConnContext = rememberConnection(time.Minute)
	server.Start()
	t.Cleanup(server.Close)
	conn := dial(t, server.Listener.Addr().String())
	send(t, conn, "GET / HTTP/1.1\r\nHost: it\r\n\r\n")
	eventually(t, "it is counted as gone", func() bool { return serving.meter.count(serving.meter.answered, "aborted") == 1 })
}

func TestOnlyWhatHasNoPlaceYetIsInTheQueue(t *testing.T) {
	meter := NewMeter()
	depth := func(step string, want int) {
		t.Helper()
		if meter.waiting != want {
			t.Errorf("%s: %d wait, want %d", step, meter.waiting, want)
		}
	}
	first, second, third := meter.Arrived(time.Now()), meter.Arrived(time.Now()), meter.Arrived(time.Now())
	depth("three have come", 3)
	first.PickedUp()
	depth("one is worked on", 2)
	first.Worked()
	depth("its answer is written", 2)
	first.Answered("2xx")
	second.Shed("queue_full")
	third.Answered("aborted")
	depth("all have gone", 0)
}

func TestBodiesHaveABoundTogether(t *testing.T) {
	serving, address := newTestServing(t, time.Minute)
	serving.bodies = NewBodyRoom(1000)
	post := func(body string) (int, string) {
		t.Helper()
		answer, err := http.Post("http://"+address+"/get-online-features", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode, answer.Header.Get("Retry-After")
	}
	half := dial(t, address)
	send(t, half, "POST /get-online-features HTTP/1.1\r\nHost: it\r\nContent-Length: 600\r\n\r\n"+strings.Repeat(" ", 599))
	eventually(t, "it is held", func() bool { return serving.bodies.left.Load() == 401 })
	if status, after := post(strings.Repeat(" ", 500)); status != http.StatusServiceUnavailable || after != "1" {
		t.Errorf("a body without room: status %d, Retry-After %q", status, after)
	}
	if status, _ := post("[]"); status != http.StatusUnprocessableEntity {
		t.Errorf("a small body: status %d", status)
	}
	send(t, half, " ")
	eventually(t, "all room is given back", func() bool { return serving.bodies.left.Load() == 1000 })
	if shed := serving.meter.count(serving.meter.shed, "body_memory"); shed != 1 {
		t.Errorf("%d were shed", shed)
	}
}

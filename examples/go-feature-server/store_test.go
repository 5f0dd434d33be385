package main

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// answeringRedis says the same to every command but the greeting.
func answeringRedis(t *testing.T, reply string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				lines := bufio.NewScanner(connection)
				for lines.Scan() {
					switch strings.ToUpper(lines.Text()) {
					case "HELLO", "CLIENT":
						_, _ = connection.Write([]byte("-ERR unknown command\r\n"))
					case "HMGET":
						_, _ = connection.Write([]byte(reply))
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

func TestWhatRedisRefusesIsToldFromWhatIsLost(t *testing.T) {
	cases := []struct {
		name, reply string
		want        error
		problem     string
	}{
		{"a key of another kind", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", ErrWrongType, ""},
		{"a user who may not read", "-NOPERM this user has no permissions\r\n", ErrUnavailable, "NOPERM"},
	}
	for _, one := range cases {
		t.Run(one.name, func(t *testing.T) {
			store, err := OpenStore(&Settings{Store: "redis://" + answeringRedis(t, one.reply), Project: "p", StoreTimeout: 10 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			_, err = store.Read(context.Background(), []ViewFeatures{{Fields: []string{"f"}}}, [][]byte{[]byte("k")})
			if !errors.Is(err, one.want) {
				t.Fatalf("got %v, want %v", err, one.want)
			}
			if !strings.Contains(store.Problem(), one.problem) || (one.problem == "") != (store.Problem() == "") {
				t.Fatalf("the problem reads %q", store.Problem())
			}
		})
	}
}

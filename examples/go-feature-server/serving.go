package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// Serving answers on the serving port.
type Serving struct {
	limiter  *Limiter
	meter    *Meter
	store    *Store
	maxBody  int64
	bodies   *BodyRoom
	patience time.Duration // with a client that does not read its answer
	stopping atomic.Bool
}

// Handler has Feast's two routes.
func (s *Serving) Handler() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /health", func(out http.ResponseWriter, in *http.Request) { s.send(out, in, http.StatusOK, nil) })
	routes.HandleFunc("POST /get-online-features", s.features)
	return routes
}

func (s *Serving) features(out http.ResponseWriter, in *http.Request) {
	visit := s.meter.Arrived(connectionOf(in).arrival())
	reading := &heldBody{Reader: http.MaxBytesReader(out, in.Body, s.maxBody), room: s.bodies}
	defer reading.giveBack()
	body, err := io.ReadAll(reading)
	if errors.Is(err, errNoRoom) {
		out.Header().Set("Connection", "close") // with what is left of the body
		s.shed(out, in, visit, "body_memory", err)
		return
	}
	if err != nil {
		s.refuseBody(out, in, visit, err)
		return
	}
	if err := s.limiter.Acquire(in.Context()); err != nil {
		s.turnAway(out, in, visit, err)
		return
	}
	status, answer := s.work(in, visit, body)
	reading.giveBack() // before the answer, which a client may take its time to read
	if status == http.StatusServiceUnavailable {
		out.Header().Set("Retry-After", "1")
	}
	s.finish(out, in, visit, status, answer)
}

// work holds a place in the pool from beginning to end.
func (s *Serving) work(in *http.Request, visit *Visit, body []byte) (status int, answer []byte) {
	defer s.limiter.Release()
	visit.PickedUp()
	defer visit.Worked()
	request, err := ParseRequest(body)
	if err != nil {
		return Detail(http.StatusUnprocessableEntity, err.Error())
	}
	if status, refusal := Unsupported(request); status != 0 {
		return status, refusal
	}
	views, err := GroupByView(request.Features)
	if err != nil {
		return Detail(http.StatusInternalServerError, err.Error())
	}
	keys, err := EntityKeys(request.Entities)
	if err != nil {
		return Detail(http.StatusInternalServerError, err.Error())
	}
	began := time.Now()
	found, err := s.store.Read(in.Context(), views, keys)
	visit.StoreWaited(time.Since(began))
	if errors.Is(err, ErrWrongType) {
		return Detail(http.StatusInternalServerError, err.Error())
	}
	if err != nil {
		return Detail(http.StatusServiceUnavailable, ErrUnavailable.Error())
	}
	return encode(request, views, found)
}

func encode(request Request, views []ViewFeatures, found []ViewRows) (int, []byte) {
	answer, err := BuildAnswer(request, views, found)
	if err != nil {
		return Detail(http.StatusInternalServerError, err.Error())
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		return Detail(http.StatusInternalServerError, err.Error())
	}
	return http.StatusOK, body.Bytes()
}

func (s *Serving) refuseBody(out http.ResponseWriter, in *http.Request, visit *Visit, err error) {
	var tooLarge *http.MaxBytesError
	status, why := http.StatusBadRequest, "the body cannot be read: "+err.Error()
	switch {
	case errors.As(err, &tooLarge):
		status, why = http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes; split the request", tooLarge.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		status, why = http.StatusRequestTimeout, "the body did not arrive in time; send the request again"
	case errors.Is(err, io.ErrUnexpectedEOF), in.Context().Err() != nil:
		visit.Answered("aborted")
		panic(http.ErrAbortHandler) // a handler that only returns answers 200
	}
	out.Header().Set("Connection", "close") // what is left of the body is not looked for the next request
	status, body := Detail(status, why)
	// The context has ended with the time for reading, too: only the write tells whether the client is there.
	visit.Answered(classOf(status, s.send(out, in, status, body)))
}

func (s *Serving) turnAway(out http.ResponseWriter, in *http.Request, visit *Visit, err error) {
	if !errors.Is(err, Full{}) {
		visit.Answered("aborted")
		return
	}
	s.shed(out, in, visit, "queue_full", err)
}

func (s *Serving) shed(out http.ResponseWriter, in *http.Request, visit *Visit, reason string, why error) {
	visit.Shed(reason)
	out.Header().Set("Retry-After", "1")
	status, body := Detail(http.StatusServiceUnavailable, why.Error())
	_ = s.send(out, in, status, body)
}

func (s *Serving) finish(out http.ResponseWriter, in *http.Request, visit *Visit, status int, body []byte) {
	err := s.send(out, in, status, body)
	visit.Answered(classOf(status, errors.Join(err, in.Context().Err())))
}

func classOf(status int, err error) string {
	if err != nil {
		return "aborted"
	}
	return strconv.Itoa(status/100) + "xx"
}

// send writes everything and hands it to the kernel.
func (s *Serving) send(out http.ResponseWriter, in *http.Request, status int, body []byte) error {
	header := out.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if s.stopping.Load() || connectionOf(in).expired() {
		header.Set("Connection", "close")
	}
	controller := http.NewResponseController(out)
	if err := controller.SetWriteDeadline(time.Now().Add(s.patience)); err != nil {
		return err
	}
	defer func() { _ = controller.SetWriteDeadline(time.Time{}) }() // not for the next request on this connection
	out.WriteHeader(status)
	if _, err := out.Write(body); err != nil {
		return err
	}
	return controller.Flush()
}

func connectionOf(in *http.Request) *connection {
	known, _ := in.Context().Value(connectionKey{}).(*connection)
	return known
}

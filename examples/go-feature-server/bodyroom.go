package main

import (
	"errors"
	"io"
	"sync/atomic"
)

// BodyRoom bounds the memory of all bodies that are being read, wait or are worked on; bytes.
type BodyRoom struct{ left atomic.Int64 }

var errNoRoom = errors.New("too many large bodies at once; try again")

// NewBodyRoom has so many bytes.
func NewBodyRoom(bytes int64) *BodyRoom {
	room := &BodyRoom{}
	room.left.Store(bytes)
	return room
}

// heldBody counts what is read of a body, which may be less than it was announced to be.
type heldBody struct {
	io.Reader
	room *BodyRoom
	held int64
}

// Read fails with errNoRoom when there is none.
func (b *heldBody) Read(into []byte) (int, error) {
	read, err := b.Reader.Read(into)
	b.held += int64(read)
	if b.room.left.Add(int64(-read)) < 0 {
		return read, errNoRoom
	}
	return read, err
}

// giveBack gives the room of the whole body back.
func (b *heldBody) giveBack() {
	b.room.left.Add(b.held)
	b.held = 0
}

package main

// What is to go wrong, on request: for the recordings of one room, or for all.

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
)

// faults is the body of POST /faults. Those of a worker act when a recording starts; the others at any time, also on
// a recording that is under way.
type faults struct {
	// Room limits them to the recordings of one room; they then stand in for the general ones.
	Room string `json:"room,omitempty"`
	// NoAnswer: the worker does not bid for requests, as one that has no CPU to spare, or is not there.
	NoAnswer bool `json:"noAnswer,omitempty"`
	// OutOfCapacity: the worker bids and then refuses.
	OutOfCapacity bool `json:"outOfCapacity,omitempty"`
	// StartFailure: the start is accepted and the recording fails with this error at once.
	StartFailure string `json:"startFailure,omitempty"`
	// SessionLimitMs ends a recording that long after its start.
	SessionLimitMs int `json:"sessionLimitMs,omitempty"`
	// InternalError: the start is accepted, the recording fails with this error, and the worker takes no other any more.
	InternalError string `json:"internalError,omitempty"`
	// NoLaunch: the process that would record cannot be started.
	NoLaunch bool `json:"noLaunch,omitempty"`
	// Cut ends a recording for this reason of the worker's own, with participants still publishing.
	Cut string `json:"cut,omitempty"`
	// UploadFailure: nothing is stored at the end, and the recording fails with this reason.
	UploadFailure string `json:"uploadFailure,omitempty"`
	// FinishMs: how long a recording that is told to end goes on ending.
	FinishMs int `json:"finishMs,omitempty"`
}

func (f faults) check() error {
	if f.SessionLimitMs < 0 || f.FinishMs < 0 {
		return errors.New("sessionLimitMs and finishMs must not be negative")
	}
	if f.Cut != "" && !slices.Contains(cuts, f.Cut) {
		return fmt.Errorf("cut must be one of %q", cuts)
	}
	return nil
}

// cpuExhausted is the reason of a worker whose processor is at its limit. The library has no constant for it.
const cpuExhausted = "CPU exhausted"

// cuts are the reasons for which a worker was seen to end a recording by itself.
var cuts = []string{cpuExhausted, livekit.EndReasonKilled, livekit.EndReasonFailure}

// finishTime is how long it takes to finish a file; the real worker was seen to need up to three seconds.
func (f faults) finishTime() time.Duration {
	if f.FinishMs > 0 {
		return time.Duration(f.FinishMs) * time.Millisecond
	}
	return 300 * time.Millisecond
}

func (f faults) sessionLimit() time.Duration {
	return time.Duration(f.SessionLimitMs) * time.Millisecond
}

// faultBook holds the faults that are in force.
type faultBook struct {
	mu     sync.Mutex
	byRoom map[string]faults // "" holds the general ones
}

func newFaultBook() *faultBook {
	return &faultBook{byRoom: map[string]faults{}}
}

// set replaces what was in force for the same room, or in general; no fault at all takes it back.
func (b *faultBook) set(f faults) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f == (faults{Room: f.Room}) {
		delete(b.byRoom, f.Room)
	} else {
		b.byRoom[f.Room] = f
	}
}

func (b *faultBook) of(room string) faults {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f, ok := b.byRoom[room]; ok {
		return f
	}
	return b.byRoom[""]
}

func (b *faultBook) list() []faults {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]faults, 0, len(b.byRoom))
	for _, room := range slices.Sorted(maps.Keys(b.byRoom)) {
		list = append(list, b.byRoom[room])
	}
	return list
}

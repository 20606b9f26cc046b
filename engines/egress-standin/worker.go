package main

// The worker: takes start requests from the server, and tells it what becomes of the recordings.

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
	"google.golang.org/protobuf/proto"
)

type worker struct {
	settings
	store  *store
	faults *faultBook
	io     rpc.IOInfoClient
	server rpc.EgressInternalServer

	mu        sync.Mutex
	draining  bool // takes no other recording, and is as good as gone once its last has ended
	running   map[string]*recording
	forgotten map[string]bool
}

func newWorker(s settings, store *store, faults *faultBook, io rpc.IOInfoClient) *worker {
	return &worker{
		settings: s, store: store, faults: faults, io: io,
		running: map[string]*recording{}, forgotten: map[string]bool{},
	}
}

// StartEgressAffinity is the worker's bid for a request; below zero it does not bid.
func (w *worker) StartEgressAffinity(_ context.Context, req *rpc.StartEgressRequest) float32 {
	if w.isDraining() || w.faults.of(req.GetRoomComposite().GetRoomName()).NoAnswer {
		return -1
	}
	if len(w.list()) == 0 {
		return 0.5 // the server then waits half a second for a better one, as it does with real workers
	}
	return 1
}

// StartEgress answers as soon as the recorder runs, long before it has joined the room.
func (w *worker) StartEgress(ctx context.Context, req *rpc.StartEgressRequest) (*livekit.EgressInfo, error) {
	f := w.faults.of(req.GetRoomComposite().GetRoomName())
	if f.OutOfCapacity {
		return nil, psrpc.NewErrorf(psrpc.Unavailable, "not enough CPU")
	}
	if w.find(req.EgressId) != nil {
		return nil, psrpc.NewErrorf(psrpc.AlreadyExists, "egress already exists")
	}
	p, err := newPlan(req, w.outputDir)
	if err != nil {
		return nil, err
	}
	if _, err := w.io.CreateEgress(ctx, p.info); err != nil {
		return nil, err
	}
	rec, err := w.launch(req, p.info, f)
	if err == nil && f.InternalError != "" {
		w.drain()
	}
	if err != nil {
		w.failed(p.info, err)
		return nil, psrpc.NewErrorf(psrpc.Internal, "recorder does not start: %v", err)
	}
	go w.follow(rec)
	return p.info, nil
}

// follow passes on what a recorder reports, until it has ended.
func (w *worker) follow(rec *recording) {
	tell(rec.started)
	for info := range rec.updates {
		tell(info)
		rec.setStatus(info.Status)
		w.update(info)
	}
	err := rec.cmd.Wait()
	if err != nil {
		w.failed(rec.started, err)
	}
	w.mu.Lock()
	delete(w.running, rec.started.EgressId)
	w.mu.Unlock()
}

func tell(info *livekit.EgressInfo) {
	logger.Info("recording", "egressId", info.EgressId, "room", info.RoomName, "status", info.Status.String(),
		"error", info.Error, "details", info.Details)
}

// failed reports a recorder that died. It can report no more itself, so what is known is what was known at the start.
func (w *worker) failed(started *livekit.EgressInfo, reason error) {
	info := proto.Clone(started).(*livekit.EgressInfo)
	info.UpdateStatus(livekit.EgressStatus_EGRESS_FAILED)
	info.EndedAt = info.UpdatedAt
	info.Error = reason.Error()
	info.ErrorCode = http.StatusInternalServerError
	logger.Warn("recorder died", "egressId", info.EgressId, "room", info.RoomName, "reason", info.Error)
	w.update(info)
}

// update tells the server, and goes on trying for a minute while none is there.
func (w *worker) update(info *livekit.EgressInfo) {
	deadline := time.Now().Add(time.Minute)
	for {
		w.mu.Lock()
		forgotten := w.forgotten[info.EgressId]
		w.mu.Unlock()
		if forgotten {
			return
		}
		_, err := w.io.UpdateEgress(context.Background(), info)
		if err == nil {
			return
		}
		absent := errors.Is(err, psrpc.ErrRequestTimedOut) || errors.Is(err, psrpc.ErrNoResponse)
		if !absent || time.Now().After(deadline) {
			logger.Warn("the server does not take an update", "egressId", info.EgressId, "reason", err.Error())
			return
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// ListActiveEgress lists the recordings of this worker.
func (w *worker) ListActiveEgress(context.Context, *rpc.ListActiveEgressRequest) (*rpc.ListActiveEgressResponse, error) {
	res := &rpc.ListActiveEgressResponse{}
	for _, rec := range w.list() {
		res.EgressIds = append(res.EgressIds, rec.started.EgressId)
	}
	return res, nil
}

// forget removes the server's record of a recording, for good: later updates would bring it back.
func (w *worker) forget(egressID string) (bool, error) {
	w.mu.Lock()
	w.forgotten[egressID] = true
	w.mu.Unlock()
	return w.store.forget(egressID)
}

func (w *worker) drain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.draining = true
}

func (w *worker) isDraining() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.draining
}

func (w *worker) find(egressID string) *recording {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running[egressID]
}

func (w *worker) list() []*recording {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]*recording, 0, len(w.running))
	for _, rec := range w.running {
		list = append(list, rec)
	}
	return list
}

// close ends the recorders with the worker. What they recorded is lost, as is what the server knows of it.
func (w *worker) close() {
	w.server.Kill()
	for _, rec := range w.list() {
		rec.release()
	}
	for patience := 100; patience > 0 && len(w.list()) > 0; patience-- {
		time.Sleep(20 * time.Millisecond)
	}
	for _, rec := range w.list() {
		rec.kill()
	}
}

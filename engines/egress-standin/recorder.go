package main

// The recorder, a process of its own: joins the room, and goes through the states of a recording.

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/livekit/protocol/egress"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// settlingTime passes between the first track and the first frame; the real worker was seen to need up to two seconds.
const settlingTime = 300 * time.Millisecond

type recorder struct {
	*plan
	faults  faults
	reports *json.Encoder

	stops      chan chan *livekit.EgressInfo
	newFaults  chan faults
	over       chan struct{} // closed when nothing changes any more
	endedAt    time.Time     // when it was told to end
	limitTimer <-chan time.Time
	doneTimer  <-chan time.Time // when its files are finished
}

// runRecorder records until the recording has ended, or at once no more when the worker has.
func runRecorder(in io.Reader, out io.Writer) error {
	signal.Ignore(os.Interrupt) // one typed at the worker ends the worker, which ends us
	orders := json.NewDecoder(in)
	var first order
	if err := orders.Decode(&first); err != nil {
		return err
	}
	req := &rpc.StartEgressRequest{}
	if err := protojson.Unmarshal(first.Request, req); err != nil {
		return err
	}
	p, err := newPlan(req, first.OutputDir)
	if err != nil {
		return err
	}
	r := &recorder{
		plan: p, faults: first.Faults, reports: json.NewEncoder(out),
		stops: make(chan chan *livekit.EgressInfo), newFaults: make(chan faults), over: make(chan struct{}),
	}
	bus := connectBus(first.Redis)
	server, err := rpc.NewEgressHandlerServer(r, bus.MessageBus)
	if err != nil {
		return err
	}
	if err := server.RegisterUpdateStreamTopic(req.EgressId); err != nil {
		return err
	}
	if err := server.RegisterStopEgressTopic(req.EgressId); err != nil {
		return err
	}
	if err := bus.subscribed("*StopEgress*" + req.EgressId + "*"); err != nil {
		return err
	}
	if err := r.reports.Encode(report{Ready: true}); err != nil {
		return err
	}
	go r.follow(orders)
	r.record(first.LivekitURL)
	close(r.over)
	server.Shutdown()
	time.Sleep(sendingTime)
	// Without leaving the room: neither does the real one's browser, and the server misses it only after a while.
	return nil
}

// follow takes orders. Their end is the end of the worker.
func (r *recorder) follow(orders *json.Decoder) {
	for {
		var next order
		if err := orders.Decode(&next); err != nil {
			os.Exit(0)
		}
		r.newFaults <- next.Faults
	}
}

func (r *recorder) record(livekitURL string) {
	if r.faults.StartFailure != "" {
		r.fail(r.faults.StartFailure)
		return
	}
	if r.faults.InternalError != "" {
		r.failInternally(r.faults.InternalError)
		return
	}
	token, err := egress.BuildEgressToken(
		r.info.EgressId, os.Getenv("LIVEKIT_API_KEY"), os.Getenv("LIVEKIT_API_SECRET"), r.info.RoomName)
	if err != nil {
		r.fail("template error: " + err.Error())
		return
	}
	room, err := joinRoom(livekitURL, token)
	if err != nil {
		r.fail("template error: " + err.Error())
		return
	}
	r.setTimers()
	firstTrack, roomEnd := room.firstTrack, room.end
	var settled <-chan time.Time
	for !r.isOver() {
		select {
		case <-firstTrack:
			firstTrack, settled = nil, time.After(settlingTime)
		case <-settled:
			r.activate()
		case <-roomEnd:
			roomEnd = nil
			r.end(livekit.EndReasonSrcClosed)
		case answer := <-r.stops:
			r.end(livekit.EndReasonAPI)
			answer <- proto.Clone(r.info).(*livekit.EgressInfo)
		case r.faults = <-r.newFaults:
			r.setTimers()
			if r.faults.Cut != "" {
				r.cut(r.faults.Cut)
			}
		case <-r.limitTimer:
			r.reachLimit()
		case <-r.doneTimer:
			r.finish()
		}
	}
}

// setTimers makes the faults take effect that have to do with time; also those that come in between.
func (r *recorder) setTimers() {
	r.limitTimer, r.doneTimer = nil, nil
	if !r.endedAt.IsZero() {
		r.doneTimer = time.After(time.Until(r.endedAt.Add(r.faults.finishTime())))
	} else if limit := r.faults.sessionLimit(); limit > 0 {
		r.limitTimer = time.After(time.Until(time.Unix(0, r.info.StartedAt).Add(limit)))
	}
}

// StopEgress is called by the server.
func (r *recorder) StopEgress(ctx context.Context, _ *livekit.StopEgressRequest) (*livekit.EgressInfo, error) {
	answer := make(chan *livekit.EgressInfo, 1)
	select {
	case r.stops <- answer:
		return <-answer, nil
	case <-r.over:
		return r.info, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// UpdateStream is called by the server.
func (r *recorder) UpdateStream(context.Context, *livekit.UpdateStreamRequest) (*livekit.EgressInfo, error) {
	return nil, psrpc.NewErrorf(psrpc.InvalidArgument, "UpdateStream called on non-streaming egress")
}

// UpdateEgress is called by the server.
func (r *recorder) UpdateEgress(context.Context, *livekit.UpdateEgressRequest) (*livekit.EgressInfo, error) {
	return nil, notHere("updates of a running egress")
}

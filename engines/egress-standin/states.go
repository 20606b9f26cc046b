package main

// The states of a recording, and what is reported with each. Faithful to what the real worker has been seen to do, and
// where that was not seen, to what its code says.

import (
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/psrpc"
)

func (r *recorder) activate() {
	if r.info.Status != livekit.EgressStatus_EGRESS_STARTING {
		return
	}
	r.setStarted(time.Now().UnixNano())
	r.info.UpdateStatus(livekit.EgressStatus_EGRESS_ACTIVE)
	r.report()
}

// end ends the recording, once. One that never began is aborted, another finishes its files first.
func (r *recorder) end(reason string) {
	if !r.endedAt.IsZero() {
		return
	}
	r.endedAt = time.Now()
	r.info.SetEndReason(reason)
	switch r.info.Status {
	case livekit.EgressStatus_EGRESS_STARTING:
		r.abort()
		return
	case livekit.EgressStatus_EGRESS_ACTIVE:
		// The duration is reported with this, the size only with the finished file.
		r.setEnded(r.endedAt.UnixNano())
		r.info.UpdateStatus(livekit.EgressStatus_EGRESS_ENDING)
		r.report()
	default:
		r.setEnded(r.endedAt.UnixNano())
	}
	r.setTimers()
}

func (r *recorder) abort() {
	r.setEnded(time.Now().UnixNano())
	r.info.SetAborted(livekit.MsgStartNotReceived)
	r.report()
}

// reachLimit is not reported before the files are finished. One that never began is aborted without an end reason.
func (r *recorder) reachLimit() {
	r.limitTimer = nil
	switch r.info.Status {
	case livekit.EgressStatus_EGRESS_STARTING:
		r.abort()
	case livekit.EgressStatus_EGRESS_ACTIVE:
		r.info.SetLimitReached()
		r.end(livekit.EndReasonLimitReached)
	}
}

func (r *recorder) finish() {
	if err := r.store(r.faults.UploadFailure); err != nil {
		r.info.SetFailed(err)
		r.report()
		return
	}
	if r.info.Status == livekit.EgressStatus_EGRESS_ENDING {
		r.info.SetComplete()
	}
	r.storeManifest()
	r.doneTimer = nil
	r.report()
}

// cut ends the recording by the worker's own decision: complete, and without an error, unless something failed.
func (r *recorder) cut(reason string) {
	if reason != livekit.EndReasonFailure {
		r.end(reason)
	} else if r.endedAt.IsZero() {
		r.failInternally("pipeline failure")
	}
}

func (r *recorder) failInternally(reason string) {
	r.info.SetFailed(psrpc.NewErrorf(psrpc.Internal, "%s", reason))
	r.report()
}

// fail is for what goes wrong before anything was recorded.
func (r *recorder) fail(reason string) {
	r.info.SetFailed(psrpc.NewErrorf(psrpc.InvalidArgument, "%s", reason))
	r.report()
}

func (r *recorder) isOver() bool {
	switch r.info.Status {
	case livekit.EgressStatus_EGRESS_STARTING, livekit.EgressStatus_EGRESS_ACTIVE, livekit.EgressStatus_EGRESS_ENDING:
		return false
	case livekit.EgressStatus_EGRESS_LIMIT_REACHED:
		return r.doneTimer == nil
	}
	return true
}

func (r *recorder) report() {
	said, err := reportOf(r.info)
	if err == nil {
		err = r.reports.Encode(said)
	}
	if err != nil {
		logger.Error("cannot report", "egressId", r.info.EgressId, "reason", err.Error())
	}
}

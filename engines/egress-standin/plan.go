package main

// What a start request asks for, checked as the real worker checks it, with its error messages.

import (
	"fmt"
	"net/url"
	"time"

	"github.com/livekit/protocol/egress"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
	"google.golang.org/protobuf/proto"
)

// plan is an accepted request: what is reported of the recording, and where its files go.
type plan struct {
	info     *livekit.EgressInfo
	file     *fileOutput    // or nil
	segments *segmentOutput // or nil
}

func invalid(field string) error {
	return psrpc.NewErrorf(psrpc.InvalidArgument, "request has missing or invalid field: %s", field)
}

func notHere(what string) error {
	return psrpc.NewErrorf(psrpc.Unimplemented, "egress-standin does not do %s, only room composites to files and HLS", what)
}

func newPlan(req *rpc.StartEgressRequest, outputDir string) (*plan, error) {
	composite := req.GetRoomComposite()
	if composite == nil {
		return nil, notHere("this kind of egress")
	}
	if req.EgressId == "" {
		return nil, invalid("egressID")
	}
	if base, err := url.Parse(composite.CustomBaseUrl); composite.CustomBaseUrl != "" &&
		(err != nil || (base.Scheme != "http" && base.Scheme != "https")) {
		return nil, invalid("template base url")
	}
	if composite.AudioOnly && composite.VideoOnly {
		return nil, invalid("audio_only and video_only")
	}
	now := time.Now()
	p := &plan{info: &livekit.EgressInfo{
		EgressId:  req.EgressId,
		RoomId:    req.RoomId,
		RoomName:  composite.RoomName,
		Status:    livekit.EgressStatus_EGRESS_STARTING,
		StartedAt: now.UnixNano(),
		UpdatedAt: now.UnixNano(),
		Request:   &livekit.EgressInfo_RoomComposite{RoomComposite: redacted(composite)},
	}}
	if err := p.addOutputs(composite, newNaming(p.info, now), outputDir); err != nil {
		return nil, err
	}
	if p.info.RoomName == "" {
		return nil, invalid("room_name")
	}
	return p, nil
}

// redacted is the request as it is stored and listed: the library that the real worker uses replaces credentials.
func redacted(composite *livekit.RoomCompositeEgressRequest) *livekit.RoomCompositeEgressRequest {
	clone := proto.Clone(composite).(*livekit.RoomCompositeEgressRequest)
	egress.RedactEncodedOutputs(clone)
	return clone
}

func (p *plan) addOutputs(composite *livekit.RoomCompositeEgressRequest, names naming, outputDir string) error {
	file, segments, err := outputsOf(composite)
	if err != nil {
		return err
	}
	if file != nil {
		p.file = newFileOutput(file, names, outputDir)
		p.info.FileResults = []*livekit.FileInfo{p.file.info}
	}
	if segments != nil {
		if p.segments, err = newSegmentOutput(segments, names, outputDir); err != nil {
			return err
		}
		p.info.SegmentResults = []*livekit.SegmentsInfo{p.segments.info}
	}
	// The result of the first API, which knew only one output.
	switch {
	case p.file != nil && p.segments == nil:
		p.info.Result = &livekit.EgressInfo_File{File: p.file.info}
	case p.segments != nil && p.file == nil:
		p.info.Result = &livekit.EgressInfo_Segments{Segments: p.segments.info}
	}
	fileFormat, err := chooseFormat(composite, file, segments)
	if err != nil {
		return err
	}
	if p.file != nil {
		p.file.name(names, fileFormat)
	}
	return nil
}

// outputsOf finds the outputs in the lists, or else in the fields of the first API.
func outputsOf(composite *livekit.RoomCompositeEgressRequest) (
	file *livekit.EncodedFileOutput, segments *livekit.SegmentedFileOutput, err error,
) {
	if len(composite.StreamOutputs) > 0 || len(composite.ImageOutputs) > 0 || composite.GetStream() != nil {
		return nil, nil, notHere("streams and images")
	}
	if file, err = only(composite.FileOutputs, composite.GetFile(), "multiple file outputs"); err != nil {
		return nil, nil, err
	}
	segments, err = only(composite.SegmentOutputs, composite.GetSegments(), "multiple segmented file outputs")
	if err == nil && file == nil && segments == nil {
		err = invalid("output")
	}
	return file, segments, err
}

func only[T any](list []*T, deprecated *T, many string) (*T, error) {
	switch len(list) {
	case 0:
		return deprecated, nil
	case 1:
		return list[0], nil
	}
	return nil, invalid(many)
}

// setStarted notes the time at which recording began.
func (p *plan) setStarted(at int64) {
	if p.file != nil {
		p.file.info.StartedAt = at
	}
	if p.segments != nil {
		p.segments.info.StartedAt = at
	}
}

// setEnded notes the time at which it ended; one that never began has taken no time.
func (p *plan) setEnded(at int64) {
	if p.file != nil {
		i := p.file.info
		i.StartedAt, i.EndedAt, i.Duration = span(i.StartedAt, at)
	}
	if p.segments != nil {
		i := p.segments.info
		i.StartedAt, i.EndedAt, i.Duration = span(i.StartedAt, at)
	}
}

func span(startedAt, endedAt int64) (int64, int64, int64) {
	if startedAt == 0 {
		startedAt = endedAt
	}
	return startedAt, endedAt, endedAt - startedAt
}

// madeBy is what stands in every file instead of media.
func (p *plan) madeBy() string {
	return fmt.Sprintf("Made by egress-standin, a stand-in for a LiveKit egress worker: this file holds no media.\n"+
		"Recording %s of room %s.\n", p.info.EgressId, p.info.RoomName)
}

// needsBrowser is whether the real worker renders a web page for a recording. It does for audio alone too, if a layout is given.
func needsBrowser(composite *livekit.RoomCompositeEgressRequest) bool {
	return !composite.GetAudioOnly() || composite.GetLayout() != "" || composite.GetCustomBaseUrl() != ""
}

package main

// What worker and recorder tell each other over the recorder's stdin and stdout, one JSON object a line. The request
// may hold storage credentials, which belong on no command line.

import (
	"encoding/json"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/encoding/protojson"
)

// order goes to the recorder: all of it at first, then only faults that have changed.
type order struct {
	Request    json.RawMessage `json:"request,omitempty"` // rpc.StartEgressRequest
	LivekitURL string          `json:"livekitUrl,omitempty"`
	Redis      string          `json:"redis,omitempty"`
	OutputDir  string          `json:"outputDir,omitempty"`
	Faults     faults          `json:"faults"`
}

// report comes from the recorder: once that it can be stopped, then what has become of the recording.
type report struct {
	Ready bool            `json:"ready,omitempty"`
	Info  json.RawMessage `json:"info,omitempty"` // livekit.EgressInfo
}

func reportOf(info *livekit.EgressInfo) (report, error) {
	data, err := protojson.Marshal(info)
	return report{Info: data}, err
}

func (r report) info() (*livekit.EgressInfo, error) {
	info := &livekit.EgressInfo{}
	return info, protojson.Unmarshal(r.Info, info)
}

package main

// The recorder's peer connection. No media flows over it, but the server removes a participant that has not opened one
// within a minute.

import (
	"encoding/json"
	"net"
	"sync"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

type media struct {
	pc        *webrtc.PeerConnection
	send      func(*livekit.SignalRequest) error
	early     []webrtc.ICECandidateInit // that came before the offer
	connected chan struct{}             // closed when it is open for the first time
}

func newMedia(send func(*livekit.SignalRequest) error) (*media, error) {
	// Loopback only, and none of the public STUN servers that the server names to its clients.
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.LoggerFactory = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	codecs := &webrtc.MediaEngine{}
	if err := codecs.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(codecs))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	m := &media{pc: pc, send: send, connected: make(chan struct{})}
	pc.OnICECandidate(m.offerCandidate)
	first := sync.OnceFunc(func() { close(m.connected) })
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			first()
		}
	})
	return m, nil
}

// answer accepts what the server offers.
func (m *media) answer(offer *livekit.SessionDescription) error {
	err := m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer.Sdp})
	if err != nil {
		return err
	}
	for _, candidate := range m.early {
		if err := m.pc.AddICECandidate(candidate); err != nil {
			return err
		}
	}
	m.early = nil
	answer, err := m.pc.CreateAnswer(nil)
	if err != nil {
		return err
	}
	if err := m.pc.SetLocalDescription(answer); err != nil {
		return err
	}
	description := &livekit.SessionDescription{Type: answer.Type.String(), Sdp: answer.SDP, Id: offer.Id}
	return m.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Answer{Answer: description}})
}

func (m *media) addCandidate(trickle *livekit.TrickleRequest) error {
	if trickle.Target != livekit.SignalTarget_SUBSCRIBER || trickle.CandidateInit == "" {
		return nil
	}
	var candidate webrtc.ICECandidateInit
	if err := json.Unmarshal([]byte(trickle.CandidateInit), &candidate); err != nil {
		return err
	}
	if m.pc.RemoteDescription() == nil {
		m.early = append(m.early, candidate)
		return nil
	}
	return m.pc.AddICECandidate(candidate)
}

// offerCandidate tells the server where we can be reached. A lost message shows when the connection is read.
func (m *media) offerCandidate(candidate *webrtc.ICECandidate) {
	if candidate == nil {
		return
	}
	init, err := json.Marshal(candidate.ToJSON())
	if err != nil {
		return
	}
	_ = m.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Trickle{Trickle: &livekit.TrickleRequest{
		CandidateInit: string(init), Target: livekit.SignalTarget_SUBSCRIBER,
	}}})
}

func (m *media) close() {
	_ = m.pc.Close()
}

package main

// The recorder's place in the room: a hidden participant of kind EGRESS that learns from the server itself when the
// first track is published and when the room ends.

import (
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// rejoinDelays are those of LiveKit's browser client, in which the real recorder lives.
var rejoinDelays = []time.Duration{
	0, 300 * time.Millisecond, 1200 * time.Millisecond, 2700 * time.Millisecond, 4800 * time.Millisecond,
	7 * time.Second, 7 * time.Second, 7 * time.Second, 7 * time.Second, 7 * time.Second,
}

// connectTime is how long the peer connection may take before the recording goes on without. With one, the server
// keeps a recorder that has gone on its list for some time; without, it lets go of it at once.
const connectTime = 5 * time.Second

var errEnded = errors.New("the room has ended for the recorder")

type room struct {
	url, token string
	firstTrack chan struct{} // closed when somebody publishes
	end        chan struct{} // closed when the recorder is out for good
	seen       sync.Once
}

func joinRoom(livekitURL, token string) (*room, error) {
	// Nothing is subscribed to: a recorder without media needs no packets, only to be told.
	address, err := url.JoinPath(livekitURL, "rtc")
	if err != nil {
		return nil, err
	}
	r := &room{
		url: address + "?protocol=15&sdk=go&auto_subscribe=0", token: token,
		firstTrack: make(chan struct{}), end: make(chan struct{}),
	}
	c, err := r.connect()
	if err != nil {
		return nil, err
	}
	go r.stay(c)
	select {
	case <-c.media.connected:
	case <-r.end:
	case <-time.After(connectTime):
		logger.Warn("no peer connection", "reason", "the server's media port does not answer on loopback")
	}
	return r, nil
}

// stay follows the room until it ends, over lost connections.
func (r *room) stay(c *connection) {
	defer close(r.end)
	for {
		err := r.follow(c)
		c.close()
		if errors.Is(err, errEnded) {
			return
		}
		if c = r.rejoin(); c == nil {
			return
		}
	}
}

func (r *room) rejoin() *connection {
	for _, delay := range rejoinDelays {
		time.Sleep(delay)
		if c, err := r.connect(); err == nil {
			return c
		}
	}
	return nil
}

func (r *room) connect() (*connection, error) {
	header := http.Header{"Authorization": {"Bearer " + r.token}}
	socket, res, err := websocket.DefaultDialer.Dial(r.url, header)
	if err != nil {
		if res != nil {
			return nil, errors.New("could not join: " + res.Status)
		}
		return nil, errors.New("could not join: " + err.Error())
	}
	c := &connection{socket: socket}
	first, err := c.read()
	if err == nil && first.GetJoin() == nil {
		err = errors.New("could not join: unexpected answer")
	}
	if err == nil {
		c.media, err = newMedia(c.send)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	r.look(first.GetJoin().OtherParticipants)
	go c.ping(time.Duration(max(1, first.GetJoin().PingInterval)) * time.Second)
	return c, nil
}

func (r *room) follow(c *connection) error {
	for {
		said, err := c.read()
		if err != nil {
			return err
		}
		switch m := said.Message.(type) {
		case *livekit.SignalResponse_Update:
			r.look(m.Update.Participants)
		case *livekit.SignalResponse_Offer:
			err = c.media.answer(m.Offer)
		case *livekit.SignalResponse_Trickle:
			err = c.media.addCandidate(m.Trickle)
		case *livekit.SignalResponse_Leave:
			if m.Leave.Action == livekit.LeaveRequest_DISCONNECT {
				return errEnded
			}
			return errors.New("told to come back")
		}
		if err != nil {
			return err
		}
	}
}

func (r *room) look(people []*livekit.ParticipantInfo) {
	for _, person := range people {
		if len(person.Tracks) > 0 && person.State != livekit.ParticipantInfo_DISCONNECTED {
			r.seen.Do(func() { close(r.firstTrack) })
		}
	}
}

// connection is the signalling of one stay in the room.
type connection struct {
	socket *websocket.Conn
	media  *media
	mu     sync.Mutex
}

func (c *connection) read() (*livekit.SignalResponse, error) {
	_, data, err := c.socket.ReadMessage()
	if err != nil {
		return nil, err
	}
	said := &livekit.SignalResponse{}
	return said, proto.Unmarshal(data, said)
}

func (c *connection) send(req *livekit.SignalRequest) error {
	data, err := proto.Marshal(req)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.socket.WriteMessage(websocket.BinaryMessage, data)
}

// ping keeps the place until the connection is lost.
func (c *connection) ping(interval time.Duration) {
	for {
		time.Sleep(interval)
		now := time.Now().UnixMilli()
		ping := &livekit.SignalRequest{Message: &livekit.SignalRequest_PingReq{PingReq: &livekit.Ping{Timestamp: now}}}
		if c.send(ping) != nil {
			return
		}
	}
}

func (c *connection) close() {
	_ = c.socket.Close()
	if c.media != nil {
		c.media.close()
	}
}

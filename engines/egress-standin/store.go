package main

// The embedded Redis. The server keeps its rooms and what it knows of recordings in it, so they end with this process.

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// Keys of livekit-server's Redis store.
const (
	egressKey      = "egress"       // hash: egress id → EgressInfo
	endedEgressKey = "ended_egress" // hash: egress id → when to forget it
	roomEgressKey  = "egress:room:" // + room name, a set of egress ids
)

type store struct {
	*miniredis.Miniredis
	stop chan struct{}
}

func startStore(port int) (*store, error) {
	redis := miniredis.NewMiniRedis()
	if err := redis.StartAddr(net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err != nil {
		return nil, err
	}
	s := &store{redis, make(chan struct{})}
	go s.letTimePass()
	return s, nil
}

func (s *store) port() int {
	return s.Server().Addr().Port
}

func (s *store) Close() {
	close(s.stop)
	s.Miniredis.Close()
}

// letTimePass makes keys expire: in miniredis time stands still, and a lock of a killed server would be held for ever.
func (s *store) letTimePass() {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-second.C:
			s.FastForward(time.Second)
		case <-s.stop:
			return
		}
	}
}

// recordings lists the ids that the server knows.
func (s *store) recordings() []string {
	ids, err := s.HKeys(egressKey)
	if err != nil {
		return nil // no recording yet, so no key
	}
	return ids
}

// forget removes what the server knows of a recording, as it does itself a day after the end. False: it knew nothing.
func (s *store) forget(egressID string) (bool, error) {
	data := s.HGet(egressKey, egressID)
	if data == "" {
		return false, nil
	}
	info := &livekit.EgressInfo{}
	if err := proto.Unmarshal([]byte(data), info); err != nil {
		return false, fmt.Errorf("record of %s: %w", egressID, err)
	}
	s.HDel(egressKey, egressID)
	s.HDel(endedEgressKey, egressID)
	if s.Exists(roomEgressKey + info.RoomName) {
		_, err := s.SRem(roomEgressKey+info.RoomName, egressID)
		return true, err
	}
	return true, nil
}

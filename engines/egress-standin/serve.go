package main

// Starts the parts in the order in which they need each other, says when they serve, and ends them.

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/livekit/protocol/rpc"
)

// ready is the line on stdout that says where everything is.
type ready struct {
	Ready       bool `json:"ready"`
	RedisPort   int  `json:"redisPort"`
	ControlPort int  `json:"controlPort"`
	Worker      bool `json:"worker"`
	PID         int  `json:"pid"`
}

func serve(s settings) error {
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, os.Interrupt, syscall.SIGTERM)

	store, err := startStore(s.redisPort)
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	defer store.Close()

	faults := newFaultBook()
	var w *worker
	if s.worker {
		if w, err = startWorker(s, store, faults); err != nil {
			return fmt.Errorf("worker: %w", err)
		}
		defer w.close()
	}
	control, port, err := startControl(s.controlPort, store, w, faults)
	if err != nil {
		return fmt.Errorf("control server: %w", err)
	}
	defer control.Close()

	if err := json.NewEncoder(os.Stdout).Encode(ready{true, store.port(), port, s.worker, os.Getpid()}); err != nil {
		return err
	}
	if s.detached {
		<-ends
		return nil
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		ends <- os.Interrupt
	}()
	<-ends
	return nil
}

func startWorker(s settings, store *store, faults *faultBook) (*worker, error) {
	bus := connectBus(store.Addr())
	io, err := rpc.NewIOInfoClient(bus.MessageBus)
	if err != nil {
		return nil, err
	}
	w := newWorker(s, store, faults, io)
	if w.server, err = rpc.NewEgressInternalServer(w, bus.MessageBus); err != nil {
		return nil, err
	}
	// The topic is a cluster's name, which is empty unless a server was configured otherwise.
	if err := w.server.RegisterStartEgressTopic(""); err != nil {
		return nil, err
	}
	if err := w.server.RegisterListActiveEgressTopic(""); err != nil {
		return nil, err
	}
	return w, bus.subscribed("*StartEgress*")
}

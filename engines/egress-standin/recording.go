package main

// A recording as the worker sees it: a process of its own, as with the real worker, so that killing it shows what
// killing a real one shows.

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"google.golang.org/protobuf/encoding/protojson"
)

// recorderCommand is the argument with which this program starts itself as a recorder.
const recorderCommand = "recorder"

type recording struct {
	cmd     *exec.Cmd
	started *livekit.EgressInfo
	updates chan *livekit.EgressInfo

	mu     sync.Mutex
	stdin  io.Closer
	orders *json.Encoder
	status livekit.EgressStatus
}

// launch starts a recorder and waits until it can be stopped.
func (w *worker) launch(req *rpc.StartEgressRequest, started *livekit.EgressInfo, f faults) (*recording, error) {
	if f.NoLaunch {
		return nil, errors.New("fork/exec: resource temporarily unavailable")
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	request, err := protojson.Marshal(req)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(executable, recorderCommand)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	rec := &recording{
		cmd: cmd, started: started, updates: make(chan *livekit.EgressInfo), stdin: stdin, orders: json.NewEncoder(stdin),
	}
	ready := make(chan bool, 1)
	go rec.read(stdout, ready)
	rec.tell(order{
		Request: request, LivekitURL: w.livekitURL, Redis: w.store.Addr(), OutputDir: w.outputDir, Faults: f,
	})

	select {
	case isReady := <-ready:
		if !isReady {
			return nil, errors.Join(errors.New("it ended at once"), cmd.Wait())
		}
	case <-time.After(10 * time.Second):
		rec.kill()
		return nil, errors.Join(errors.New("no word from it"), cmd.Wait())
	}
	w.mu.Lock()
	w.running[started.EgressId] = rec
	w.mu.Unlock()
	return rec, nil
}

// read passes on the recorder's reports; both channels end when it has ended.
func (r *recording) read(stdout io.Reader, ready chan<- bool) {
	defer close(ready)
	defer close(r.updates)
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var said report
		if err := json.Unmarshal(lines.Bytes(), &said); err != nil {
			logger.Error("unreadable report", "egressId", r.started.EgressId)
			continue
		}
		if said.Ready {
			ready <- true
			continue
		}
		info, err := said.info()
		if err != nil {
			logger.Error("unreadable report", "egressId", r.started.EgressId)
			continue
		}
		r.updates <- info
	}
}

// tell may fail only because the recorder has ended, and then there is nobody to tell.
func (r *recording) tell(o order) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.orders.Encode(o)
}

func (r *recording) setStatus(status livekit.EgressStatus) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *recording) getStatus() livekit.EgressStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

// release tells the recorder that there is nobody left to report to.
func (r *recording) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.stdin.Close()
}

func (r *recording) kill() {
	_ = r.cmd.Process.Kill()
}

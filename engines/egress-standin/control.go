package main

// The control server on loopback, where tests ask for what should go wrong.

import (
	"encoding/json"
	"fmt"
	"mime"
	"net"
	"net/http"
	"strconv"
)

type control struct {
	store  *store
	worker *worker // nil without one
	faults *faultBook
}

func startControl(port int, store *store, w *worker, book *faultBook) (*http.Server, int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, 0, err
	}
	c := &control{store, w, book}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /{$}", c.health)
	routes.HandleFunc("POST /faults", c.setFaults)
	routes.HandleFunc("POST /kill-recorder", c.killRecorder)
	routes.HandleFunc("POST /forget", c.forget)
	server := &http.Server{Handler: routes}
	go func() { _ = server.Serve(listener) }()
	return server, listener.Addr().(*net.TCPAddr).Port, nil
}

// oneRecording is the body of the requests that are about one; "all" is for those that can be about all.
type oneRecording struct {
	EgressID string `json:"egressId"`
}

type runningRecording struct {
	EgressID string `json:"egressId"`
	Room     string `json:"room"`
	Status   string `json:"status"`
	PID      int    `json:"pid"`
	// Browser: whether the real worker would lay out the room in a browser. Audio without a layout needs none.
	Browser bool `json:"browser"`
}

func (c *control) health(w http.ResponseWriter, _ *http.Request) {
	running := []runningRecording{}
	if c.worker != nil {
		for _, rec := range c.worker.list() {
			running = append(running, runningRecording{
				rec.started.EgressId, rec.started.RoomName, rec.getStatus().String(), rec.cmd.Process.Pid,
				needsBrowser(rec.started.GetRoomComposite()),
			})
		}
	}
	answer(w, http.StatusOK, map[string]any{
		"ok": true, "about": banner, "redisPort": c.store.port(), "worker": c.worker != nil,
		"draining":   c.worker != nil && c.worker.isDraining(),
		"recordings": running, "faults": c.faults.list(),
	})
}

func (c *control) setFaults(w http.ResponseWriter, r *http.Request) {
	var f faults
	if !decode(w, r, &f) {
		return
	}
	if err := f.check(); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	c.faults.set(f)
	if c.worker != nil {
		for _, rec := range c.worker.list() {
			rec.tell(order{Faults: c.faults.of(rec.started.RoomName)})
		}
	}
	answer(w, http.StatusOK, map[string]any{"faults": c.faults.list()})
}

func (c *control) killRecorder(w http.ResponseWriter, r *http.Request) {
	var body oneRecording
	if !decode(w, r, &body) {
		return
	}
	var rec *recording
	if c.worker != nil {
		rec = c.worker.find(body.EgressID)
	}
	if rec == nil {
		refuse(w, http.StatusNotFound, fmt.Sprintf("no recorder runs for egressId %q", body.EgressID))
		return
	}
	rec.kill()
	answer(w, http.StatusOK, map[string]any{"killed": body.EgressID})
}

func (c *control) forget(w http.ResponseWriter, r *http.Request) {
	var body oneRecording
	if !decode(w, r, &body) {
		return
	}
	ids := []string{body.EgressID}
	if body.EgressID == "all" {
		ids = c.store.recordings()
	}
	forgotten := []string{}
	for _, id := range ids {
		forget := c.store.forget
		if c.worker != nil {
			forget = c.worker.forget
		}
		known, err := forget(id)
		if err != nil {
			refuse(w, http.StatusInternalServerError, err.Error())
			return
		}
		if known {
			forgotten = append(forgotten, id)
		}
	}
	if body.EgressID != "all" && len(forgotten) == 0 {
		refuse(w, http.StatusNotFound, fmt.Sprintf("the server knows no egressId %q", body.EgressID))
		return
	}
	answer(w, http.StatusOK, map[string]any{"forgotten": forgotten})
}

// decode reads a body of JSON. That it must be declared as such keeps web pages out, which can send anything else here.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "Content-Type must be application/json")
		return false
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	body.DisallowUnknownFields()
	if err := body.Decode(into); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return false
	}
	return true
}

func refuse(w http.ResponseWriter, status int, reason string) {
	answer(w, status, map[string]any{"error": reason})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// Egress-standin takes the place of LiveKit's egress worker where no real one can run, so that everything around a
// recording can be tried and tested against a real livekit-server: it embeds the Redis over which the server and its
// workers talk, and answers there as a worker does. Each recording is a process of its own that joins the room, sees
// from the server what happens in it, and reports what the real worker has been seen to report. It renders no media.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
)

const banner = "egress-standin is a stand-in for a LiveKit egress worker: it renders no media and uploads nothing, " +
	"and the files that it leaves only say so"

const usage = banner + `.

  egress-standin --livekit-url ws://127.0.0.1:7880 [flags]   Redis and the worker
  egress-standin --no-worker [flags]                         Redis alone

LIVEKIT_API_KEY and LIVEKIT_API_SECRET in the environment let its recorders join rooms. It prints one line of JSON on
stdout when it serves, JSON lines on stderr as things happen, and ends when its stdin ends or on SIGTERM.

`

// logger writes quiet JSON lines to stderr. Nothing secret may reach it: no request, no token.
var logger = slog.New(slog.NewJSONHandler(os.Stderr, nil))

// settings is what the command line and the environment decide.
type settings struct {
	redisPort   int
	controlPort int
	livekitURL  string
	outputDir   string
	worker      bool
	detached    bool
	apiKey      string
	apiSecret   string
}

func main() {
	var err error
	if len(os.Args) == 2 && os.Args[1] == recorderCommand {
		err = runRecorder(os.Stdin, os.Stdout)
	} else {
		var s settings
		if s, err = readSettings(os.Args[1:]); err == nil {
			logger.Info(banner)
			err = serve(s)
		}
	}
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		logger.Error(err.Error())
		os.Exit(1)
	}
}

func readSettings(args []string) (settings, error) {
	s := settings{apiKey: os.Getenv("LIVEKIT_API_KEY"), apiSecret: os.Getenv("LIVEKIT_API_SECRET")}
	flags := flag.NewFlagSet("egress-standin", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is reported once, as a JSON line
	flags.IntVar(&s.redisPort, "redis-port", 0, "loopback port of Redis; 0 takes a free one")
	flags.IntVar(&s.controlPort, "control-port", 0, "loopback port of the control server; 0 takes a free one")
	flags.StringVar(&s.livekitURL, "livekit-url", "", "where recorders join rooms, e.g. ws://127.0.0.1:7880")
	flags.StringVar(&s.outputDir, "output-dir", ".", "folder in which relative file paths of requests begin")
	noWorker := flags.Bool("no-worker", false, "serve Redis only: a server that has no egress worker")
	flags.BoolVar(&s.detached, "detached", false, "do not end when stdin ends")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Print(usage)
			flags.SetOutput(os.Stdout)
			flags.PrintDefaults()
		}
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	s.worker = !*noWorker
	return s, s.check()
}

func (s settings) check() error {
	if !s.worker {
		return nil
	}
	if s.apiKey == "" || s.apiSecret == "" {
		return errors.New("LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be set, or --no-worker given")
	}
	address, err := url.Parse(s.livekitURL)
	if err != nil || (address.Scheme != "ws" && address.Scheme != "wss") {
		return errors.New("--livekit-url must be a ws:// or wss:// address, or --no-worker given")
	}
	if ip := net.ParseIP(address.Hostname()); address.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("--livekit-url must be on loopback: a server elsewhere deserves a real egress worker")
	}
	return nil
}

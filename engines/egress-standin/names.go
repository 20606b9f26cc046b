package main

// File names, as the real worker makes them from what a request says.

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
)

// naming fills the templates of a request. The recorder renders them again some time after the worker has, so a name
// with a time in it may change between the answer to the start and the first update. The real one does that too.
type naming struct {
	room     string
	time     string
	replacer *strings.Replacer
}

func newNaming(info *livekit.EgressInfo, now time.Time) naming {
	now = now.UTC() // the clock of the official image
	seconds := now.Format("2006-01-02T150405")
	return naming{info.RoomName, seconds, strings.NewReplacer(
		"{room_name}", info.RoomName,
		"{room_id}", info.RoomId,
		"{time}", seconds,
		"{utc}", fmt.Sprintf("%s%03d", now.Format("20060102150405"), now.UnixMilli()%1000),
	)}
}

func (n naming) fill(template string) string {
	return n.replacer.Replace(cleanPath(template))
}

// unnamed is the name of what the request gives no name.
func (n naming) unnamed() string {
	return n.room + "-" + n.time
}

// cleanPath keeps a trailing slash, which means a folder, and takes out what leads above the beginning.
func cleanPath(name string) string {
	isFolder := strings.HasSuffix(name, "/")
	name = path.Clean(name)
	for strings.HasPrefix(name, "../") {
		name = name[len("../"):]
	}
	switch {
	case name == "." || name == "..":
		return ""
	case isFolder && name != "/":
		return name + "/"
	}
	return name
}

// fileName gives a path its name, where it is a folder, and its extension.
func (n naming) fileName(name, extension string) string {
	if name == "" || strings.HasSuffix(name, "/") {
		return name + n.unnamed() + extension
	}
	if strings.HasSuffix(name, extension) {
		return name
	}
	if dot := strings.LastIndex(name, "."); dot >= 0 && slices.Contains(knownExtensions, name[dot:]) {
		name = name[:dot]
	}
	return name + extension
}

// playlistNames are those of an HLS output, all within its folder.
type playlistNames struct {
	folder   string // of both playlists; "" or with a trailing slash
	playlist string
	live     string // "" for none
	segment  string // prefix of the segments, with a subfolder where the request has one
}

func (n naming) playlistNames(out *livekit.SegmentedFileOutput) (playlistNames, error) {
	folder, playlist := path.Split(n.fill(out.PlaylistName))
	liveFolder, live := path.Split(n.fill(out.LivePlaylistName))
	segmentFolder, segment := path.Split(n.fill(out.FilenamePrefix))
	if liveFolder != "" && liveFolder != folder {
		return playlistNames{}, invalid("live_playlist_name must be in same directory as playlist_name")
	}
	playlist, live = withoutExtension(playlist), withoutExtension(live)
	switch {
	case folder == segmentFolder:
		segmentFolder = ""
	case folder == "":
		folder, segmentFolder = segmentFolder, ""
	}
	if playlist == "" {
		playlist = segment
	}
	if playlist == "" {
		playlist = n.unnamed()
	}
	if segment == "" {
		segment = playlist
	}
	if live == playlist {
		return playlistNames{}, invalid("live_playlist_name cannot be identical to playlist_name")
	}
	names := playlistNames{folder, playlist + hls.extension, "", segmentFolder + segment}
	if live != "" {
		names.live = live + hls.extension
	}
	return names, nil
}

func withoutExtension(name string) string {
	if dot := strings.LastIndex(name, "."); dot >= 0 {
		return name[:dot]
	}
	return name
}

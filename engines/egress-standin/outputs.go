package main

// The two kinds of output: one file, or an HLS playlist with its segments.

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
)

type fileOutput struct {
	storage
	info     *livekit.FileInfo
	path     string
	manifest bool
}

func newFileOutput(file *livekit.EncodedFileOutput, names naming, outputDir string) *fileOutput {
	return &fileOutput{newStorage(file, outputDir), &livekit.FileInfo{}, names.fill(file.Filepath), !file.DisableManifest}
}

func (o *fileOutput) name(names naming, kind format) {
	o.path = names.fileName(o.path, kind.extension)
	o.info.Filename = o.path
}

func (o *fileOutput) finish(content string) (err error) {
	o.info.Location, o.info.Size, err = o.save(o.path, content)
	return err
}

type segmentOutput struct {
	storage
	playlistNames
	info     *livekit.SegmentsInfo
	length   time.Duration // of a segment
	byTime   bool          // segments are named by their time, else by their number
	manifest bool
}

func newSegmentOutput(out *livekit.SegmentedFileOutput, names naming, outputDir string) (*segmentOutput, error) {
	files, err := names.playlistNames(out)
	if err != nil {
		return nil, err
	}
	o := &segmentOutput{
		storage:       newStorage(out, outputDir),
		playlistNames: files,
		info:          &livekit.SegmentsInfo{PlaylistName: path.Join(files.folder, files.playlist)},
		length:        time.Duration(out.SegmentDuration) * time.Second,
		byTime:        out.FilenameSuffix == livekit.SegmentedFileSuffix_TIMESTAMP,
		manifest:      !out.DisableManifest,
	}
	if o.length == 0 {
		o.length = 4 * time.Second
	}
	if files.live != "" {
		o.info.LivePlaylistName = path.Join(files.folder, files.live)
	}
	return o, nil
}

// finish stores the segments, of which there are as many as the time that was recorded makes, and the playlists.
func (o *segmentOutput) finish(content string) error {
	var entries []string
	begin := time.Unix(0, o.info.StartedAt).UTC()
	for left := time.Duration(o.info.Duration); left > 0; left -= o.length {
		name := o.segmentName(begin, len(entries))
		_, size, err := o.save(path.Join(o.folder, name), content)
		if err != nil {
			return err
		}
		entries = append(entries, fmt.Sprintf("#EXTINF:%.3f,\n%s\n", min(left, o.length).Seconds(), name))
		begin = begin.Add(o.length)
		o.info.Size += size
	}
	o.info.SegmentCount = int64(len(entries))

	var err error
	if o.info.PlaylistLocation, err = o.savePlaylist(o.info.PlaylistName, entries); err != nil || o.live == "" {
		return err
	}
	last := entries[max(0, len(entries)-5):]
	o.info.LivePlaylistLocation, err = o.savePlaylist(o.info.LivePlaylistName, last)
	return err
}

func (o *segmentOutput) segmentName(begin time.Time, number int) string {
	if o.byTime {
		return fmt.Sprintf("%s_%s%03d.ts", o.segment, begin.Format("20060102150405"), begin.UnixMilli()%1000)
	}
	return fmt.Sprintf("%s_%05d.ts", o.segment, number)
}

func (o *segmentOutput) savePlaylist(name string, entries []string) (string, error) {
	head := fmt.Sprintf("#EXTM3U\n# Made by egress-standin: the segments hold no media.\n#EXT-X-VERSION:4\n"+
		"#EXT-X-TARGETDURATION:%d\n", int(o.length.Seconds()))
	location, _, err := o.save(name, head+strings.Join(entries, "")+"#EXT-X-ENDLIST\n")
	return location, err
}

package main

// Which codecs and containers go together: it decides what kind of file is made, and what the worker refuses.

import (
	"slices"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/psrpc"
)

type format struct {
	mime, extension string
	audio           []string
	video           bool // takes H.264, the only video that the worker encodes
}

const (
	opus = "audio/opus"
	aac  = "audio/aac"
	mp3  = "audio/mpeg"
	raw  = "audio/x-raw"
	h264 = "video/h264"
)

var (
	mp4File  = format{"video/mp4", ".mp4", []string{aac, opus}, true}
	oggFile  = format{"audio/ogg", ".ogg", []string{opus}, false}
	mp3File  = format{"audio/mpeg", ".mp3", []string{mp3, opus, aac, raw}, false}
	hls      = format{"application/x-mpegurl", ".m3u8", []string{aac}, true}
	anyFile  = format{"", "", []string{aac, opus, mp3}, true}
	fileKind = map[livekit.EncodedFileType]format{
		livekit.EncodedFileType_DEFAULT_FILETYPE: anyFile,
		livekit.EncodedFileType_MP4:              mp4File,
		livekit.EncodedFileType_OGG:              oggFile,
		livekit.EncodedFileType_MP3:              mp3File,
	}
	// An extension of this list is replaced when it is the wrong one, another is taken for a part of the name.
	knownExtensions = []string{".raw", ".ogg", ".mp3", ".ivf", ".mp4", ".ts", ".webm", ".m3u8", ".jpeg"}
)

// chooseFormat picks the kind of file, or says why none is possible; the outputs share one encoding.
func chooseFormat(
	composite *livekit.RoomCompositeEgressRequest, file *livekit.EncodedFileOutput, segments *livekit.SegmentedFileOutput,
) (format, error) {
	var outputs []format
	if file != nil {
		outputs = append(outputs, fileKind[file.FileType])
	}
	if segments != nil {
		outputs = append(outputs, hls)
	}
	asked := audioCodec(composite)
	audio := []string{aac, opus, raw, mp3}
	if asked != "" {
		audio = []string{asked}
	}
	for _, output := range outputs {
		audio = slices.DeleteFunc(audio, func(codec string) bool { return !slices.Contains(output.audio, codec) })
		if len(audio) == 0 && !composite.VideoOnly {
			return format{}, incompatible(asked, output, asked)
		}
		if !output.video && !composite.AudioOnly {
			return format{}, incompatible(asked, output, h264)
		}
	}
	if file == nil || file.FileType != livekit.EncodedFileType_DEFAULT_FILETYPE {
		return outputs[0], nil
	}
	if composite.AudioOnly && slices.Contains(audio, opus) {
		return oggFile, nil
	}
	return mp4File, nil
}

// incompatible names the codec only where one was asked for.
func incompatible(asked string, output format, codec string) error {
	if asked == "" {
		return psrpc.NewErrorf(psrpc.InvalidArgument, "no supported codec is compatible with all outputs")
	}
	return psrpc.NewErrorf(psrpc.InvalidArgument, "format %s incompatible with codec %s", output.mime, codec)
}

func audioCodec(composite *livekit.RoomCompositeEgressRequest) string {
	switch composite.GetAdvanced().GetAudioCodec() {
	case livekit.AudioCodec_OPUS:
		return opus
	case livekit.AudioCodec_AAC:
		return aac
	}
	return ""
}

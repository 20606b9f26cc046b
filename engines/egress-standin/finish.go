package main

// The end of a recording: what is stored then, and what is reported of it.

import (
	"encoding/json"
	"path"
)

// store stores the files; with a reason not to, it fails for that reason.
func (p *plan) store(uploadFailure string) error {
	if p.file != nil {
		if uploadFailure != "" {
			return p.file.failed(uploadFailure)
		}
		if err := p.file.finish(p.madeBy()); err != nil {
			return err
		}
	}
	if p.segments != nil {
		if uploadFailure != "" {
			return p.segments.failed(uploadFailure)
		}
		return p.segments.finish(p.madeBy())
	}
	return nil
}

// manifest is the file that the real worker leaves beside its others, unless it is told not to.
type manifest struct {
	MadeBy    string         `json:"made_by"`
	EgressID  string         `json:"egress_id"`
	RoomID    string         `json:"room_id,omitempty"`
	RoomName  string         `json:"room_name"`
	StartedAt int64          `json:"started_at"`
	EndedAt   int64          `json:"ended_at"`
	Files     []manifestFile `json:"files,omitempty"`
	Playlists []manifestFile `json:"playlists,omitempty"`
}

type manifestFile struct {
	Filename string `json:"filename,omitempty"`
	Location string `json:"location"`
}

// storeManifest is the last step. A failure is no failure of the recording.
func (p *plan) storeManifest() {
	m := manifest{
		MadeBy:   "egress-standin, which records no media",
		EgressID: p.info.EgressId, RoomID: p.info.RoomId, RoomName: p.info.RoomName,
		StartedAt: p.info.StartedAt, EndedAt: p.info.EndedAt,
	}
	if p.file != nil {
		m.Files = []manifestFile{{p.file.path, p.file.info.Location}}
	}
	if p.segments != nil {
		m.Playlists = []manifestFile{{Location: p.segments.info.PlaylistLocation}}
	}
	content, err := json.Marshal(m)
	if err != nil {
		return
	}
	save := func(s storage, folder string) {
		if location, _, err := s.save(path.Join(folder, p.info.EgressId+".json"), string(content)+"\n"); err != nil {
			logger.Warn("manifest not stored", "egressId", p.info.EgressId, "reason", err.Error())
		} else if p.info.ManifestLocation == "" {
			p.info.ManifestLocation = location
		}
	}
	if p.file != nil && p.file.manifest {
		save(p.file.storage, path.Dir(p.file.path))
	}
	if p.segments != nil && p.segments.manifest {
		save(p.segments.storage, p.segments.folder)
	}
}

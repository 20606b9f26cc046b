package main

// Where files go. Only a local path is written to; for object storage there is nothing but the address that the real
// worker would report, since a stand-in has no media to send.

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/livekit/protocol/egress"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/psrpc"
)

type storage struct {
	name    string                   // as error messages have it
	address func(path string) string // nil: the local disk
	root    string                   // on the local disk, where relative paths begin
}

func newStorage(upload egress.UploadRequest, outputDir string) storage {
	if s3 := upload.GetS3(); s3 != nil {
		return storage{name: "S3", address: func(path string) string { return s3Address(s3, path) }}
	}
	if gcp := upload.GetGcp(); gcp != nil {
		return storage{name: "GCP", address: func(path string) string {
			return fmt.Sprintf("https://%s.storage.googleapis.com/%s", gcp.Bucket, path)
		}}
	}
	if azure := upload.GetAzure(); azure != nil {
		// The container is missing here; the real worker leaves it out too.
		return storage{name: "Azure", address: func(path string) string {
			return fmt.Sprintf("https://%s.blob.core.windows.net/%s", azure.AccountName, path)
		}}
	}
	if oss := upload.GetAliOSS(); oss != nil {
		return storage{name: "AliOSS", address: func(path string) string {
			return fmt.Sprintf("https://%s.%s/%s", oss.Bucket, oss.Endpoint, path)
		}}
	}
	return storage{name: "Local", root: outputDir}
}

// s3Address has https also where the endpoint has http, as the real worker reports it.
func s3Address(s3 *livekit.S3Upload, path string) string {
	_, endpoint, found := strings.Cut(s3.Endpoint, "://")
	if !found {
		endpoint = s3.Endpoint
	}
	if endpoint == "" {
		endpoint = "s3.amazonaws.com"
	}
	if !s3.ForcePathStyle {
		return fmt.Sprintf("https://%s.%s/%s", s3.Bucket, endpoint, path)
	}
	return fmt.Sprintf("https://%s/%s/%s", endpoint, s3.Bucket, path)
}

// save stores a file and tells where it is.
func (s storage) save(path, content string) (location string, size int64, err error) {
	size = int64(len(content))
	if s.address != nil {
		return s.address(path), size, nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.root, path)
	}
	if location, err = filepath.Abs(path); err == nil {
		if err = os.MkdirAll(filepath.Dir(location), 0o755); err == nil {
			err = os.WriteFile(location, []byte(content), 0o644)
		}
	}
	if err != nil {
		return "", 0, s.failed(err.Error())
	}
	return location, size, nil
}

// failed is the error of the real worker when it cannot store a file.
func (s storage) failed(reason string) error {
	return psrpc.NewErrorf(psrpc.InvalidArgument, "%s upload failed: %s", s.name, reason)
}

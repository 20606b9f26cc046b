import type { EncodedFileOutput, RoomCompositeEgressRequest, SegmentedFileOutput } from "livekit-server-sdk";
import {
  type CoreConfig,
  type Destination,
  type Format,
  parseOutputUri,
  type RecordingSettings,
  RtcError,
} from "../../contract";
import { sdk } from "./sdk";

/** What is composed. Without a layout the worker records audio without the browser that would lay out a picture. */
export function compositionOf({ audioOnly, layout }: Pick<RecordingSettings, "audioOnly" | "layout">): {
  audioOnly: boolean;
  layout?: string;
} {
  return audioOnly ? { audioOnly } : { audioOnly, layout };
}

/** A file or a playlist of segments, as the SDK takes it. */
export type EgressOutput = { file: EncodedFileOutput } | { segments: SegmentedFileOutput };

const FILE_TYPES = { mp4: "MP4", ogg: "OGG", mp3: "MP3" } as const satisfies Record<
  Exclude<Format, "hls">,
  string
>;

/**
 * The destination of an egress. Credentials come from the `rtc:` configuration only; without them the egress server
 * uses its own. https://docs.livekit.io/home/egress/outputs/
 */
export function egressOutput(uri: string, audioOnly: boolean, config: CoreConfig): EgressOutput {
  const destination = parseOutputUri(uri, audioOnly);
  if (typeof destination === "string") throw new RtcError("INVALID_ARGUMENT", `outputUri: ${destination}`);
  const { EncodedFileOutput, EncodedFileType, SegmentedFileOutput } = sdk();
  const output = upload(destination, config);
  if (destination.format === "hls") {
    const filenamePrefix = destination.path.replace(/\.m3u8$/i, "");
    return { segments: new SegmentedFileOutput({ filenamePrefix, playlistName: destination.path, output }) };
  }
  return {
    file: new EncodedFileOutput({
      fileType: EncodedFileType[FILE_TYPES[destination.format]],
      filepath: destination.path,
      output,
    }),
  };
}

function upload({ storage, bucket, account }: Destination, config: CoreConfig): EncodedFileOutput["output"] {
  const { AzureBlobUpload, GCPUpload, S3Upload } = sdk();
  switch (storage) {
    case "local":
      return { case: undefined };
    case "s3": {
      const value = new S3Upload({
        bucket,
        accessKey: config.s3AccessKeyId ?? "",
        secret: config.s3SecretAccessKey ?? "",
        sessionToken: config.s3SessionToken ?? "",
        region: config.s3Region ?? "",
        endpoint: config.s3Endpoint ?? "",
        forcePathStyle: config.s3ForcePathStyle ?? false,
      });
      return { case: "s3", value };
    }
    case "gcp":
      return { case: "gcp", value: new GCPUpload({ bucket, credentials: config.gcpCredentials ?? "" }) };
    case "azure": {
      const value = new AzureBlobUpload({
        containerName: bucket,
        accountName: account,
        accountKey: config.azureAccountKey ?? "",
      });
      return { case: "azure", value };
    }
  }
}

/**
 * The credentials of the storage to redact. A service account's key also line by line, since an error may quote a part
 * of it, without the lines that every key has.
 */
export function storageSecrets(config: CoreConfig): string[] {
  const { s3AccessKeyId, s3SecretAccessKey, s3SessionToken, gcpCredentials, azureAccountKey } = config;
  const parts = [...(gcpCredentials ?? "").matchAll(/"private_key(?:_id)?"\s*:\s*"([^"]*)"/g)]
    .flatMap(([, value = ""]) => value.split("\\n"))
    .filter((line) => !line.startsWith("-----"));
  return [s3AccessKeyId, s3SecretAccessKey, s3SessionToken, gcpCredentials, ...parts, azureAccountKey].filter(
    (secret): secret is string => Boolean(secret),
  );
}

/** The output address of a running egress, from its request; undefined for outputs that we do not start. */
export function outputUriOf(request: RoomCompositeEgressRequest): string | undefined {
  const [file] = request.fileOutputs;
  const [segments] = request.segmentOutputs;
  const output = file ?? segments;
  const path = file?.filepath ?? segments?.playlistName;
  if (!output || path === undefined) return undefined;
  switch (output.output.case) {
    case "s3":
      return `s3://${output.output.value.bucket}/${path}`;
    case "gcp":
      return `gs://${output.output.value.bucket}/${path}`;
    case "azure":
      return `azblob://${output.output.value.containerName}@${output.output.value.accountName}/${path}`;
    case "aliOSS":
      return undefined;
    case undefined:
      return path;
  }
}

import type {
  EgressInfo,
  EncodedFileOutput,
  RoomCompositeEgressRequest,
  SegmentedFileOutput,
} from "livekit-server-sdk";
import {
  type CoreConfig,
  DEFAULT_LAYOUT,
  type Destination,
  type Format,
  isEnded,
  isLike,
  parseOutputUri,
  type RecordedFile,
  type Recording,
  type RecordingSettings,
  type RecordingSpec,
  RtcError,
  roomId,
  STATUSES,
} from "../../contract";
import { isDeadNode, isWithoutRedis, type LivekitApi, sdk } from "./api";

/** The `rtc.recording.*` calls on one LiveKit server: room composites by its egress service. https://docs.livekit.io/home/egress/ */
export class LivekitRecordings {
  readonly #api: LivekitApi;
  readonly #region: string | null;
  readonly #config: CoreConfig;

  constructor(api: LivekitApi, region: string | null, config: CoreConfig) {
    this.#api = api;
    this.#region = region;
    this.#config = config;
  }

  /** A start is not idempotent, so it is sent once. When its answer is lost, a new matching egress is searched for. */
  async start(spec: RecordingSpec): Promise<Recording> {
    const before = new Set((await this.#ofRoom(spec.name, true)).map(({ egressId }) => egressId));
    const output = egressOutput(spec.outputUri, spec.audioOnly, this.#config);
    try {
      const info = await this.#api.startEgress("StartRoomCompositeEgress", (service) =>
        service.startRoomCompositeEgress(spec.name, output, {
          ...compositionOf(spec),
        }),
      );
      return { ...this.#record(info), outputUri: spec.outputUri };
    } catch (error) {
      if (!RtcError.isInstance(error) || !mayHaveBegun(error)) throw error;
      const fresh = (await this.#ofRoom(spec.name, true)).filter(({ egressId }) => !before.has(egressId));
      const started = fresh.map((info) => this.#record(info)).find((recording) => isLike(recording, spec));
      if (started) return { ...started, outputUri: spec.outputUri };
      throw withoutWorker(error);
    }
  }

  async stop(id: string): Promise<Recording | undefined> {
    try {
      return this.#record(await this.#api.egress("StopEgress", (service) => service.stopEgress(id)));
    } catch (error) {
      // 404: expired. 412: it has ended.
      if (RtcError.isInstance(error) && error.code === "NOT_FOUND") return undefined;
      // In an outage a read would add load to a server that is down.
      if (RtcError.isInstance(error) && error.retryable && !isDeadNode(error)) return diagnose(error);
      const known = await this.get(id);
      if (known && (isEnded(known.status) || known.status === "ending")) return known;
      throw error;
    }
  }

  async get(id: string): Promise<Recording | undefined> {
    try {
      const [info] = await this.#api.egress("ListEgress", (service) => service.listEgress({ egressId: id }));
      return info && this.#record(info);
    } catch (error) {
      if (RtcError.isInstance(error) && error.code === "NOT_FOUND") return undefined;
      return diagnose(error);
    }
  }

  async list({ room, active }: { room?: string | undefined; active: boolean }): Promise<Recording[]> {
    const infos = await this.#ofRoom(room, active);
    return infos
      .filter(({ request, roomName }) => request.case === "roomComposite" && roomName !== "")
      .map((info) => this.#record(info));
  }

  async update(id: string, layout: string): Promise<Recording> {
    const info = await this.#api
      .egress("UpdateLayout", (service) => service.updateLayout(id, layout))
      .catch(diagnose);
    return { ...this.#record(info), layout };
  }

  async #ofRoom(roomName: string | undefined, active: boolean): Promise<EgressInfo[]> {
    try {
      return await this.#api.egress("ListEgress", (service) =>
        service.listEgress({ ...(roomName === undefined ? {} : { roomName }), active }),
      );
    } catch (error) {
      return diagnose(error);
    }
  }

  #record(info: EgressInfo): Recording {
    const recording = `livekit${this.#region === null ? "" : `@${this.#region}`}:${info.egressId}`;
    const request = info.request.case === "roomComposite" ? info.request.value : undefined;
    const outputUri = request && outputUriOf(request);
    const status = STATUSES[info.status] ?? "failed";
    const files = filesOf(info, recording, isEnded(status)).map((file) => ({
      ...file,
      location: this.#api.redact(this.#withScheme(file.location)),
    }));
    const [startedAt, endedAt] = [time(info.startedAt), time(info.endedAt)];
    const duration = files[0]?.durationSeconds;
    const { error, endedEarly } = endOf(info);
    return {
      recording,
      room: roomId({ vendor: "livekit", region: this.#region, name: info.roomName }),
      ...(info.roomId === "" ? {} : { roomSid: info.roomId }),
      status,
      ...(request ? { audioOnly: request.audioOnly } : {}),
      ...(request && !request.audioOnly ? { layout: request.layout || DEFAULT_LAYOUT } : {}),
      ...(outputUri === undefined ? {} : { outputUri }),
      ...(files.length === 0 ? {} : { files }),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(duration === undefined ? {} : { durationSeconds: duration }),
      // The storage's error may contain the credentials that it was given.
      ...(error === undefined ? {} : { error: this.#api.quote(error) }),
      ...(endedEarly ? { endedEarly } : {}),
    };
  }

  /** A worker names the files of an S3 service by https, also of one that has http only. */
  #withScheme(location: string): string {
    const { s3Endpoint } = this.#config;
    if (!s3Endpoint || !URL.canParse(s3Endpoint) || !URL.canParse(location)) return location;
    const [service, file] = [new URL(s3Endpoint), new URL(location)];
    // The bucket stands in the path, or before the host.
    const isThere = file.host === service.host || file.host.endsWith(`.${service.host}`);
    const isPlain = service.protocol === "http:" && file.protocol === "https:";
    return isThere && isPlain ? location.replace(/^https:/i, "http:") : location;
  }
}

/** The stored files: only these have a location. A worker reports a duration before it is final, and before the size. */
function filesOf(info: EgressInfo, recording: string, isFinal: boolean): RecordedFile[] {
  const files = info.fileResults.map(({ location, size, duration }) => ({ location, size, duration }));
  const playlists = info.segmentResults.map(({ playlistLocation, size, duration, segmentCount }) => ({
    ...{ location: playlistLocation, size, duration, segments: Number(segmentCount) },
  }));
  return [...files, ...playlists]
    .filter(({ location }) => location !== "")
    .map(({ location, size, duration, ...rest }) => ({
      recording,
      location: withoutSignature(location),
      ...(isFinal && size !== 0n ? { sizeBytes: Number(size) } : {}),
      ...(isFinal && duration !== 0n ? { durationSeconds: Number(duration / 1_000_000n) / 1000 } : {}),
      ...(isFinal ? rest : {}),
    }));
}

/** Cuts the query and the user from an address: a recorder may report a signed one, which gives access to the file. */
function withoutSignature(location: string): string {
  return /^https?:/i.test(location)
    ? location.replace(/[?#].*$/s, "").replace(/\/\/[^/@]*@/, "//")
    : location;
}

/** Egress counts nanoseconds, more than a number holds; 0 is unknown. */
function time(nanoseconds: bigint): string | undefined {
  return nanoseconds === 0n ? undefined : new Date(Number(nanoseconds / 1_000_000n)).toISOString();
}

/** The reasons of an end that do not cut a recording: its room closed, or it was stopped. */
const WANTED_ENDS = ["Source closed", "StopEgress API"];
const LIMIT = "Session limit reached";

/**
 * Why a recording ended, unless with its room, and whether the worker cut it: one that ran out of processor time, was
 * killed or reached a limit reports "complete" and no error all the same. Workers of before 2025 report no reason.
 */
function endOf({ error, details, backupStorageUsed }: EgressInfo): Pick<Recording, "error" | "endedEarly"> {
  const reason = /End reason: ([^\n]+)/.exec(details)?.[1]?.trim() ?? (error.startsWith(LIMIT) ? LIMIT : "");
  const endedEarly = reason !== "" && !WANTED_ENDS.includes(reason);
  const text = endText(error, details, reason, endedEarly);
  const elsewhere =
    "its storage could not be reached, so the worker has left the file in its backup storage, where its location says";
  const parts = [text, backupStorageUsed ? elsewhere : undefined].filter((part) => part !== undefined);
  return {
    ...(parts.length === 0 ? {} : { error: parts.join("; ") }),
    ...(endedEarly ? { endedEarly } : {}),
  };
}

function endText(error: string, details: string, reason: string, isCut: boolean): string | undefined {
  const isStopped = reason === "StopEgress API";
  // An egress that waited for its first track, or was not even ready for one.
  if (/^(Start signal not received|Stop called before pipeline could start)/.test(error)) {
    const cut = isCut ? `the egress worker ended it (${reason})` : "it ended";
    const how = isStopped ? "it was stopped" : reason === "Source closed" ? "its room closed" : cut;
    return `${how} before a participant published, so nothing was recorded`;
  }
  if (error !== "") return details === "" ? error : `${error} (${details})`;
  if (isStopped) return "it was stopped before its room closed";
  return isCut ? `the egress worker ended it before its room closed: ${reason}` : undefined;
}

/** Throws NOT_CONFIGURED for a server without Redis, or the error itself. */
export function diagnose(error: unknown): never {
  if (!isWithoutRedis(error)) throw error;
  const message =
    "livekit: this server cannot record: it runs without Redis, through which it would reach an egress worker. Configure redis for livekit-server and run an egress worker on the same Redis";
  throw new RtcError("NOT_CONFIGURED", message, { vendor: "livekit", operation: "ListEgress" });
}

/** Whether a failed start may have begun: it was not rejected, or its answer was unreadable. */
function mayHaveBegun({ retryable, code }: RtcError): boolean {
  return retryable || code === "VENDOR_ERROR";
}

/** The error, or UNAVAILABLE where the server found no egress worker. */
export function withoutWorker(error: unknown): unknown {
  if (!RtcError.isInstance(error)) return error;
  const silent = error.message.includes("no response from servers") || error.code === "DEADLINE_EXCEEDED";
  return silent ? noWorker(error.operation) : error;
}

/** The error of a call whose recording no egress worker took. */
export function noWorker(operation: string | undefined): RtcError {
  const message = `livekit ${operation}: no egress worker took the recording: is one running, with capacity left, on the server's Redis?`;
  return new RtcError("UNAVAILABLE", message, { vendor: "livekit", operation });
}

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

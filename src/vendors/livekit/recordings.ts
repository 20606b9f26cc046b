import type { EgressInfo } from "livekit-server-sdk";
import {
  type CoreConfig,
  isEnded,
  isLike,
  type RecordedFile,
  type Recording,
  type RecordingSpec,
  RtcError,
  roomId,
  STATUSES,
} from "../../contract";
import { isDeadNode, isWithoutRedis, type LivekitApi } from "./api";
import { egressOutput, outputUriOf } from "./destination";

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

  /** A start is not idempotent, so it is sent once. When its answer is lost, a new matching egress is looked up. */
  async start(spec: RecordingSpec): Promise<Recording> {
    const before = new Set((await this.#ofRoom(spec.name, true)).map(({ egressId }) => egressId));
    const output = egressOutput(spec.outputUri, spec.audioOnly, this.#config);
    try {
      const info = await this.#api.startEgress("StartRoomCompositeEgress", (service) =>
        service.startRoomCompositeEgress(spec.name, output, {
          layout: spec.layout,
          audioOnly: spec.audioOnly,
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
    const files = filesOf(info, recording).map((file) => ({
      ...file,
      location: this.#api.redact(file.location),
    }));
    const [startedAt, endedAt] = [time(info.startedAt), time(info.endedAt)];
    const duration = files[0]?.durationSeconds;
    const error = endOf(info);
    return {
      recording,
      room: roomId({ vendor: "livekit", region: this.#region, name: info.roomName }),
      ...(info.roomId === "" ? {} : { roomSid: info.roomId }),
      status: STATUSES[info.status] ?? "failed",
      ...(request
        ? { layout: request.layout === "" ? "grid" : request.layout, audioOnly: request.audioOnly }
        : {}),
      ...(outputUri === undefined ? {} : { outputUri }),
      ...(files.length === 0 ? {} : { files }),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(duration === undefined ? {} : { durationSeconds: duration }),
      // The storage's error may contain the credentials that it was given.
      ...(error === undefined ? {} : { error: this.#api.quote(error) }),
    };
  }
}

/** The finished files: only these have a location. */
function filesOf(info: EgressInfo, recording: string): RecordedFile[] {
  const all = [
    ...info.fileResults.map(({ location, size, duration }) => ({ location, size, duration })),
    ...info.segmentResults.map(({ playlistLocation: location, size, duration }) => ({
      location,
      size,
      duration,
    })),
  ];
  return all
    .filter(({ location }) => location !== "")
    .map(({ location, size, duration }) => ({
      recording,
      location: withoutSignature(location),
      ...(size === 0n ? {} : { sizeBytes: Number(size) }),
      ...(duration === 0n ? {} : { durationSeconds: Number(duration / 1_000_000n) / 1000 }),
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

/** Why a recording ended, unless with its room. */
function endOf({ error, details }: EgressInfo): string | undefined {
  const isStopped = /StopEgress API/.test(details);
  // An egress that waited for its first track, or was not even ready for one.
  if (/^(Start signal not received|Stop called before pipeline could start)/.test(error)) {
    const how = isStopped ? "it was stopped" : /Source closed/.test(details) ? "its room closed" : "it ended";
    return `${how} before a participant published, so nothing was recorded`;
  }
  if (error !== "") return details === "" ? error : `${error} (${details})`;
  return isStopped ? "it was stopped before its room closed" : undefined;
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

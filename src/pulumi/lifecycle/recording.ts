import type { RtcClient } from "../../client/types";
import {
  type CoreConfig,
  DEFAULT_LAYOUT,
  type Issue,
  isEnded,
  isLike,
  ownerMark,
  type Recording,
  RtcError,
} from "../../contract";
import type { Clock } from "../../support/clock";
import { type Say, sameEndpoint } from "./context";
import type { Checked, Memory } from "./memory";
import { checkRecording } from "./recording-check";
import { fixedLayout, isOfAnother, lookAt, recordedPeople, running, unseenAt } from "./recording-looks";
import { asSeen, ofLive, readAs, reason, sameInput, wantsAnother } from "./recording-rules";
import {
  parseRecordingInputs,
  parseRecordingState,
  RECORDING_INPUTS,
  type RecordingInputs,
  type RecordingState,
  recordingKey,
  recordingOutputs,
} from "./recording-state";
import { finished, settled, showing } from "./recording-waits";
import { occupied, recordedTwice } from "./refusals";
import { clean, type Properties } from "./state";
import { UNKNOWN } from "./unknown";

/** How long a start waits for the program's other declarations, where one of them may have the recording already. */
const OTHERS_MS = 1000;

const IN_PLACE: readonly string[] = ["layout", "metadata", "restartPolicy", "forceDestroy"];

/** What the lifecycle works with. */
export interface RecordingContext {
  client: RtcClient;
  config: Pick<CoreConfig, "forceDestroy" | "ownerMark" | "recordingOutput">;
  /** The rooms of the same program, and the recordings. */
  rooms: Memory;
  memory: Memory;
  say: Say;
  clock: Clock;
}

/** The lifecycle of an RtcRecording over a client: what the engine's calls mean, without the engine. */
export class RecordingLifecycle {
  readonly #context: RecordingContext;
  /** Which resource, by its Pulumi id, has which recording: one that was only renamed hands it on. */
  readonly #holders = new Map<string, string>();

  constructor(context: RecordingContext) {
    this.#context = context;
  }

  /** All problems at once, without the network; room, vendor and output resolved into the inputs. */
  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] } {
    return checkRecording(this.#context, olds, news);
  }

  /**
   * What changes in place and what makes a new recording. The engine also asks, without check and with `room`
   * unknown, when the room is about to be replaced: the recording ends before its room does.
   */
  async diff(id: string, olds: Properties, news: Properties) {
    const { rooms, say } = this.#context;
    const state = this.#state(id, olds);
    if (!this.#holders.has(state.recording)) this.#holders.set(state.recording, id);
    const changed = RECORDING_INPUTS.filter(
      (key) =>
        key !== "roomSid" &&
        !sameInput(key, state[key], news[key]) &&
        // A vendor that is left to a gateway is where its answer has put the recording.
        (key !== "vendor" || news[key] !== undefined),
    );
    const why = changed.includes("layout") ? await fixedLayout(this.#context, state) : undefined;
    const replaces: string[] = changed.filter((key) => !IN_PLACE.includes(key) || (key === "layout" && why));
    if (await isOfAnother(this.#context, state, news["roomSid"])) replaces.push("roomSid");
    const checked = this.#declared(state);
    const dryRun = checked?.dryRun ?? rooms.owning(state.room)?.dryRun;
    if (replaces.length > 0 && dryRun !== undefined) {
      // Where the engine asks early, the row is not known yet; what comes from the room is unknown with it.
      const told = replaces.filter((key) => key === "room" || news[key] !== UNKNOWN);
      const what = checked ? "replaced" : `recording ${id} is replaced`;
      const since = told.map(reason).join(" and ") || `${replaces.join(" and ")} is not known yet`;
      if (dryRun) say("info", `${what}, since ${since}${why ? ` (${why})` : ""}`, checked?.urn);
      const refusal = await this.#refusal(state, checked);
      if (refusal && !dryRun) throw refusal;
      if (refusal) say("warn", `up will refuse this: ${refusal.message}`, checked?.urn);
    }
    const still = changed.length + replaces.length === 0;
    if (still && state.restartDue) {
      if (dryRun)
        say(
          "info",
          `it has ended (${state.status}), and restartPolicy is ${state.restartPolicy}: another is started`,
          checked?.urn,
        );
      // No input differs, so the engine would find nothing itself.
      return { changes: true, replaces, deleteBeforeReplace: true };
    }
    const pinned = state.routed === true && news["vendor"] !== undefined;
    return { ...(still && !pinned ? { changes: false } : {}), replaces, deleteBeforeReplace: true };
  }

  /** Starts it, or takes over the one that a killed run has started: of the same room of ours, and like it. */
  async create(inputs: Properties): Promise<{ id: string; outs: Properties }> {
    const declared = parseRecordingInputs(inputs);
    this.#undisputed(declared);
    const checked = this.#context.memory.declaring(recordingKey({ ...declared }) ?? "");
    if (!checked) throw new RtcError("INTERNAL", "create came without check");
    const id = `${declared.room}/${checked.name}`;
    const live = await this.#started(id, declared, checked);
    const outs = recordingOutputs(declared, live, this.#context.client.endpoint(declared.room));
    const unseen = await unseenAt(this.#context, String(outs["vendor"]));
    return { id, outs: unseen === undefined ? outs : { ...outs, unverified: true } };
  }

  /** The state as the vendor has it. An ended recording is history, also when the vendor has forgotten it: never gone. */
  async read(id: string, props: Properties): Promise<{ id: string; props: Properties; inputs: Properties }> {
    const { client, say } = this.#context;
    if (props["schemaVersion"] === undefined) {
      throw new RtcError("UNSUPPORTED", "a recording cannot be read by id: use client.recording.get");
    }
    const { restartDue, unverified, ...state } = this.#state(id, props);
    if (isEnded(state.status) && !state.restartPolicy) return readAs(id, state);
    const unseen = isEnded(state.status) ? undefined : await unseenAt(this.#context, state.vendor);
    if (unseen !== undefined) {
      const message = `recordings are kept in the state as they were started, unverified: ${unseen}`;
      if (this.#context.memory.isNews(message)) say("warn", message);
      return readAs(id, { ...state, unverified: true });
    }
    const now = isEnded(state.status)
      ? state
      : asSeen(state, await client.recording.find(state.recording, { shared: true }));
    if (now.error !== undefined && now.error !== state.error) {
      say("warn", `recording ${now.recording} of room ${now.room} is ${now.status}: ${now.error}`);
    }
    const due = wantsAnother(now) && (await client.room.find(now.room, { shared: true })) !== undefined;
    return readAs(id, due ? { ...now, restartDue: true } : now);
  }

  /** Changes the layout of a running one, starts another where the policy asks for it, else changes the record. */
  async update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }> {
    const { client } = this.#context;
    const { restartDue, ...state } = this.#state(id, olds);
    const declared = parseRecordingInputs(news);
    const checked = this.#declared(state);
    const wanted = wantsAnother({ ...state, restartPolicy: declared.restartPolicy });
    const newlyWanted = wanted && !wantsAnother(state) && (await client.room.find(state.room)) !== undefined;
    if (checked && ((restartDue && wanted) || newlyWanted)) {
      const live = await this.#started(id, declared, checked);
      return { outs: recordingOutputs(declared, live, state.endpoint, state.files) };
    }
    const layout = declared.layout ?? DEFAULT_LAYOUT;
    if (!isEnded(state.status) && layout !== (state.layout ?? DEFAULT_LAYOUT)) {
      const live = await lookAt(this.#context, state);
      if (live && !isEnded(live.status)) await client.recording.update(state.recording, { layout });
    }
    const { layout: _, metadata, restartPolicy, forceDestroy, ...kept } = state;
    const roomByName = declared.roomSid === undefined ? true : undefined;
    const routed = declared.vendor === undefined ? true : undefined;
    return { outs: clean({ ...kept, ...declared, roomSid: state.roomSid, roomByName, routed }) };
  }

  /** Stops it and waits until its file is finished and its end shows. One that has ended or is not known is done. */
  async delete(id: string, props: Properties): Promise<void> {
    const { client, say } = this.#context;
    const state = this.#state(id, props);
    const checked = this.#declared(state);
    const holder = this.#holders.get(state.recording) ?? id;
    if (holder !== id) {
      say("info", `recording ${state.recording} goes on: ${holder} has it now`);
      return;
    }
    let live = isEnded(state.status) ? undefined : await lookAt(this.#context, state);
    if (!live || isEnded(live.status)) return this.#tell(state, live, checked);
    const refusal = await this.#refusal(state, checked, live);
    if (refusal) throw refusal;
    const stopped = await client.recording.stop(state.recording);
    const unseen = await unseenAt(this.#context, state.vendor);
    if (unseen !== undefined) {
      const message = `recording ${state.recording} was told to stop; when its file is finished is not seen: ${unseen}`;
      say("warn", message, checked?.urn);
      return;
    }
    live = stopped && (await finished(this.#context, state, stopped, checked?.urn));
    this.#tell(state, live, checked);
  }

  /** Names the files of a recording that leaves the state, those of earlier starts too. */
  #tell(state: RecordingState, live: Recording | undefined, checked: Checked | undefined): void {
    const { recording, status, files = [], error } = live ? { ...state, ...ofLive(state, live) } : state;
    if (files.length === 0 && error === undefined) return;
    const where = files.length === 0 ? "without a file" : files.map(({ location }) => location).join(", ");
    this.#context.say(
      "info",
      `recording ${recording} is ${status}, ${where}${error ? ` (${error})` : ""}`,
      checked?.urn,
    );
  }

  #state(id: string, props: Properties): RecordingState {
    const state = parseRecordingState(id, props);
    sameEndpoint(id, state.endpoint, this.#context.client.endpoint(state.room));
    return state;
  }

  /** The declaration that a state belongs to; undefined in a refresh or a destroy, where no check runs. */
  #declared(state: RecordingState): Checked | undefined {
    return this.#context.memory.owning(recordingKey(state) ?? "");
  }

  /** Why a running recording must not be ended now: people are in the room. */
  async #refusal(
    state: RecordingState,
    checked: Checked | undefined,
    live?: Recording,
  ): Promise<RtcError | undefined> {
    const { config, rooms } = this.#context;
    // What is declared now goes before what the state remembers; in a destroy nothing is declared. Where a room is
    // replaced, the engine asks before the recording's own check, and a forced end of the room ends its recording.
    const force = checked?.forceDestroy ?? (state.forceDestroy || rooms.owning(state.room)?.forceDestroy);
    if (force || config.forceDestroy || isEnded(state.status)) return undefined;
    const { status } = live ?? (await lookAt(this.#context, state)) ?? {};
    if (status !== "active") return undefined;
    const people = await recordedPeople(this.#context, state);
    return people === 0 ? undefined : occupied(state.room, people, "recording");
  }

  async #started(id: string, declared: RecordingInputs, checked: Checked): Promise<Recording> {
    const { client, config } = this.#context;
    const { layout = DEFAULT_LAYOUT, audioOnly = false, outputUri, vendor } = declared;
    const room = await client.room.find(declared.room);
    if (!room) {
      throw new RtcError(
        "NOT_FOUND",
        `room ${declared.room} is not there now, so it cannot be recorded: it has closed (one with emptyTimeoutSeconds comes back with the next join), or was never made`,
      );
    }
    const ours = config.ownerMark !== false && room.owner?.slice(0, 12) === ownerMark(checked).slice(0, 12);
    const others = ours ? await running(this.#context, declared.room, checked.urn) : undefined;
    const isFree = ({ recording }: Recording) => (this.#holders.get(recording) ?? id) === id;
    const like = others?.find(
      (one) =>
        one.roomSid === room.sid &&
        one.status !== "ending" &&
        isLike(one, { layout, audioOnly, outputUri }) &&
        isFree(one),
    );
    // Where nothing was looked for, a twin that has been recording for long is not seen but by its check.
    if (like || !others) {
      await this.#context.clock.sleep(OTHERS_MS);
      this.#undisputed(declared);
    }
    if (like && isFree(like)) {
      this.#holders.set(like.recording, id);
      return settled(this.#context, like);
    }
    const starting = client.recording.start({ room: declared.room, layout, audioOnly, outputUri, vendor });
    await showing(this.#context, "waiting for the vendor to accept the recording", checked.urn, starting);
    const started = await starting;
    const unseen = await unseenAt(this.#context, vendor ?? room.vendor);
    if (unseen === undefined) return settled(this.#context, started);
    return { ...(room.sid === null ? {} : { roomSid: room.sid }), ...started };
  }

  /** Refuses what is declared twice: the engine checks a program's resources in no certain order, while it makes others. */
  #undisputed(declared: RecordingInputs): void {
    if (!this.#context.memory.isDisputed(recordingKey({ ...declared }) ?? "")) return;
    throw new RtcError("INVALID_ARGUMENT", recordedTwice(declared.room), { vendor: declared.vendor });
  }
}

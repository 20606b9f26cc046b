import {
  DEFAULT_LAYOUT,
  type Issue,
  isEnded,
  parseRoomId,
  type Recording,
  RtcError,
  roomId,
} from "../../contract";
import { assertAllowed, errorOf, type Observed, protectedFailure, rejection } from "../decision";
import type { Declaration } from "../declarations";
import { foresee, isForeseen } from "../foresee";
import {
  endpointMismatch,
  type Lifecycle,
  type Process,
  type Properties,
  type ReadResource,
} from "../lifecycle";
import { clean, knownOf } from "../state";
import { assertDeclaredOnce, planStart, startRecording } from "./act";
import { checkRecording } from "./check";
import {
  changedInputs,
  decideChange,
  decideRefresh,
  decideRemoval,
  decideUpdate,
  isHistory,
  isRestartWanted,
  withLive,
} from "./decide";
import {
  observationGap,
  observeForChange,
  observeForRefresh,
  observeForRemoval,
  observeRecording,
  waitUntilEnded,
} from "./observe";
import {
  parseRecordingInputs,
  parseRecordingState,
  type RecordingContext,
  type RecordingState,
  recordingInputsOf,
  recordingKey,
  recordingOutputs,
} from "./state";

/** Recordings: RtcRecording. */
export function recordingKind(process: Process): Lifecycle {
  const { declarations } = process;
  return new RecordingLifecycle({
    ...process,
    declarations: declarations("recording"),
    rooms: declarations("room"),
  });
}

/** The lifecycle of an RtcRecording over a client. */
class RecordingLifecycle implements Lifecycle {
  readonly #context: RecordingContext;
  /** What servers have answered that were asked whether they can record. */
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(context: RecordingContext) {
    this.#context = context;
  }

  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] } {
    return checkRecording(this.#context, olds, news);
  }

  async foresee(urn: string, inputs: Properties): Promise<void> {
    const { client, declarations, rooms, report } = this.#context;
    const declaration = declarations.get(urn);
    if (!isForeseen(this.#context, declaration)) return;
    const ofResource = declaration.roomUrn === undefined ? undefined : rooms.get(declaration.roomUrn);
    const { room } = knownOf({ room: inputs["room"], ...(ofResource && { room: ofResource.declares }) });
    // A room that a gateway will place has no id yet.
    if (typeof room !== "string" || room.startsWith(":")) return;
    const isNewRoom = ofResource?.managedId === undefined && ofResource?.keepsSid === undefined;
    await foresee(this.#context, urn, async () => {
      if (ofResource && isNewRoom) {
        // What is asked of a room that is not there yet shows whether the server can record at all: once for all of its rooms.
        const server = client.endpoint(room);
        const asked = this.#asked.get(server) ?? client.recording.list({ room, active: true });
        this.#asked.set(server, asked);
        await asked;
        return;
      }
      const declared = parseRecordingInputs({ ...knownOf(inputs), room });
      const { adopts, failures } = await planStart(
        this.#context,
        `${room}/${declaration.name}`,
        declared,
        declaration,
      );
      for (const failure of failures) report("warn", rejection(failure), urn);
      // What this run replaces ends before: the engine checks its successor as a new resource.
      if (adopts && !declarations.replacing.includes(`${room}/${declaration.name}`))
        report("info", `recording ${adopts.recording} continues: it is this resource's from then on`, urn);
    });
  }

  declaration(_id: string, olds: Properties) {
    return this.#context.declarations.ofId(recordingKey(olds) ?? "");
  }

  /**
   * What changes in place and what replaces the recording. When the room is about to be replaced, the engine also asks
   * without check and with `room` unknown: the recording ends before its room.
   */
  async diff(id: string, olds: Properties, given: Properties) {
    const { client, declarations, rooms, report } = this.#context;
    const state = this.#state(id, olds);
    const news = this.#ofMovedRoom(state, given);
    const changesLayout = changedInputs(state, news).includes("layout");
    const observation = await observeForChange(client, state, { changesLayout, roomSid: news["roomSid"] });
    const declaration = this.#declaration(state);
    const isDeclared = declaration !== undefined;
    // A refresh compares as well, before any check: what is not declared any more has no claim.
    if (isDeclared) declarations.claim(state.recording, id);
    const { action, replaces, reasons } = decideChange({
      id,
      state,
      declared: news,
      observation,
      isDeclared,
    });
    const dryRun = declaration?.dryRun ?? rooms.ofId(state.room)?.dryRun;
    if (dryRun) for (const reason of reasons) report("info", reason, declaration?.urn);
    if (action === "replace" && declaration?.protect)
      throw errorOf(protectedFailure("recording", state.recording, "replace"));
    if (action === "replace" && dryRun !== undefined && !this.#isForced(state, declaration)) {
      const [failure] = (await this.#removal(id, state, declaration)).failures;
      if (failure && !dryRun) throw errorOf(failure);
      if (failure) report("warn", rejection(failure), declaration?.urn);
    }
    if (action === "replace" && dryRun !== undefined) declarations.addReplacing(id);
    // No input differs for a restart, so the engine would find no change itself.
    const changes = action === "restart" ? true : action === "none" ? false : undefined;
    return { ...(changes === undefined ? {} : { changes }), replaces, deleteBeforeReplace: true };
  }

  /** Starts it, or adopts the one that a killed run has started. */
  async create(inputs: Properties): Promise<{ id: string; outs: Properties }> {
    const { client, declarations } = this.#context;
    const declared = parseRecordingInputs(inputs);
    assertDeclaredOnce(this.#context, declared);
    const declaration = declarations.declaring(recordingKey({ ...declared }) ?? "");
    if (!declaration) throw new RtcError("INTERNAL", "create came without check");
    const id = `${declared.room}/${declaration.name}`;
    const starting = startRecording(this.#context, id, declared, declaration);
    const live = await starting.finally(() => declarations.removeReplacing(declared.room, declaration.name));
    const outs = recordingOutputs(declared, live, client.endpoint(declared.room));
    const gap = await observationGap(client, String(outs["vendor"]));
    return { id, outs: gap === undefined ? outs : { ...outs, unverified: true } };
  }

  /** The live state. A recording that has ended or has expired at the vendor stays in the state. */
  async read(id: string, props: Properties): Promise<ReadResource> {
    const { client, declarations, report } = this.#context;
    if (props["schemaVersion"] === undefined)
      throw new RtcError("UNSUPPORTED", "a recording cannot be read by id: use client.recording.get");
    const { restartDue, unverified, ...state } = this.#state(id, props);
    if (isHistory(state)) return readResource(id, state);
    const observation = await observeForRefresh(client, state);
    const decision = decideRefresh({ state, observation });
    for (const reason of decision.reasons) if (declarations.isFirstReport(reason)) report("warn", reason);
    for (const warning of decision.warnings) report("warn", warning);
    return readResource(id, decision.state);
  }

  /** Changes the layout of a running recording, restarts it where the policy asks for it, else changes the state only. */
  async update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }> {
    const { client } = this.#context;
    const stored = this.#state(id, olds);
    const declared = parseRecordingInputs(news);
    const declaration = this.#declaration(stored);
    const mayRestart =
      isRestartWanted({ ...stored, restartPolicy: declared.restartPolicy }) && !isRestartWanted(stored);
    const roomExists = mayRestart && (await client.room.find(stored.room)) !== undefined;
    const isDeclared = declaration !== undefined;
    const { action } = decideUpdate({ state: stored, declared, isDeclared, roomExists });
    const { restartDue, ...state } = stored;
    if (action === "restart" && declaration) {
      const live = await startRecording(this.#context, id, declared, declaration);
      return { outs: recordingOutputs(declared, live, state.endpoint, state.files) };
    }
    if (action === "relayout") {
      const live = await observeRecording(client, state);
      const layout = declared.layout ?? DEFAULT_LAYOUT;
      if (live.is === "unobservable" || (live.is === "known" && !isEnded(live.value.status)))
        await client.recording.update(state.recording, { layout });
    }
    const { layout: _, metadata, restartPolicy, forceDestroy, ...rest } = state;
    const roomByName = declared.roomSid === undefined ? true : undefined;
    const routed = declared.vendor === undefined ? true : undefined;
    return { outs: clean({ ...rest, ...declared, roomSid: state.roomSid, roomByName, routed }) };
  }

  /** Stops it, and waits until its file is finished and its end is observable. One that has ended or expired only leaves the state. */
  async delete(id: string, props: Properties): Promise<void> {
    const { client, report } = this.#context;
    const state = this.#state(id, props);
    const declaration = this.#declaration(state);
    const urn = declaration?.urn;
    const decision = await this.#removal(id, state, declaration);
    if (decision.action === "handOver") {
      for (const reason of decision.reasons) report("info", reason);
      return;
    }
    if (decision.action === "forget") return this.#reportFiles(state, decision.observed, urn);
    assertAllowed(decision);
    this.#assertRoomCreated(state);
    const stopped = await client.recording.stop(state.recording);
    const gap = await observationGap(client, state.vendor);
    if (gap !== undefined) {
      const message = `recording ${state.recording} is stopping, and the end of its file cannot be observed: ${gap}`;
      report("warn", message, urn);
      return;
    }
    const ended = stopped && (await waitUntilEnded(this.#context, state, stopped, urn));
    const last: Observed<Recording> = ended ? { is: "known", value: ended } : { is: "absent" };
    this.#reportFiles(state, last, urn);
  }

  /** Rejects the end of a recording whose room this run could not create under another name: so its successor was skipped. */
  #assertRoomCreated({ room, recording }: RecordingState): void {
    const { client, rooms } = this.#context;
    const ref = parseRoomId(room, client.vendors());
    // Where a gateway would have placed it.
    const key = ref && roomId({ ...ref, vendor: "" });
    if (!rooms.hasFailed(room) && !rooms.hasFailed(key ?? room)) return;
    const message = `recording ${recording} goes on, and stays in the state: room ${room} is declared by another resource now, which has failed in this run. Repair that and run up again`;
    throw new RtcError("ALREADY_EXISTS", message);
  }

  /** Reports the files of a recording that leaves the state, including those of earlier starts. */
  #reportFiles(state: RecordingState, last: Observed<Recording>, urn: string | undefined): void {
    const {
      recording,
      status,
      files = [],
      error,
    } = last.is === "known" ? withLive(state, last.value) : state;
    if (files.length === 0 && error === undefined) return;
    const where = files.length === 0 ? "without a file" : files.map(({ location }) => location).join(", ");
    const message = `recording ${recording} is ${status}, ${where}${error ? ` (${error})` : ""}`;
    this.#context.report("info", message, urn);
  }

  /** In a preview the id of a room that moves to another resource is unknown, but the room stays. */
  #ofMovedRoom(state: RecordingState, news: Properties): Properties {
    const urn = this.#declaration(state)?.roomUrn;
    const room = urn === undefined ? undefined : this.#context.rooms.get(urn);
    const stays = room?.declares === state.room && room.keepsSid != null && room.keepsSid === state.roomSid;
    return stays ? { ...news, room: state.room, roomSid: state.roomSid, vendor: state.vendor } : news;
  }

  async #removal(id: string, state: RecordingState, declaration: Declaration | undefined) {
    const { client, declarations } = this.#context;
    const isForced = this.#isForced(state, declaration);
    const claimant = declarations.claimant(state.recording);
    const isHandedOver = claimant !== undefined && claimant !== id;
    const observation = isHandedOver
      ? { recording: { is: "absent" } as const, participants: 0 }
      : await observeForRemoval(client, state, isForced);
    const decision = decideRemoval({ id, state, claimant, observation, isForced });
    return { ...decision, observed: observation.recording };
  }

  /**
   * The declaration takes precedence over the state; in a destroy nothing is declared. Where a room is replaced, the engine
   * asks before the recording's own check, and a forced end of the room ends its recording.
   */
  #isForced(state: RecordingState, declaration: Declaration | undefined): boolean {
    const { config, rooms } = this.#context;
    const { forceDestroy = state.forceDestroy || rooms.ofId(state.room)?.forceDestroy } = declaration ?? {};
    return forceDestroy === true || config.forceDestroy === true;
  }

  /** The declaration that a state belongs to; undefined in a refresh or a destroy, where no check runs. */
  #declaration(state: RecordingState): Declaration | undefined {
    return this.#context.declarations.ofId(recordingKey(state) ?? "");
  }

  /** The state, if it belongs to the configured endpoint. */
  #state(id: string, props: Properties): RecordingState {
    const state = parseRecordingState(id, props);
    const mismatch = endpointMismatch(id, state.endpoint, this.#context.client.endpoint(state.room));
    if (mismatch) throw errorOf(mismatch);
    return state;
  }
}

/** The answer of a read. */
function readResource(id: string, state: RecordingState): ReadResource {
  const props = clean(state);
  return { id, props, inputs: recordingInputsOf(props) };
}

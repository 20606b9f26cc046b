import type { RtcClient } from "../../client/types";
import { oneLine, RtcError, stackTag } from "../../contract";
import { RtcRecording, type RtcRecordingArgs } from "../../pulumi/recording";
import { RtcRoom } from "../../pulumi/room";
import type { Kind } from "../../reconcile/kinds";
import { decideOrphans, observeLive } from "../../reconcile/orphans";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { shortName } from "./declared";
import type { Engine, Program } from "./engine";
import type { Failed } from "./engine-events";
import type { Outcome } from "./operation";
import { liveRooms, removalFailure } from "./removals";
import { type Managed, managedIn, pendingIn } from "./stack-state";

/** A room or recording by its name in the stack and its id at the vendor. */
export interface Named {
  kind: Kind;
  name: string;
  id: string;
}

/** The result of a teardown, as JSON. */
export interface TeardownResult {
  project: string;
  stack: string;
  /** `refused`: nothing was touched. `absent`: there is no such stack. `incomplete`: run it again. */
  result: "destroyed" | "absent" | "refused" | "incomplete";
  /** The protected resources, for which it was rejected. */
  protected: Named[];
  /** Occupied rooms, for which it was rejected unless forced. */
  occupied: { room: string; people: number }[];
  /** The stopped recordings, with their files. */
  recordings: { recording: string; status: string; files: string[] }[];
  deleted: Named[];
  /** The resources that are still managed. */
  left: Named[];
  /** Orphans at the vendors that carry this stack's tag: rooms and recordings by id. */
  remaining: string[];
  removedStack: boolean;
  errors: Failed[];
}

/** Options of a teardown. */
export interface TeardownOptions {
  /** End the calls in occupied rooms. */
  force: boolean;
  /** Remove the stack itself once nothing is left. */
  removeStack: boolean;
}

/** Takes a stack down. Precondition failures are reported before anything is touched. */
export async function tearDown(engine: Engine, options: TeardownOptions, io: Io): Promise<TeardownResult> {
  const { project, name: stack } = engine;
  const result: TeardownResult = {
    ...{ project, stack, result: "absent", protected: [], occupied: [], recordings: [], deleted: [] },
    ...{ left: [], remaining: [], removedStack: false, errors: [] },
  };
  const tag = stackTag({ project, stack: shortName(stack) });
  if (!engine.exists) {
    result.remaining = await orphans(engine, { tag, managed: [] });
    return result;
  }

  let state = await engine.state();
  const managed = managedIn(state);
  const pending = pendingIn(state);
  if (managed.length + pending.operations > 0) {
    const client = engine.client();
    result.protected = managed.filter(({ isProtected }) => isProtected).map(named);
    const occupied = (await liveRooms(client, managed)).filter(({ numParticipants }) => numParticipants);
    result.occupied = occupied.map(({ room, numParticipants }) => ({ room, people: numParticipants ?? 0 }));
    const rejecting = options.force
      ? []
      : occupied.filter((room) => removalFailure(engine, client, managed, room)?.code === "ROOM_OCCUPIED");
    if (result.protected.length + rejecting.length > 0)
      return { ...result, result: "refused", left: managed.map(named) };
    // Where it is rejected, the result has them.
    for (const { room, people } of result.occupied)
      io.warn(oneLine(`room ${room} is occupied (participants: ${people})`));

    if (pending.operations > 0) {
      io.note(
        `a run was killed, and may have orphaned some of what it was creating (${pending.creates.length}): adopting it`,
      );
      result.errors.push(...(await adoptPending(engine, pending.creates, managed, io)));
      state = await engine.state();
    }
  }

  const all = managedIn(state);
  const outcomes: Outcome[] = [];
  const how = { verb: "destroy", runProgram: true, continueOnError: true } as const;
  if (options.force) engine.set("RTC_FORCE_DESTROY");
  const recordings = all.filter(({ kind }) => kind === "recording");
  const rooms = all.filter(({ kind }) => kind === "room");
  if (recordings.length > 0) {
    outcomes.push(
      await engine.run(declareNothing(all), { ...how, target: recordings.map(({ urn }) => urn) }, io),
    );
    result.recordings = await finalRecordings(engine.client(), recordings);
  }
  if (rooms.length > 0)
    outcomes.push(await engine.run(declareNothing(all), { ...how, target: rooms.map(({ urn }) => urn) }, io));
  state = await engine.state();
  // The stack resource goes last: rooms and recordings that are still managed depend on it.
  if (managedIn(state).length === 0 && (state.resources ?? []).length > 0) {
    outcomes.push(await engine.run(declareNothing(all), how));
    state = await engine.state();
  }

  const after = managedIn(state);
  const urns = new Set(after.map(({ urn }) => urn));
  result.left = after.map(named);
  result.deleted = all.filter(({ urn }) => !urns.has(urn)).map(named);
  result.errors.push(...distinct(outcomes.flatMap(({ failed }) => failed)));
  // Resources that are still managed are reported by name.
  const untagged = all.filter(({ kind, outputs }) => kind === "room" && outputs["owner"] === undefined);
  result.remaining = await orphans(engine, { tag, managed: ids(after), untagged: ids(untagged) });
  const clean = result.left.length + result.remaining.length + result.errors.length === 0;
  result.result = clean ? "destroyed" : "incomplete";
  if (clean && options.removeStack) {
    await engine.remove();
    result.removedStack = true;
  }
  return result;
}

/** The exit code of a result. */
export function exitOf({ result, remaining: left }: TeardownResult): ExitCode {
  return result === "destroyed" || (result === "absent" && left.length === 0) ? EXIT.done : EXIT.resource;
}

/** Adopts the resources of a killed run, so that they are destroyed with the rest, and clears its pending operations. */
async function adoptPending(
  engine: Engine,
  creates: readonly Managed[],
  managed: readonly Managed[],
  io: Io,
): Promise<Failed[]> {
  const target = creates.map(({ urn }) => urn);
  const up = { verb: "up", target, continueOnError: true } as const;
  const adopted = creates.length > 0 ? await engine.run(redeclarePending(creates), up, io) : undefined;
  if (adopted !== undefined && adopted.failed.length > 0) return adopted.failed;
  const refresh = { verb: "refresh", clearPendingCreates: true, runProgram: true } as const;
  return (await engine.run(declareNothing([...managed, ...creates]), refresh, io)).failed;
}

/** The final status of recordings, and their files. */
async function finalRecordings(
  client: RtcClient,
  managed: readonly Managed[],
): Promise<TeardownResult["recordings"]> {
  return Promise.all(
    managed.map(async ({ id, outputs }) => {
      const live = await client.recording.find(id, { shared: true });
      const before = (outputs["files"] ?? []) as { recording: string; location: string }[];
      const files = [...before.filter(({ recording }) => recording !== id), ...(live?.files ?? [])];
      const status = live?.status ?? String(outputs["status"]);
      return { recording: id, status, files: files.map(({ location }) => location) };
    }),
  );
}

/** The orphans of the stack, by id; none where its vendors are no longer configured. */
async function orphans(engine: Engine, stack: Parameters<typeof decideOrphans>[1]): Promise<string[]> {
  try {
    const { rooms, recordings } = decideOrphans(await observeLive(engine.client()), stack);
    return [...rooms, ...recordings];
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "NOT_CONFIGURED") return [];
    throw error;
  }
}

function ids(resources: readonly Managed[]): string[] {
  return resources.map(({ id }) => id);
}

function named({ kind, name, id }: Managed): Named {
  return { kind, name, id };
}

function distinct(failed: readonly Failed[]): Failed[] {
  return [...new Map(failed.map((one) => [`${one.resource} ${one.message}`, one])).values()];
}

/**
 * Declares no managed resource. Its one room is never created, but makes the engine use the current configuration in place
 * of the stored one: keys may have been rotated since.
 */
export function declareNothing(managed: readonly Managed[]): Program {
  const vendor = managed[0]?.vendor;
  return async () => {
    await Promise.resolve();
    new RtcRoom("rtc-nothing", vendor ? { vendor } : {});
    return {};
  };
}

/** Declares the pending creates of a killed run again, so that existing resources are adopted. */
export function redeclarePending(creates: readonly Managed[]): Program {
  return async () => {
    await Promise.resolve();
    for (const { kind, name, inputs } of creates) {
      const given = Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
      if (kind === "room") new RtcRoom(name, given);
      else {
        const { roomSid, room, ...rest } = given;
        new RtcRecording(name, { ...rest, room: String(room) } satisfies RtcRecordingArgs);
      }
    }
    return {};
  };
}

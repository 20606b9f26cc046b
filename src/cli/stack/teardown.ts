import { findRooms } from "../../client/bulk-rooms";
import type { RtcClient } from "../../client/types";
import { oneLine, type Room, RtcError, stackTag } from "../../contract";
import type { Kind } from "../../reconcile/kinds";
import { decideRemoval } from "../../reconcile/room/decide";
import { observationOf, roomTraits } from "../../reconcile/room/observe";
import { parseRoomState } from "../../reconcile/room/state";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { shortName } from "./declared";
import type { Engine } from "./engine";
import type { Failed } from "./engine-events";
import type { Outcome } from "./operation";
import { taggedOf } from "./orphans";
import { withoutSecrets } from "./secret-values";
import { type Held, heldIn, pendingIn } from "./stack-state";
import { again, nothing } from "./teardown-programs";

/** A room or recording by its name in the stack and its id at the vendor. */
export interface Named {
  kind: Kind;
  name: string;
  id: string;
}

/** What became of a stack, as JSON. */
export interface TeardownResult {
  project: string;
  stack: string;
  /** `refused`: nothing was touched. `absent`: there is no such stack. `incomplete`: run it again. */
  result: "destroyed" | "absent" | "refused" | "incomplete";
  /** Why it was refused. */
  protected: Named[];
  /** Rooms with people in them; they are the reason of a refusal unless the end of their calls is forced. */
  occupied: { room: string; people: number }[];
  /** The recordings that were ended, with their files. */
  recordings: { recording: string; status: string; files: string[] }[];
  deleted: Named[];
  /** What the state still holds. */
  left: Named[];
  /** What is still at the vendors and carries this stack's tag: rooms and recordings by id. */
  remaining: string[];
  removedStack: boolean;
  errors: Failed[];
}

/** How to tear down. */
export interface TeardownOptions {
  /** End the calls of people who are in the rooms. */
  force: boolean;
  /** Remove the stack itself once nothing is left. */
  removeStack: boolean;
}

/** Takes a stack down. What stands in the way is told before anything is touched. */
export async function tearDown(engine: Engine, options: TeardownOptions, io: Io): Promise<TeardownResult> {
  const { project, name: stack } = engine;
  const result: TeardownResult = {
    ...{ project, stack, result: "absent", protected: [], occupied: [], recordings: [], deleted: [] },
    ...{ left: [], remaining: [], removedStack: false, errors: [] },
  };
  const mark = stackTag({ project, stack: shortName(stack) });
  if (!engine.exists) {
    result.remaining = await remaining(engine.client(), mark, []).catch(ignoreUnconfigured);
    return result;
  }

  let state = await engine.state();
  const held = heldIn(state);
  const pending = pendingIn(state);
  if (held.length + pending.operations > 0) {
    const client = engine.client();
    result.protected = held.filter(({ isProtected }) => isProtected).map(named);
    const occupied = await occupiedRooms(client, held);
    result.occupied = occupied.map(({ room, numParticipants }) => ({ room, people: numParticipants ?? 0 }));
    for (const { kind, name, id } of result.protected)
      io.warn(oneLine(`${kind} ${name} (${id}) is protected`));
    for (const { room, people } of result.occupied) io.warn(oneLine(`${people} in room ${room}`));
    const refusing = options.force
      ? []
      : occupied.filter((room) => rejectsRemoval(engine, client, held, room));
    if (result.protected.length + refusing.length > 0)
      return { ...result, result: "refused", left: held.map(named) };

    if (pending.operations > 0) {
      io.note(`a run was killed: ${pending.creates.length} resources may be there unseen; looking for them`);
      result.errors.push(...(await healed(engine, pending.creates, held, io)));
      state = await engine.state();
    }
  }

  const all = heldIn(state);
  const outcomes: Outcome[] = [];
  const how = { verb: "destroy", runProgram: true, continueOnError: true } as const;
  if (options.force) engine.force();
  const recordings = all.filter(({ kind }) => kind === "recording");
  const rooms = all.filter(({ kind }) => kind === "room");
  if (recordings.length > 0) {
    outcomes.push(await engine.run(nothing(all), { ...how, target: recordings.map(({ urn }) => urn) }, io));
    result.recordings = await finished(engine.client(), recordings);
  }
  if (rooms.length > 0)
    outcomes.push(await engine.run(nothing(all), { ...how, target: rooms.map(({ urn }) => urn) }, io));
  state = await engine.state();
  // Only now the rest: where something of ours is left, the engine would take away the stack that it hangs on.
  if (heldIn(state).length === 0 && (state.resources ?? []).length > 0) {
    outcomes.push(await engine.run(nothing(all), how));
    state = await engine.state();
  }

  const after = heldIn(state);
  const urns = new Set(after.map(({ urn }) => urn));
  result.left = after.map(named);
  result.deleted = all.filter(({ urn }) => !urns.has(urn)).map(named);
  result.errors.push(...distinct(outcomes.flatMap(({ failed }) => failed)));
  // What is left is told by its own name already.
  const known = all.filter(({ kind, outputs }) => kind === "room" && outputs["owner"] === undefined);
  const found = await remaining(engine.client(), mark, known).catch(ignoreUnconfigured);
  result.remaining = found.filter((id) => !after.some((one) => one.id === id));
  const clean = result.left.length + result.remaining.length + result.errors.length === 0;
  result.result = clean ? "destroyed" : "incomplete";
  if (clean && options.removeStack) {
    await engine.remove();
    result.removedStack = true;
  }
  return result;
}

/** Which exit code says it. */
export function exitOf({ result, remaining: left }: TeardownResult): ExitCode {
  return result === "destroyed" || (result === "absent" && left.length === 0) ? EXIT.done : EXIT.resource;
}

/** The managed rooms with participants in them, as far as the vendors can tell. */
async function occupiedRooms(client: RtcClient, held: readonly Held[]): Promise<Room[]> {
  const rooms = held.filter(({ kind }) => kind === "room").map(({ id }) => id);
  const { found, failed } = await findRooms(client, rooms);
  // A vendor that cannot count, or a server that is not the state's, is the provider's to judge.
  const wrong = failed.find(({ error }) => error.code === "UNAUTHENTICATED" || error.retryable);
  if (wrong) throw wrong.error;
  return found.filter(({ numParticipants }) => numParticipants).sort((a, b) => (a.room < b.room ? -1 : 1));
}

/** Whether the delete of an occupied room would be rejected, by the decision that the provider takes too. */
function rejectsRemoval(engine: Engine, client: RtcClient, held: readonly Held[], live: Room): boolean {
  const one = held.find(({ kind, id }) => kind === "room" && id === live.room);
  if (one === undefined) return false;
  const state = parseRoomState(one.resourceId, withoutSecrets(one.outputs));
  const decision = decideRemoval({
    ...{ id: live.room, state, traits: roomTraits(client, state.vendor) },
    observation: { room: observationOf(client, live), closeGap: undefined },
    isForced: state.forceDestroy === true || engine.isForced(),
  });
  return decision.failures.some(({ code }) => code === "ROOM_OCCUPIED");
}

/** Adopts what a killed run has made, so that it is destroyed with the rest, and forgets that the run was killed. */
async function healed(
  engine: Engine,
  creates: readonly Held[],
  held: readonly Held[],
  io: Io,
): Promise<Failed[]> {
  const target = creates.map(({ urn }) => urn);
  const up = { verb: "up", target, continueOnError: true } as const;
  const adopted = creates.length > 0 ? await engine.run(again(creates), up, io) : undefined;
  if (adopted !== undefined && adopted.failed.length > 0) return adopted.failed;
  const refresh = { verb: "refresh", clearPendingCreates: true, runProgram: true } as const;
  return (await engine.run(nothing([...held, ...creates]), refresh, io)).failed;
}

/** How recordings have ended, and their files. */
async function finished(client: RtcClient, held: readonly Held[]): Promise<TeardownResult["recordings"]> {
  return Promise.all(
    held.map(async ({ id, outputs }) => {
      const live = await client.recording.find(id, { shared: true });
      const before = (outputs["files"] ?? []) as { recording: string; location: string }[];
      const files = [...before.filter(({ recording }) => recording !== id), ...(live?.files ?? [])];
      const status = live?.status ?? String(outputs["status"]);
      return { recording: id, status, files: files.map(({ location }) => location) };
    }),
  );
}

async function remaining(client: RtcClient, mark: string, held: readonly Held[]): Promise<string[]> {
  const { rooms, recordings } = await taggedOf(client, mark, new Set(held.map(({ id }) => id)));
  return [...rooms.map(({ room }) => room), ...recordings.map(({ recording }) => recording)];
}

/** Where nothing is configured any more, nobody can be asked. */
function ignoreUnconfigured(error: unknown): string[] {
  if (RtcError.isInstance(error) && error.code === "NOT_CONFIGURED") return [];
  throw error;
}

function named({ kind, name, id }: Held): Named {
  return { kind, name, id };
}

function distinct(failed: readonly Failed[]): Failed[] {
  return [...new Map(failed.map((one) => [`${one.resource} ${one.message}`, one])).values()];
}

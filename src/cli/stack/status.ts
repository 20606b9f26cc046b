import { type BulkResult, findRooms } from "../../client/bulk-rooms";
import { hasTimeout, messageOf, type Room } from "../../contract";
import type { DriftClass } from "../../reconcile/drift";
import { type ObservedDrift, observeDrift } from "./drift";
import type { Engine, LastRun } from "./engine";
import type { Failed } from "./engine-events";
import { type Managed, managedIn, pendingIn } from "./stack-state";

/**
 * What a managed room is at its vendor: `open`; `dormant`, so that the next join brings it (back); `missing`, which is
 * drift; `unknown` where it could not be observed.
 */
export type RoomPresence = "open" | "dormant" | "missing" | "unknown";

/** A managed room. */
export interface ManagedRoom {
  /** Of the resource. */
  name: string;
  id: string;
  state: RoomPresence;
  /** Null where they are not known. */
  participants: number | null;
  drift: DriftClass | null;
}

/** A managed recording. */
export interface ManagedRecording {
  /** Of the resource. */
  name: string;
  id: string;
  room: string;
  /** The vendor's status, or `unknown`. */
  status: string;
  drift: DriftClass | null;
  /** The locations of its files so far. */
  files: string[];
}

/** A stack at a glance. */
export interface StackStatus {
  project: string;
  stack: string;
  /** The last run of the engine; null where there was none. */
  lastRun: LastRun | null;
  /** How many operations a killed run has left unfinished. */
  pending: number;
  drifted: boolean;
  rooms: ManagedRoom[];
  recordings: ManagedRecording[];
  /** Why resources are `unknown`. */
  errors: Failed[];
}

/** Observes what a stack manages, as `rtc drift` does, and counts the participants. Changes nothing. */
export async function observeStatus(engine: Engine): Promise<StackStatus> {
  const [state, lastRun] = await Promise.all([engine.state(), engine.lastRun()]);
  const managed = managedIn(state).filter(({ isExternal }) => !isExternal);
  const rooms = managed.filter(({ kind }) => kind === "room");
  const [drift, live] = await Promise.all([
    observeDrift(engine, state),
    rooms.length === 0
      ? NONE
      : findRooms(
          engine.client(),
          rooms.map(({ id }) => id),
        ),
  ]);
  const found = { drift, live };
  const all = { rooms: rooms.map((one) => roomOf(one, found)), recordings: recordingsOf(managed, drift) };
  const unread = live.failed.flatMap(({ room, error }): Failed[] => {
    const resource = rooms.find(({ id }) => id === room)?.name;
    const isReported = drift.errors.some((one) => one.resource === resource);
    if (resource === undefined || isReported) return [];
    return [{ resource, code: error.code, message: `${error.code}: ${messageOf(error)}` }];
  });
  return {
    ...{ project: engine.project, stack: engine.name, lastRun: lastRun ?? null },
    ...{ pending: pendingIn(state).operations, drifted: drift.resources.length > 0, ...all },
    errors: [...drift.errors, ...unread],
  };
}

const NONE: Live = { found: [], failed: [] };

/** The rooms as the vendors have them now, and those that could not be asked for. */
interface Live {
  found: Room[];
  failed: BulkResult["failed"];
}

function roomOf(
  { name, id, urn, outputs }: Managed,
  { drift, live }: { drift: ObservedDrift; live: Live },
): ManagedRoom {
  const drifted = drift.resources.find((one) => one.kind === "room" && one.name === name)?.class ?? null;
  const room = live.found.find((one) => one.room === id);
  const state = decideRoomState({
    isObserved: drift.observed.has(urn) && !live.failed.some((one) => one.room === id),
    drift: drifted,
    closes: hasTimeout(outputs),
    live: room,
  });
  const participants = state === "unknown" ? null : (room?.numParticipants ?? 0);
  return { name, id, state, participants, drift: drifted };
}

/**
 * What a managed room is.
 *
 * @param observation `isObserved`: it was read at the configured server; `closes`: by itself, when it is empty; `live`:
 * undefined where no such room is there
 */
export function decideRoomState({
  isObserved,
  drift,
  closes,
  live,
}: {
  isObserved: boolean;
  drift: DriftClass | null;
  closes: boolean;
  live: Pick<Room, "state" | "numParticipants"> | undefined;
}): RoomPresence {
  if (!isObserved) return "unknown";
  if (drift === "deleted") return "missing";
  // Another one was deleted while it was observed.
  if (live === undefined) return closes ? "dormant" : "unknown";
  if (live.state === "open") return "open";
  // A room on demand: without the keys to ask for it, its record is all that there is.
  return live.numParticipants === null ? "unknown" : "dormant";
}

function recordingsOf(managed: readonly Managed[], drift: ObservedDrift): ManagedRecording[] {
  return managed
    .filter(({ kind }) => kind === "recording")
    .map(({ name, id, urn, outputs }) => {
      const drifted = drift.resources.find((one) => one.kind === "recording" && one.name === name)?.class;
      const observed = drift.observed.get(urn);
      const { status, files, unverified } = observed ?? {};
      const isKnown = typeof status === "string" && unverified !== true;
      return {
        ...{ name, id, room: String(outputs["room"] ?? ""), drift: drifted ?? null },
        status: isKnown ? status : "unknown",
        files: locationsIn(files ?? outputs["files"]),
      };
    });
}

function locationsIn(files: unknown): string[] {
  if (!Array.isArray(files)) return [];
  return files.flatMap((file: { location?: unknown }) =>
    typeof file.location === "string" ? [file.location] : [],
  );
}

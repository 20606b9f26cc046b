import { isCreated, isPersisted } from "../../client/rooms";
import type { RtcClient } from "../../client/types";
import { hasTimeout, orUndefined, type Room, reportsTimeouts } from "../../contract";
import { hasMoved, hasOtherLimits, isForeign, type Observed } from "../decision";
import { capabilityGap, closeGap, gatewayCloseGap, ifAdvertised } from "../gaps";
import { participantsIn } from "../lifecycle";
import { canWait, driftOf, type RoomInputs, type RoomState } from "./state";

/** The lifetime of rooms of a vendor. */
export interface RoomTraits {
  /** No vendor and no gateway stores a declared room: only the state has it. */
  isStateOnly: boolean;
  /** Rooms are created at the vendor and stay there. */
  isPersistent: boolean;
  /** A join recreates a room that has closed by itself. */
  isRevivedByJoin: boolean;
  /** Rooms carry an ownership tag: at the vendor, or in a gateway's record. */
  hasTag: boolean;
}

export function roomTraits(client: Pick<RtcClient, "gateway" | "traits">, vendor: string): RoomTraits {
  const { keepsRooms, persistentRooms } = client.traits(vendor);
  return {
    isStateOnly: !isPersisted(client, vendor),
    isPersistent: keepsRooms,
    isRevivedByJoin: persistentRooms?.revivedByJoin === true,
    hasTag: persistentRooms?.tagPlace !== null,
  };
}

/** The traits of a room that was observed: whether a join recreates one that has closed is up to its server. */
export async function traitsOf(
  client: RtcClient,
  id: string,
  traits: RoomTraits,
  observed: Observed<Room>,
  declared: Parameters<typeof hasTimeout>[0],
): Promise<RoomTraits> {
  const mayBeDormant = observed.is === "absent" && traits.isRevivedByJoin && hasTimeout(declared);
  return mayBeDormant ? { ...traits, isRevivedByJoin: await client.room.isRevivedByJoin(id) } : traits;
}

/** The observation of a room in an answer of a client. */
export function observationOf(client: Pick<RtcClient, "traits">, room: Room | undefined): Observed<Room> {
  if (!room) return { is: "absent" };
  if (isCreated(client, room)) return { is: "known", value: room };
  // At a vendor of on-demand rooms, a gateway answers for any name, since a join would create it.
  return reportsTimeouts(room)
    ? { is: "absent", mayBeOccupied: true }
    : { is: "unobservable", reason: "the gateway does not report the settings of rooms", part: room };
}

/** A room by its id, without the live number of participants. */
export async function observeRoom(
  client: RtcClient,
  id: string,
  options?: { shared?: boolean },
): Promise<Observed<Room>> {
  return observationOf(client, await client.room.find(id, options));
}

/**
 * A room that is about to be created or adopted. Participants are counted only where they decide whether it is recreated, and
 * whether its ownership tag can be changed is asked only where it would move from another resource.
 */
export async function observeForCreation(
  client: RtcClient,
  id: string,
  declared: RoomInputs,
  tag: string | undefined,
  options?: { shared?: boolean },
): Promise<{ room: Observed<Room>; participants: number; canMove: boolean; isUnrecorded: boolean }> {
  const room = await observeRoom(client, id, options);
  const moves = room.is === "known" && hasMoved({ owner: tag }, room.value);
  const canMove = moves && (await capabilityGap(client, "rtc.room.update", room.value.vendor)) === undefined;
  const isOwn = room.is === "known" && tag !== undefined && room.value.owner === tag;
  const isUnrecorded =
    isOwn && declared.enableRecording === true && (await lacksRecording(client, room.value));
  const mayBeRecreated =
    room.is === "known" &&
    client.traits(room.value.vendor).keepsRooms &&
    (isUnrecorded || hasOtherLimits(declared, room.value));
  const participants = mayBeRecreated ? await participantsIn(client, id) : 0;
  return { room, participants, canMove, isUnrecorded };
}

/** How long a room is asked for its own recording: later it may have expired at the vendor. */
const RECORDED_MS = 3_600_000;

/**
 * Whether a room that was created with its own recording has none: a server may create the room although no recorder
 * answers, and a killed run cannot take it back.
 */
async function lacksRecording(client: RtcClient, { room, sid, createdAt }: Room): Promise<boolean> {
  const isYoung = createdAt !== null && Date.now() - Date.parse(createdAt) < RECORDED_MS;
  const listed = isYoung ? await ifAdvertised(client.recording.list({ room }), null) : null;
  return listed !== null && !listed.items.some(({ roomSid }) => roomSid === sid);
}

/** A room of the state for a refresh. Participants are counted only where they delay a repair. */
export async function observeForRefresh(
  client: RtcClient,
  id: string,
  state: RoomState,
): Promise<{ room: Observed<Room>; participants: number }> {
  const room = await observeRoom(client, id, { shared: true });
  const drift = room.is === "known" && !isForeign(state, room.value) ? driftOf(state, room.value) : {};
  return { room, participants: canWait(drift) ? await participantsIn(client, id) : 0 };
}

/** A room of the state that is about to be deleted or replaced. */
export async function observeForRemoval(
  client: RtcClient,
  id: string,
  state: RoomState,
  isForced: boolean,
): Promise<{ room: Observed<Room>; closeGap: string | undefined }> {
  if (roomTraits(client, state.vendor).isStateOnly) {
    const room = { is: "unobservable", reason: `rooms of ${state.vendor} are on demand` } as const;
    return { room, closeGap: isForced ? closeGap(client, state) : undefined };
  }
  const room = observationOf(client, await orUndefined(client.room.get(id)));
  const live = room.is === "known" ? room.value : room.is === "unobservable" ? room.part : undefined;
  const mayLackKeys = live && isForced && !isForeign(state, live) && !client.traits(live.vendor).keepsRooms;
  return { room, closeGap: mayLackKeys ? await gatewayCloseGap(client, live.vendor) : undefined };
}

/** Why settings of a room cannot be changed in place, where a changed one is one that the vendor can change. */
export async function observeUpdateGap(
  client: RtcClient,
  vendor: string,
  changed: readonly string[],
): Promise<string | undefined> {
  const changes = client.traits(vendor).changesInPlace.some((key) => changed.includes(key));
  return changes ? capabilityGap(client, "rtc.room.update", vendor) : undefined;
}

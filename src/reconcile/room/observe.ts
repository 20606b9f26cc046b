import { isKept, isMade } from "../../client/kept";
import type { RtcClient } from "../../client/types";
import { orUndefined, type Room } from "../../contract";
import { participantsIn } from "../context";
import type { Observed } from "../decision";
import { closeGap, gatewayCloseGap, gatewayGap } from "../gaps";
import { differsInLimits, isForeign } from "../preconditions";
import { canWait, driftOf } from "./drift";
import type { RoomInputs, RoomState } from "./state";

/** How rooms of a vendor live. */
export interface RoomTraits {
  /** Only the state knows of a declared room: no vendor and no gateway keeps it. */
  isStateOnly: boolean;
  /** Rooms are created at the vendor and stay there. */
  isPersistent: boolean;
  /** A join brings back one that has closed by itself. */
  isRevivedByJoin: boolean;
  /** Rooms carry an ownership tag: at the vendor, or in a gateway's record. */
  hasTag: boolean;
}

export function roomTraits(client: Pick<RtcClient, "gateway" | "traits">, vendor: string): RoomTraits {
  const { keepsRooms, persistentRooms } = client.traits(vendor);
  return {
    isStateOnly: !isKept(client, vendor),
    isPersistent: keepsRooms,
    isRevivedByJoin: persistentRooms?.revivedByJoin === true,
    hasTag: persistentRooms?.tagPlace !== null,
  };
}

/** What an answer of a client says of a room. */
export function observed(client: Pick<RtcClient, "traits">, room: Room | undefined): Observed<Room> {
  if (!room) return { is: "absent" };
  if (isMade(client, room)) return { is: "known", value: room };
  // Where no vendor keeps rooms, a gateway answers for any name, since a join would create it.
  return room.untold?.includes("emptyTimeoutSeconds")
    ? { is: "unobservable", reason: "the gateway does not report the settings of rooms", part: room }
    : { is: "absent", mayBeOccupied: true };
}

/** A room by its id, without the live number of participants. */
export async function observeRoom(
  client: RtcClient,
  id: string,
  options?: { shared?: boolean },
): Promise<Observed<Room>> {
  return observed(client, await client.room.find(id, options));
}

/** A room that is about to be created or adopted. Participants are counted only where they decide whether it is recreated. */
export async function observeForCreation(
  client: RtcClient,
  id: string,
  declared: RoomInputs,
): Promise<{ room: Observed<Room>; participants: number }> {
  const room = await observeRoom(client, id);
  const mayBeRecreated =
    room.is === "known" &&
    client.traits(room.value.vendor).keepsRooms &&
    differsInLimits(declared, room.value);
  return { room, participants: mayBeRecreated ? await participantsIn(client, id) : 0 };
}

/** A room of the state as a refresh finds it. Participants are counted only where they put off a repair. */
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
    const room = { is: "unobservable", reason: `${state.vendor} keeps no rooms` } as const;
    return { room, closeGap: isForced ? closeGap(client, state) : undefined };
  }
  const room = observed(client, await orUndefined(client.room.get(id)));
  const live = room.is === "known" ? room.value : room.is === "unobservable" ? room.part : undefined;
  const mayLackKeys = live && isForced && !isForeign(state, live) && !client.traits(live.vendor).keepsRooms;
  return { room, closeGap: mayLackKeys ? await gatewayCloseGap(client, live.vendor) : undefined };
}

/** Why settings of a room cannot be changed in place, where one of those that a vendor could change is to be. */
export async function observeUpdateGap(
  client: RtcClient,
  vendor: string,
  changed: readonly string[],
): Promise<string | undefined> {
  const changes = client.traits(vendor).changesInPlace.some((key) => changed.includes(key));
  return changes ? gatewayGap(client, "rtc.room.update", vendor) : undefined;
}

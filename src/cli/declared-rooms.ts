import type { RtcClient } from "../client/types";
import {
  type Capability,
  type DeclaredSettings,
  parseRoomId,
  type RoomFields,
  type RoomSettings,
  RtcError,
  recordedSettings,
  roomId,
} from "../contract";
import type { Manifest } from "../manifest/schema";
import { errorOf } from "../reconcile/decision";
import { endpointMismatch } from "../reconcile/lifecycle";
import { parseRoomState, withoutDrift } from "../reconcile/room/state";
import type { Deployment } from "./stack/engine";
import { managedIn, withoutSecrets } from "./stack/stack-state";

/** A declared room: its names, and where it is. */
export interface DeclaredRoom {
  /** Of the resource. */
  resource: string;
  /** Of the room at its vendor. */
  name: string;
  settings: DeclaredSettings;
  /** The room id; a bare name where a gateway places the room. No vendor call. */
  idAt(client: RtcClient): string;
}

/** The rooms of a stack's state, as they were declared. */
export function roomsOfState(state: Deployment): DeclaredRoom[] {
  const managed = managedIn(state).filter(({ kind, id, isExternal }) => kind === "room" && id && !isExternal);
  return managed.map(({ name: resource, id, outputs }) => {
    const room = withoutDrift(parseRoomState(id, withoutSecrets(outputs)));
    const idAt = (client: RtcClient) => {
      const mismatch = endpointMismatch(id, room.endpoint, client.endpoint(id));
      if (mismatch) throw errorOf(mismatch);
      return id;
    };
    return { resource, name: room.name, settings: room, idAt };
  });
}

/** The rooms of a manifest. */
export function roomsOfManifest({ rooms }: Manifest): DeclaredRoom[] {
  return Object.entries(rooms).map(([resource, { protect: _, adopt: _a, forceDestroy: _f, ...declared }]) => {
    const { name = resource, ...settings } = declared;
    return { resource, name, settings, idAt: (client) => placeOf(client, name, settings) };
  });
}

/** Where up would create a room. */
function placeOf(client: RtcClient, name: string, { vendor, region, ...settings }: RoomFields): string {
  const needs: Capability[] = ["rtc.room.create"];
  if (settings.enableRecording) needs.push("rtc.recording.start");
  const placed = client.route({ needs, vendor, region, name, settings });
  return placed === undefined ? name : roomId({ vendor: placed, region: region ?? null, name });
}

/**
 * The record of a declared room, which a token takes the settings from: a room by its id or its name, else by the name of
 * its resource. Undefined: it is not declared.
 *
 * @throws INVALID_ARGUMENT where several rooms have the name
 */
export function recordOf(
  client: RtcClient,
  declared: readonly DeclaredRoom[],
  text: string,
  vendor?: string,
): RoomSettings | undefined {
  const ref = parseRoomId(text, client.vendors());
  const byRoom = declared.filter(({ name }) => name === (ref?.name ?? text));
  const found = byRoom.length > 0 ? byRoom : declared.filter(({ resource }) => resource === text);
  const records = found
    .map((room) => ({ room: room.idAt(client), ...recordedSettings(room.settings) }))
    .filter(({ room }) => {
      if (ref) return room === text;
      return vendor === undefined || parseRoomId(room, client.vendors())?.vendor === vendor;
    });
  // A move that another run completes leaves two resources of one room in the state.
  const distinct = new Map(records.map((record) => [record.room, record]));
  if (distinct.size < 2) return records.at(-1);
  const ids = [...distinct.keys()].join(", ");
  throw new RtcError("INVALID_ARGUMENT", `${text} could be ${ids}, which are all declared: pass the id`);
}

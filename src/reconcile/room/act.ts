import { declaredTimeouts, ownershipTag, type Room, same } from "../../contract";
import type { Context } from "../context";
import { assertAllowed, errorOf } from "../decision";
import { ifAdvertised } from "../gaps";
import { type Adoption, decideCreated } from "./decide";
import { observationOf, roomTraits } from "./observe";
import { type RoomInputs, type RoomState, settingsOf } from "./state";

/** The ownership tag of the resource that declares a room; undefined where rooms carry none. */
export function tagOf(context: Context, id: string, vendor: string | undefined): string | undefined {
  const { declarations } = context;
  const declaration = declarations.declaring(id) ?? declarations.ofId(id);
  return declaration && canCarryTags(context, vendor) ? ownershipTag(declaration) : undefined;
}

/** Whether rooms of a vendor carry an ownership tag; a vendor that a gateway has not chosen yet counts as having a place for it. */
export function canCarryTags({ client, config }: Context, vendor: string | undefined): boolean {
  return config.ownerMark !== false && (vendor === undefined || roomTraits(client, vendor).hasTag);
}

/** Creates a room. @throws UNSUPPORTED where the server would admit more participants than declared */
export async function createRoom(
  context: Context,
  declared: RoomInputs,
  tag: string | undefined,
): Promise<Room> {
  const { adopt, forceDestroy, ...input } = declared;
  return checkCreated(context, declared, tag, await context.client.room.create(input, { owner: tag }));
}

/** Returns a room that was just created, or deletes it and throws the reason. */
export async function checkCreated(
  { client, declarations, report }: Context,
  declared: RoomInputs,
  tag: string | undefined,
  room: Room,
): Promise<Room> {
  const decision = decideCreated({ declared, tag, created: observationOf(client, room) });
  if (decision.action === "delete") await client.room.delete(room.room);
  assertAllowed(decision);
  const urn = declarations.ofId(room.room)?.urn;
  for (const warning of decision.warnings) report("warn", warning, urn);
  return room;
}

/** A state-only room, without a call that could fail. */
export async function createStateOnlyRoom({ client }: Context, declared: RoomInputs): Promise<Room> {
  const { adopt, forceDestroy, ...input } = declared;
  return client.room.create(input, {});
}

/** How long a move waits for the program's other declarations, one of which may be of the same room. */
const DECLARATIONS_MS = 1000;

/**
 * Makes sure that no other resource of the program declares a room that is about to move to this one: the engine checks some
 * resources of a program while it creates others.
 */
export async function confirmMove({ declarations, clock }: Context, id: string): Promise<void> {
  await clock.sleep(DECLARATIONS_MS);
  if (!declarations.isConflicting(id)) return;
  throw errorOf({ code: "INVALID_ARGUMENT", message: `room ${id} is declared twice in this program` });
}

/** Adopts an existing room. */
export async function adoptRoom(
  context: Context,
  declared: RoomInputs,
  tag: string | undefined,
  { room, metadata, isOurs, rewrites }: Adoption,
): Promise<{ room: Room; vendorSettings?: RoomState["vendorSettings"] }> {
  const described = await describeRoom(context, room, metadata, tag);
  if (rewrites) return { room: await createRoom(context, declared, tag) };
  if (!isOurs) return { room: described };
  // The other timeouts of a re-adopted room are drift, which a refresh reports once the room is empty.
  return {
    room: described,
    vendorSettings: { ...settingsOf(described), ...declaredTimeouts(declared) },
  };
}

/**
 * Sets the metadata and tag of a room where they differ. Metadata that is no object (null) is left alone, and so is a
 * missing tag where rooms cannot be changed.
 */
export async function describeRoom(
  { client, declarations, report }: Context,
  room: Room,
  metadata: Room["metadata"],
  tag: string | undefined,
): Promise<Room> {
  const agrees = same(metadata, room.metadata) && same(tag, room.owner);
  if (agrees || metadata === null) return room;
  const changed = await ifAdvertised(client.room.update(room.room, { metadata }, { owner: tag }), null);
  if (changed !== null) return changed;
  const who = client.gateway === undefined ? room.vendor : "the gateway";
  if (!room.untold?.includes("metadata") && !same(metadata, room.metadata)) {
    const message = `the metadata of room ${room.room} differs, and ${who} does not advertise rtc.room.update`;
    throw errorOf({ code: "UNSUPPORTED", message, vendor: room.vendor });
  }
  const message = `room ${room.room} stays without this resource's ownership tag: ${who} does not advertise rtc.room.update`;
  if (declarations.isFirstReport(message)) report("warn", message, declarations.ofId(room.room)?.urn);
  return room;
}

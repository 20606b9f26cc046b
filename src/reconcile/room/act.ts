import { isCreated } from "../../client/rooms";
import { declaredTimeouts, orUndefined, ownershipTag, type Room, RtcError, same } from "../../contract";
import { assertAllowed, errorOf } from "../decision";
import type { Declaration } from "../declarations";
import { ifAdvertised } from "../gaps";
import type { Context, Properties } from "../lifecycle";
import { type Adoption, decideCreated } from "./decide";
import { observationOf, roomTraits } from "./observe";
import { type RoomInputs, type RoomState, roomIdOf, roomKeyOf, roomOutputsOf, settingsOf } from "./state";

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
export const DECLARATIONS_MS = 1000;

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

/**
 * Creates a declared room whose vendor a gateway chooses. From its answer on the room is one of that vendor. Where one
 * exists already, `createAt` creates it as one of that vendor.
 */
export async function placeRoom(
  context: Context,
  declared: RoomInputs,
  createAt: (declared: RoomInputs & { vendor: string }) => Promise<{ id: string; outs: Properties }>,
): Promise<{ id: string; outs: Properties }> {
  const { client, declarations } = context;
  const key = roomKeyOf({ ...declared }) ?? "";
  const declaration = declarations.declaring(key);
  const placedAt = (vendor: string) => {
    const at = { ...declared, vendor };
    if (declaration) declarations.place(roomIdOf(at) ?? "", declaration, vendor);
    return createAt(at);
  };
  // A room that is replaced stays where it was.
  if (declaration?.placedAt !== undefined) return placedAt(declaration.placedAt);
  const tag = tagOf(context, key, undefined);
  // Without a tag, only a read before the creation shows whether the room existed.
  const mayLackTag = tag === undefined || client.vendors().some((vendor) => !canCarryTags(context, vendor));
  const before = mayLackTag ? await existing(context, declared) : undefined;
  if (before) return placedAt(before.vendor);
  const room = await created(context, declared, tag);
  const ownTag = room && tagOf(context, key, room.vendor);
  const isOfAnother = room && ownTag !== undefined && room.owner !== ownTag && isCreated(client, room);
  const isLimited = declared.maxParticipants === undefined && (room?.maxParticipants ?? null) !== null;
  // An undeclared limit comes from a killed run or from the server: the creation at its vendor distinguishes them.
  if (room === undefined || isOfAnother || (isLimited && ownTag !== undefined)) {
    const found = room ?? (await existing(context, declared));
    if (found) return placedAt(found.vendor);
    const message = `the gateway rejects the creation of room ${declared.name} because it exists, but does not return it`;
    throw new RtcError("ALREADY_EXISTS", message);
  }
  if (declaration) declarations.place(room.room, declaration, room.vendor);
  reportPlacement(context, declared, room, declaration);
  return {
    id: room.room,
    outs: roomOutputsOf(declared, await checkCreated(context, declared, ownTag, room)),
  };
}

/** The gateway's answer; undefined where a room of that name exists with other settings. */
async function created(
  { client }: Context,
  declared: RoomInputs,
  tag: string | undefined,
): Promise<Room | undefined> {
  const { adopt, forceDestroy, ...input } = declared;
  try {
    return await client.room.create(input, { owner: tag });
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "ALREADY_EXISTS") return undefined;
    throw error;
  }
}

/** The room of that name, where one exists. */
export async function existing({ client }: Context, { name, region }: RoomInputs): Promise<Room | undefined> {
  const found = await orUndefined(client.room.find(name)).catch((error: unknown) => {
    // Several vendors could have it, and none has: the creation is placed all the same.
    if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return undefined;
    throw error;
  });
  const isSame = found && found.region === (region ?? null) && isCreated(client, found);
  return isSame ? found : undefined;
}

/** Reports what a preview reports where the vendor is known. */
function reportPlacement(
  { client, declarations, report }: Context,
  declared: RoomInputs,
  { vendor, warnings = [] }: Room,
  declaration: Declaration | undefined,
): void {
  const caveats = client.traits(vendor).caveats.filter((caveat) => declarations.isFirstReport(caveat));
  const all = new Set([...warnings, ...client.roomWarnings(vendor, declared), ...caveats]);
  for (const warning of all) report("warn", warning, declaration?.urn);
}

import { isCreated } from "../../client/room-existence";
import { orUndefined, type Room, RtcError } from "../../contract";
import type { Context, Properties } from "../context";
import type { Declaration } from "../declarations";
import { canCarryTags, checkCreated, tagOf } from "./act";
import { type RoomInputs, roomIdOf, roomKeyOf, roomOutputsOf } from "./state";

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

/** Reports what a preview reports where it knows the vendor. */
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

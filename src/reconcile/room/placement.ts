import { isMade } from "../../client/kept";
import { orUndefined, type Room, RtcError } from "../../contract";
import type { Context, Properties } from "../context";
import type { Declaration } from "../declarations";
import { carriesTags, keepCreated, tagOf } from "./act";
import { type RoomInputs, roomIdOf, roomKeyOf, roomOutputsOf } from "./state";

/**
 * Creates a declared room whose vendor a gateway chooses: its answer decides that. From then on the room lives as those of
 * that vendor, and where one exists already it is created as one of that vendor, by `createAt`.
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
  // Without a tag, who has created a room that the gateway answers with is only known before.
  const mayLackTag = tag === undefined || client.vendors().some((vendor) => !carriesTags(context, vendor));
  const before = mayLackTag ? await existing(context, declared) : undefined;
  if (before) return placedAt(before.vendor);
  const room = await created(context, declared, tag);
  const ownTag = room && tagOf(context, key, room.vendor);
  const isOfAnother = room && ownTag !== undefined && room.owner !== ownTag && isMade(client, room);
  const isLimited = declared.maxParticipants === undefined && (room?.maxParticipants ?? null) !== null;
  // A limit that was not asked for is of a run that was killed, or the server's own: creation at its vendor finds out.
  if (room === undefined || isOfAnother || (isLimited && ownTag !== undefined)) {
    const found = room ?? (await existing(context, declared));
    if (found) return placedAt(found.vendor);
    const message = `the gateway refuses to make room ${declared.name}, since it exists, and does not show it`;
    throw new RtcError("ALREADY_EXISTS", message);
  }
  if (declaration) declarations.place(room.room, declaration, room.vendor);
  reportPlacement(context, declared, room, declaration);
  return { id: room.room, outs: roomOutputsOf(declared, await keepCreated(context, declared, ownTag, room)) };
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
async function existing({ client }: Context, { name, region }: RoomInputs): Promise<Room | undefined> {
  const found = await orUndefined(client.room.find(name)).catch((error: unknown) => {
    // Several vendors could have it, and none has: create is routed all the same.
    if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return undefined;
    throw error;
  });
  const isIt = found && found.region === (region ?? null) && isMade(client, found);
  return isIt ? found : undefined;
}

/** What a preview would have reported, had it known the vendor. */
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

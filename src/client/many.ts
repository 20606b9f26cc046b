import PQueue from "p-queue";
import { RtcError } from "../contract/errors";
import type { Room, RoomInput } from "../contract/types";
import type { RtcClient } from "./types";

/** How many rooms are worked on at once where nothing else is said. */
const AT_ONCE = 10;

/** How work on many rooms is done. */
export interface ManyOptions {
  /** How many at once, 1 or more. Default 10. */
  concurrency?: number | undefined;
  /** Told after each room. */
  onProgress?: ((done: number, all: number) => void) | undefined;
}

/** What became of many rooms: each is done or has failed, and one failure stops no other. */
export interface ManyRooms {
  /** The ids of the rooms that were made or deleted. */
  done: string[];
  failed: { room: string; error: RtcError }[];
}

/** Which rooms. */
export interface RoomFilter {
  /** The names begin with it. */
  prefix: string;
  /** Only rooms that were made longer ago; those of unknown age are left out then. */
  olderThanSeconds?: number | undefined;
}

/**
 * Makes a numbered series of rooms, `<prefix>1` to `<prefix><count>`; those that exist with these settings are fine.
 *
 * @example await createRooms(client, "exam-", 300, { emptyTimeoutSeconds: 600 }, { concurrency: 20 })
 */
export async function createRooms(
  client: RtcClient,
  prefix: string,
  count: number,
  settings: Omit<RoomInput, "name"> = {},
  options: ManyOptions = {},
): Promise<ManyRooms> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
  return each(names, options, async (name) => (await client.room.create({ ...settings, name })).room);
}

/**
 * Deletes the rooms that exist by the beginning of their names, with everybody in them.
 *
 * @throws INVALID_ARGUMENT for an empty prefix, which would be every room of the account
 * @example await deleteRooms(client, { prefix: "exam-", olderThanSeconds: 3600 })
 */
export async function deleteRooms(
  client: RtcClient,
  filter: RoomFilter,
  options: ManyOptions = {},
): Promise<ManyRooms> {
  if (filter.prefix === "")
    throw new RtcError(
      "INVALID_ARGUMENT",
      "a prefix must not be empty: it would be every room of the account",
    );
  const rooms = await roomsBy(client, filter);
  return each(
    rooms.map(({ room }) => room),
    options,
    async (room) => {
      await client.room.delete(room);
      return room;
    },
  );
}

/** The rooms that exist by the beginning of their names, over all pages. */
export async function roomsBy(client: RtcClient, filter: RoomFilter): Promise<Room[]> {
  const { prefix, olderThanSeconds } = filter;
  const before = olderThanSeconds === undefined ? undefined : Date.now() - olderThanSeconds * 1_000;
  const found: Room[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.room.list({ cursor, limit: 100 });
    found.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return found.filter(({ name, createdAt }) => {
    const isOld = before === undefined || (createdAt !== null && Date.parse(createdAt) < before);
    return name.startsWith(prefix) && isOld;
  });
}

/**
 * Looks rooms up by their ids, with their live number of people; those that are not there are left out.
 *
 * @example const { found } = await lookUp(client, ["livekit:standup"])
 */
export async function lookUp(
  client: RtcClient,
  rooms: string[],
  options: ManyOptions = {},
): Promise<{ found: Room[]; failed: ManyRooms["failed"] }> {
  const found: Room[] = [];
  const { failed } = await each(rooms, options, async (room) => {
    found.push(await client.room.get(room));
    return room;
  });
  return { found, failed: failed.filter(({ error }) => error.code !== "NOT_FOUND") };
}

async function each(
  names: string[],
  { concurrency = AT_ONCE, onProgress }: ManyOptions,
  work: (name: string) => Promise<string>,
): Promise<ManyRooms> {
  const queue = new PQueue({ concurrency });
  const done: string[] = [];
  const failed: ManyRooms["failed"] = [];
  await queue.addAll(
    names.map((name) => async () => {
      try {
        done.push(await work(name));
      } catch (error) {
        if (!RtcError.isInstance(error)) throw error;
        failed.push({ room: name, error });
      }
      onProgress?.(done.length + failed.length, names.length);
    }),
  );
  return { done: done.sort(), failed };
}

import PQueue from "p-queue";
import { RtcError } from "../contract/errors";
import type { Room, RoomInput } from "../contract/types";
import type { RtcClient } from "./types";

/** The default concurrency. */
const CONCURRENCY = 10;

/** Options of a bulk operation. */
export interface BulkOptions {
  /** How many at once, 1 or more. Default 10. */
  concurrency?: number | undefined;
  /** Called after each room. */
  onProgress?: ((done: number, all: number) => void) | undefined;
}

/** The result of a bulk operation: each room is done or has failed, and a failure stops no other. */
export interface BulkResult {
  /** The ids of the rooms that were created or deleted. */
  done: string[];
  failed: { room: string; error: RtcError }[];
}

/** Which rooms. */
export interface RoomFilter {
  /** The names begin with it. */
  prefix: string;
  /** Only rooms that were created longer ago, without those of unknown age. */
  olderThanSeconds?: number | undefined;
}

/**
 * Creates a numbered series of rooms, `<prefix>1` to `<prefix><count>`. Rooms that exist with these settings are done.
 *
 * @example await createRooms(client, "exam-", 300, { maxParticipants: 30 }, { concurrency: 20 })
 */
export async function createRooms(
  client: RtcClient,
  prefix: string,
  count: number,
  settings: Omit<RoomInput, "name"> = {},
  options: BulkOptions = {},
): Promise<BulkResult> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
  return each(names, options, async (name) => (await client.room.create({ ...settings, name })).room);
}

/** @throws INVALID_ARGUMENT for an empty prefix, with which every room of the account would be deleted */
export function assertPrefix(prefix: string): void {
  if (prefix !== "") return;
  const message = "a prefix must not be empty: it would be every room of the account";
  throw new RtcError("INVALID_ARGUMENT", message);
}

/**
 * Deletes rooms by their ids, and disconnects their participants.
 *
 * @example await deleteRooms(client, ["livekit:exam-1", "livekit:exam-2"])
 */
export async function deleteRooms(
  client: RtcClient,
  rooms: readonly string[],
  options: BulkOptions = {},
): Promise<BulkResult> {
  return each(rooms, options, async (room) => {
    await client.room.delete(room);
    return room;
  });
}

/** The rooms whose names begin with a prefix, from all pages. */
export async function listRoomsBy(client: RtcClient, filter: RoomFilter): Promise<Room[]> {
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
 * Reads rooms by their ids, with their live number of participants. Rooms that do not exist are left out.
 *
 * @example const { found } = await findRooms(client, ["livekit:standup"])
 */
export async function findRooms(
  client: RtcClient,
  rooms: string[],
  options: BulkOptions = {},
): Promise<{ found: Room[]; failed: BulkResult["failed"] }> {
  const found: Room[] = [];
  const { failed } = await each(rooms, options, async (room) => {
    found.push(await client.room.get(room));
    return room;
  });
  return { found, failed: failed.filter(({ error }) => error.code !== "NOT_FOUND") };
}

async function each(
  names: readonly string[],
  { concurrency = CONCURRENCY, onProgress }: BulkOptions,
  work: (name: string) => Promise<string>,
): Promise<BulkResult> {
  const queue = new PQueue({ concurrency });
  const done: string[] = [];
  const failed: BulkResult["failed"] = [];
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

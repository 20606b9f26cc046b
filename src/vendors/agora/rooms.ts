import { z } from "zod";
import {
  onDemandRoom,
  type Participant,
  type Place,
  type Room,
  type RoomSpec,
  RtcError,
} from "../../contract";
import { type AgoraApi, badName } from "./api";

/** The size of Agora's pages. */
const PAGE = 500;
const MAX_UID = 2 ** 32 - 1;

const count = z.int().nonnegative();
/** A list that is empty may be left out. */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);

const channelPage = z.object({
  success: z.literal(true),
  data: z.object({
    channels: listOf(z.object({ channel_name: z.string(), user_count: count })),
    total_size: count,
  }),
});

const channelUsers = z.object({
  success: z.literal(true),
  data: z.discriminatedUnion("channel_exist", [
    z.object({ channel_exist: z.literal(false) }),
    z.object({
      channel_exist: z.literal(true),
      /** 1: communication, with `users`; 2: live broadcasting, with `broadcasters` and the first 10,000 of the `audience`. */
      mode: z.literal([1, 2]),
      users: listOf(count),
      total: count.nullish(),
      broadcasters: listOf(count),
      audience: listOf(count),
      audience_total: count.nullish(),
    }),
  ]),
});

/** A room from its declaration, without a call. Settings that are not declared are null. */
export function record(
  appId: string,
  { region, name }: Place,
  known: Partial<RoomSpec> = {},
  live?: Pick<Room, "state" | "numParticipants">,
): Room {
  return onDemandRoom({ vendor: "agora", region, name, endpoint: appId }, known, live);
}

/** The live channels of an app. A channel exists while a participant is in it. */
export class AgoraRooms {
  readonly #api: AgoraApi;
  readonly #appId: string;
  readonly #region: string | null;

  constructor(api: AgoraApi, appId: string, region: string | null) {
    this.#api = api;
    this.#appId = appId;
    this.#region = region;
  }

  async get(name: string): Promise<Room> {
    const found = await this.#users(name);
    return this.#room(name, found?.total ?? 0, found ? "open" : "pending");
  }

  /** The channels that exist. While they begin and end, pages may contain one twice, or not at all. */
  async list(names?: string[]): Promise<Room[]> {
    if (names) {
      const rooms = await Promise.all([...new Set(names)].map((name) => this.get(name)));
      return rooms.filter(({ state }) => state === "open");
    }
    const found = new Map<string, number>();
    for (let page = 0; ; page++) {
      const { data } = await this.#api.channels(page, PAGE, channelPage);
      const before = found.size;
      for (const { channel_name, user_count } of data.channels) found.set(channel_name, user_count);
      // A page without a new channel is the last, whatever the total is.
      if (found.size === before || (page + 1) * PAGE >= data.total_size) break;
    }
    return [...found].map(([name, count]) => this.#room(name, count, "open"));
  }

  /** The participants in a channel by their integer uids, including those who joined with an account; without names or times. */
  async participants(name: string): Promise<Participant[]> {
    const found = await this.#users(name);
    return [...new Set(found?.users)].map((uid) => ({ identity: String(uid), joinedAt: null }));
  }

  /**
   * Removes a participant, by integer uid, from a channel. Agora does not report whether they were in it, and misses a
   * client that is disconnected at that moment: repeat the call when it is listed again.
   */
  async kick(name: string, identity: string): Promise<void> {
    // Any other uid, or 0, would remove every participant.
    const uid = /^[1-9]\d{0,9}$/.test(identity) ? Number(identity) : 0;
    if (uid < 1 || uid > MAX_UID) {
      const message = `agora: only participants with an integer uid, 1 to ${MAX_UID}, can be kicked: Agora's REST API has no user accounts`;
      throw new RtcError("UNSUPPORTED", message, { vendor: "agora" });
    }
    await this.#api.remove(validName(name), uid);
  }

  /** Removes every participant from a channel, which ends it. */
  async close(name: string): Promise<void> {
    await this.#api.remove(validName(name), undefined);
  }

  async #users(name: string): Promise<{ users: number[]; total: number } | undefined> {
    // No channel can have such a name, and `..` stands for another path.
    if (badName(name)) return undefined;
    const { data } = await this.#api.users(name, channelUsers);
    if (!data.channel_exist) return undefined;
    const { users, broadcasters, audience, total, audience_total } = data;
    return {
      users: [...users, ...broadcasters, ...audience],
      total: (total ?? users.length) + broadcasters.length + (audience_total ?? audience.length),
    };
  }

  #room(name: string, numParticipants: number, state: Room["state"]): Room {
    return record(this.#appId, { region: this.#region, name }, {}, { numParticipants, state });
  }
}

/** Rejects an invalid name: a rule with an empty one applies to every channel. */
function validName(name: string): string {
  const reason = badName(name);
  if (reason) throw new RtcError("INVALID_ARGUMENT", `agora: ${reason}`, { vendor: "agora" });
  return name;
}

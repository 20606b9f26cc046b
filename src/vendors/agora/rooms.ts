import { z } from "zod";
import { type Participant, type Place, type Room, RtcError, roomId } from "../../contract";
import { type AgoraApi, badName } from "./api";

/** The most that Agora puts on a page. */
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

/** A room as it is without a look at Agora: a record of what was declared. What was not is null. */
export function record(
  appId: string,
  { region, name }: Place,
  known: Partial<
    Pick<Room, "state" | "maxParticipants" | "emptyTimeoutSeconds" | "numParticipants" | "metadata" | "owner">
  > = {},
): Room {
  return {
    room: roomId({ vendor: "agora", region, name }),
    name,
    vendor: "agora",
    state: known.state ?? "pending",
    maxParticipants: known.maxParticipants ?? null,
    emptyTimeoutSeconds: known.emptyTimeoutSeconds ?? null,
    departureTimeoutSeconds: known.emptyTimeoutSeconds ?? null,
    numParticipants: known.numParticipants ?? null,
    metadata: known.metadata ?? null,
    region,
    createdAt: null,
    sid: null,
    endpoint: appId,
    owner: known.owner ?? null,
  };
}

/** The channels of an app as Agora sees them now. A channel exists while somebody is in it. */
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

  /** The channels that exist. While people come and go, pages may show one twice, or not at all. */
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
      // Whatever the total says, a page without anything new ends it.
      if (found.size === before || (page + 1) * PAGE >= data.total_size) break;
    }
    return [...found].map(([name, people]) => this.#room(name, people, "open"));
  }

  /** The people in a channel by their integer uids, also those who joined with an account; without names or times. */
  async people(name: string): Promise<Participant[]> {
    const found = await this.#users(name);
    return [...new Set(found?.users)].map((uid) => ({ identity: String(uid), joinedAt: null }));
  }

  /**
   * Takes somebody out of a channel, once. Agora does not tell whether they were there, and misses a client that is
   * disconnected at that moment: call it again when they are listed again. It knows people by their integer uids only.
   */
  async kick(name: string, identity: string): Promise<void> {
    // A uid that is no such number, or 0, would take out everybody.
    const uid = /^[1-9]\d{0,9}$/.test(identity) ? Number(identity) : 0;
    if (uid < 1 || uid > MAX_UID) {
      const message = `agora: only people with an integer uid, 1 to ${MAX_UID}, can be kicked: Agora's REST API knows no user accounts`;
      throw new RtcError("UNSUPPORTED", message, { vendor: "agora" });
    }
    await this.#api.remove(carried(name), uid);
  }

  /** Takes everybody out of a channel, which ends it. */
  async close(name: string): Promise<void> {
    await this.#api.remove(carried(name), undefined);
  }

  async #users(name: string): Promise<{ users: number[]; total: number } | undefined> {
    // No channel can have such a name, and `..` would be another address.
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
    return record(this.#appId, { region: this.#region, name }, { numParticipants, state });
  }
}

/** A rule with an empty name would be for every channel. */
function carried(name: string): string {
  const reason = badName(name);
  if (reason) throw new RtcError("INVALID_ARGUMENT", `agora: ${reason}`, { vendor: "agora" });
  return name;
}

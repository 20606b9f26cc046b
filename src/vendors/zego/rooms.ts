import { z } from "zod";
import {
  invalid,
  onDemandRoom,
  type Participant,
  type Place,
  type Room,
  type RoomSpec,
  RtcError,
} from "../../contract";
import type { ZegoApi } from "./api";
import { badIdentity } from "./token";

/** The limit of rooms in one DescribeUserNum. */
const ROOMS_A_CALL = 10;
/** The page size of DescribeUserList. */
const PAGE = 200;
/** With a page a second, a list takes at most two minutes. */
const MOST_PAGES = 100;

/** The role of ZEGO's recorder and censor, which are no participants. */
const ADMIN = 4;

const count = z.int().min(0);
const counts = z.object({
  UserCountList: z
    .array(z.object({ RoomId: z.string(), UserCount: count, AdminUserCount: count.nullish() }))
    .nullish(),
});
const users = z.object({
  Marker: z.string().nullish(),
  UserList: z
    .array(z.object({ UserId: z.string(), UserName: z.string().nullish(), UserRole: z.unknown().optional() }))
    .nullish(),
});
const nothing = z.unknown();

/** The live state of a room. */
interface Live {
  state: Room["state"];
  numParticipants: number;
}

const EMPTY: Live = { state: "pending", numParticipants: 0 };

/**
 * The `rtc.room.*` and `rtc.participant.*` calls on one ZEGO app. Rooms are on demand: they begin with the first login and
 * end with the last logout. https://www.zegocloud.com/docs/live-streaming-server/api-reference/room/describe-user-num
 */
export class ZegoRooms {
  readonly #api: ZegoApi;
  readonly #appId: number;

  constructor(api: ZegoApi, appId: number) {
    this.#api = api;
    this.#appId = appId;
  }

  /** A room from its declaration or live state, without a call. */
  record({ region, name }: Place, known: Partial<RoomSpec> = {}, live?: Live): Room {
    return onDemandRoom({ vendor: "zego", region, name, endpoint: String(this.#appId) }, known, live);
  }

  async get(place: Place): Promise<Room> {
    return this.record(place, {}, await this.#live(place.name));
  }

  /** The occupied ones of the rooms. */
  async list(region: string | null, names: string[]): Promise<Room[]> {
    const unique = [...new Set(names)];
    const batches = Array.from({ length: Math.ceil(unique.length / ROOMS_A_CALL) }, (_, index) =>
      unique.slice(index * ROOMS_A_CALL, (index + 1) * ROOMS_A_CALL),
    );
    const counted = await Promise.all(batches.map((batch) => this.#counted(batch)));
    const live = new Map(counted.flatMap((batch) => [...batch]));
    return unique.flatMap((name) => {
      const known = live.get(name);
      return known?.state === "open" ? this.record({ region, name }, {}, known) : [];
    });
  }

  /** Closes a room, if it exists, and disconnects every participant. */
  async delete({ name }: Place): Promise<void> {
    const input: [string, string][] = [["RoomId", name]];
    try {
      await this.#api.call({ action: "CloseRoom", input, data: nothing });
    } catch (error) {
      if (isMissing(error)) return;
      // ZEGO documents 5018 in two ways: the room changes its state, or does not exist.
      if (!RtcError.isInstance(error) || error.code !== "VENDOR_ERROR") throw error;
      const live = await this.#live(name).catch(() => undefined);
      if (live?.state !== "pending") throw error;
    }
  }

  async participants({ name }: Place): Promise<Participant[]> {
    const found = new Map<string, Participant>();
    let marker = "";
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.#page(name, marker);
      for (const { UserId: identity, UserName, UserRole } of answer?.UserList ?? []) {
        if (UserRole === ADMIN) continue;
        // A join or a leave meanwhile moves others to another page.
        found.set(identity, { identity, ...(UserName ? { displayName: UserName } : {}), joinedAt: null });
      }
      const next = answer?.Marker ?? "";
      if (next === "") return [...found.values()];
      if (next === marker) break;
      marker = next;
    }
    const message = `zego DescribeUserList: the list of who is in room ${name} does not end`;
    throw new RtcError("VENDOR_ERROR", message, { vendor: "zego", operation: "DescribeUserList" });
  }

  async #page(name: string, marker: string): Promise<z.infer<typeof users> | undefined> {
    const page = { Mode: "0", Limit: String(PAGE), Marker: marker };
    const input = Object.entries({ RoomId: name, ...page });
    const call = { action: "DescribeUserList", input, data: users, room: name } as const;
    return this.#api.call(call).catch(unlessMissing);
  }

  /** Removes a participant. ZEGO does not report whether they were in the room, unless the room does not exist. */
  async kick({ name }: Place, identity: string): Promise<void> {
    const message = badIdentity(identity);
    if (message) throw invalid("the kick", [{ path: "identity", message }]);
    let tries = 0;
    try {
      await this.#api.call({
        action: "KickoutUser",
        input: [
          ["RoomId", name],
          ["UserId[]", identity],
        ],
        data: nothing,
        sending: () => {
          tries += 1;
        },
      });
    } catch (error) {
      if (!isMissing(error)) throw error;
      if (tries > 1) return; // an earlier try has removed the last participant, and its answer was lost
      throw new RtcError("NOT_FOUND", `there is no participant ${identity} in room ${name}`, {
        vendor: "zego",
      });
    }
  }

  async #live(name: string): Promise<Live> {
    const counted = await this.#counted([name]).catch(unlessMissing);
    return counted?.get(name) ?? EMPTY;
  }

  async #counted(names: string[]): Promise<Map<string, Live>> {
    const input = names.map((name): [string, string] => ["RoomId[]", name]);
    const { UserCountList } = await this.#api.call({ action: "DescribeUserNum", input, data: counts });
    return new Map(
      UserCountList?.map(({ RoomId, UserCount, AdminUserCount }) => {
        const state = UserCount > 0 ? "open" : "pending";
        return [RoomId, { state, numParticipants: Math.max(0, UserCount - (AdminUserCount ?? 0)) }];
      }),
    );
  }
}

function isMissing(error: unknown): boolean {
  return RtcError.isInstance(error) && error.code === "NOT_FOUND";
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

/**
 * Zego's server API for rooms as a stand-in, made from documents; no account was used.
 *
 * From: zegocloud.com/docs/real-time-video-server/api-reference (source ZEGOCLOUD/docs_all
 * core_products/real-time-voice-video/en/server/api-reference: accessing-server-apis, return-codes and
 * room/{close,describe-user-list,describe-user-num,describe-users,kick-out-user}), the older pages
 * docs.zegocloud.com/article/{9785,9811,13857,14914}, zegocloud.com/docs/faq/kick-nonexistent-user-error, and the two
 * wire forms of token04.
 *
 * Unverified, since no document describes it; chosen to be strict with the caller:
 * - HTTP 200 for every return code; 405 for another method than GET, 404 for another path than `/`.
 * - The order of the checks; whether rejected calls count; limits over a sliding second, for calls signed rightly only.
 * - 100000005 for a nonce that is not 16 hex digits or was used before (a signature must be new for every request).
 * - 2 for a parameter that is not documented or appears twice; 3 for ids that are too long; `Limit=0` as the default.
 * - LoginTime and UserRole 0 for an absent user; that everything shows at once.
 * - Whether a token's payload is checked in an app for which support has not switched that on: here it always is.
 *
 * Where documents contradict each other:
 * - Over the limit: 7 (older pages) or 206 per app and 207 per room (today's table). Here 206 and 207, see `codes`.
 * - 5018: "room status does not match, try again later" (older) or "room has been destroyed or does not exist" (today's
 *   CloseRoom). Here CloseRoom of an absent room is 5024; plan `zegoAnswers(5018)` for the other.
 * - Kicking in an absent room: 104 (older page), not listed in today's. Here 104.
 * - Lists as `RoomId[]=a&RoomId[]=b` (texts and examples) or `RoomId=a&RoomId=b` (OpenAPI). Here only the first.
 */
import { type Emulator, type EmulatorClock, type Incoming, serve } from "./http.ts";
import { type Limits, Rate } from "./rate.ts";
import { ACTIONS } from "./zego-actions.ts";
import { ZegoAuth } from "./zego-auth.ts";
import { envelope, ReturnCode } from "./zego-codes.ts";
import { type User, type UserOptions, ZegoWorld } from "./zego-world.ts";

export { zegoAnswers } from "./zego-codes.ts";

/** The documented actions that manage rooms. */
export type ZegoApi = keyof typeof ACTIONS;

/** The app. */
export interface ZegoOptions {
  appId: number;
  /** 32 characters. */
  serverSecret: string;
  /** Default: the machine's. */
  clock?: EmulatorClock;
}

/** A Zego that runs. */
export interface Zego extends Emulator<ZegoApi> {
  /** Documented per app: DescribeUserNum 10, DescribeUserList 200, DescribeUsers 10, KickoutUser 50, CloseRoom 1. */
  readonly limits: Limits<ZegoApi> & {
    /** Of DescribeUserList, per room: 1. */
    perRoomAndSecond: number;
    /** The answers to too many calls: 206 per app and 207 per room, or the older 7. */
    codes: { app: 7 | 206; room: 7 | 206 | 207 };
  };
  /**
   * A user logs in, wherever they were before. Throws a `JoinRejected` when their token does not open this room to
   * them. Without a token nothing is checked.
   */
  join(room: string, userId: string, options?: UserOptions): User;
  /** A user logs in to the room and under the identity that their token names. */
  joinWith(token: string, options?: Omit<UserOptions, "token">): User;
  /** A user leaves; nothing happens where they are absent. */
  leave(room: string, userId: string): void;
  /** Who is in a room, admins too, in the order in which they logged in. */
  participants(room: string): string[];
}

/** Starts one on loopback. */
export async function startZego({ appId, serverSecret, clock = Date }: ZegoOptions): Promise<Zego> {
  const world = new ZegoWorld({ appId, serverSecret, clock });
  const auth = new ZegoAuth({ appId, serverSecret, clock });
  const rate = new Rate(clock);
  const limits: Zego["limits"] = {
    perSecond: {
      DescribeUserNum: 10,
      DescribeUserList: 200,
      DescribeUsers: 10,
      KickoutUser: 50,
      CloseRoom: 1,
    },
    perRoomAndSecond: 1,
    secondMs: 1_000,
    codes: { app: 206, room: 207 },
  };

  function act(query: URLSearchParams, api: ZegoApi | undefined): object | undefined {
    if (api === undefined) throw new ReturnCode(query.get("Action") ? 100000007 : 100000006);
    auth.check(query);
    const { perSecond, perRoomAndSecond, secondMs, codes } = limits;
    if (!rate.take(api, perSecond[api], secondMs)) throw new ReturnCode(codes.app);
    const fits = () => rate.take(`room ${query.get("RoomId")}`, perRoomAndSecond, secondMs);
    if (api === "DescribeUserList" && !fits()) throw new ReturnCode(codes.room);
    return ACTIONS[api](world, query);
  }

  const emulator = await serve<ZegoApi>(
    {
      apiOf: (incoming) => {
        const action = queryOf(incoming).get("Action") ?? "";
        return isAction(action) ? action : undefined;
      },
      answer: (incoming, api) => {
        if (pathOf(incoming) !== "/") return { status: 404, body: "Not Found" };
        if (incoming.method !== "GET") return { status: 405, body: "Method Not Allowed" };
        try {
          return envelope(0, act(queryOf(incoming), api));
        } catch (error) {
          if (error instanceof ReturnCode) return envelope(error.code);
          throw error;
        }
      },
    },
    clock,
  );
  return {
    ...emulator,
    limits,
    join: (room, userId, options) => world.join(room, userId, options),
    joinWith: (token, options) => world.joinWith(token, options),
    leave: (room, userId) => world.leave(room, userId),
    participants: (room) => world.members(room).map(({ userId }) => userId),
  };
}

function isAction(name: string): name is ZegoApi {
  return Object.hasOwn(ACTIONS, name);
}

function pathOf({ path }: Incoming): string {
  return path.split("?", 1)[0] ?? "";
}

function queryOf({ path }: Incoming): URLSearchParams {
  return new URLSearchParams(path.replace(/^[^?]*/, ""));
}

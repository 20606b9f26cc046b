/**
 * Agora's channel management REST API as a stand-in, made from documents; no account was used.
 *
 * From: docs.agora.io /en/api-reference/api-ref/rtc (OpenAPI source AgoraIO/docs-portal
 * content/openapi/rtc/channel-management.en.yaml: the channel list, user list, host list, user status and the four
 * calls on /dev/v1/kicking-rule), its pages "Response status codes" and "Ban user privileges best practices", and the
 * AccessToken2 wire format.
 *
 * Unverified, since no document describes it; chosen to be strict with the caller:
 * - The texts of error messages but "invalid appid", the order of the checks, and whether rejected calls count.
 * - 400 for: a parameter or field that is not documented, a value of the wrong type, a page outside its range,
 *   a rule for a combination of cname, uid and ip that the documents' table does not have, or for uid 0.
 * - 404 for a method that is not documented, 401 for an unknown app id and 400 for a malformed one (both are named).
 * - 404 for a rule that does not exist.
 * - Limits over a sliding second; no Retry-After. Calls without valid credentials do not count.
 * - The integer uid of a string account (here a hash), the order of lists, and that a rule with `time: 0` is not listed.
 * - That everything shows at once: the real service lags.
 */
import { type AgoraApi, serveAgora } from "./agora-rest.ts";
import { AgoraRules } from "./agora-rules.ts";
import { AgoraWorld, type Guest, type GuestOptions, type Mode } from "./agora-world.ts";
import type { Emulator, EmulatorClock } from "./http.ts";
import type { Limits } from "./rate.ts";

export { agoraAnswers } from "./agora-requests.ts";
export type { AgoraApi } from "./agora-rest.ts";

/** The account and project. */
export interface AgoraOptions {
  /** 32 hex digits. */
  appId: string;
  /** For the tokens of those who join with one. */
  appCertificate: string;
  customerId: string;
  customerSecret: string;
  /** What channels are until `setMode`: 1 communication (default), 2 live broadcasting. */
  mode?: Mode;
  /** Default: the machine's. */
  clock?: EmulatorClock;
}

/** An Agora that runs. */
export interface Agora extends Emulator<AgoraApi> {
  /** Documented per account: 20 per second for each query of channels, 10 for each other API. */
  readonly limits: Limits<AgoraApi>;
  /**
   * A user joins, by an integer uid or a string account, and replaces the one with that uid. Throws a `JoinRejected`
   * when a rule bans them or their token does not open this channel to them. Without a token nothing is checked.
   */
  join(channel: string, who: { uid: number } | { account: string }, options?: GuestOptions): Guest;
  /** A user joins the channel that their token names, as the one it names: an account of digits as an integer uid. */
  joinWith(token: string, options?: Omit<GuestOptions, "token">): Guest;
  /** A user leaves; nothing happens where they are absent. */
  leave(channel: string, uid: number): void;
  /** Who is in a channel, by their integer uids. */
  participants(channel: string): number[];
  /** Makes a channel one of communication (1) or of live broadcasting (2), whether or not it exists. */
  setMode(channel: string, mode: Mode): void;
}

/** Starts one on loopback. */
export async function startAgora(options: AgoraOptions): Promise<Agora> {
  const { clock = Date, mode = 1 } = options;
  const rules = new AgoraRules(clock);
  const world = new AgoraWorld({ ...options, clock, mode, rules });
  const query = 20;
  const other = 10;
  const limits: Limits<AgoraApi> = {
    perSecond: {
      listChannels: query,
      listUsers: query,
      listHosts: query,
      getUser: query,
      createRule: other,
      listRules: other,
      updateRule: other,
      deleteRule: other,
    },
    secondMs: 1_000,
  };
  const emulator = await serveAgora({ ...options, clock, world, rules, limits });
  return {
    ...emulator,
    limits,
    join: (channel, who, guest) => world.join(channel, who, guest),
    joinWith: (token, guest) => world.joinWith(token, guest),
    leave: (channel, uid) => world.leave(channel, uid),
    participants: (channel) => world.guests(channel).map(({ uid }) => uid),
    setMode: (channel, to) => world.setMode(channel, to),
  };
}

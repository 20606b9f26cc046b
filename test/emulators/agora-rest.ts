import type { z } from "zod";
import {
  bodyOf,
  checkApp,
  checkAuthorization,
  decode,
  Failure,
  numberOf,
  queryOf,
  segmentsOf,
  withIds,
} from "./agora-requests.ts";
import { type AgoraRules, CREATE, DELETE, type Target, UPDATE } from "./agora-rules.ts";
import type { AgoraWorld } from "./agora-world.ts";
import type { Answer } from "./faults.ts";
import { type Emulator, type EmulatorClock, type Incoming, serve } from "./http.ts";
import { type Limits, Rate } from "./rate.ts";

/** The documented APIs, each with a limit of its own. */
export type AgoraApi =
  | "listChannels"
  | "listUsers"
  | "listHosts"
  | "getUser"
  | "createRule"
  | "listRules"
  | "updateRule"
  | "deleteRule";

interface Parts {
  appId: string;
  customerId: string;
  customerSecret: string;
  clock: EmulatorClock;
  world: AgoraWorld;
  rules: AgoraRules;
  limits: Limits<AgoraApi>;
}

/** Serves the documented API. */
export function serveAgora(parts: Parts): Promise<Emulator<AgoraApi>> {
  const rate = new Rate(parts.clock);
  const actions = actionsOf(parts);
  const answer = (incoming: Incoming, api: AgoraApi | undefined): Answer => {
    try {
      checkAuthorization(incoming, parts);
      if (api === undefined) throw new Failure(404);
      const { perSecond, secondMs } = parts.limits;
      if (!rate.take(api, perSecond[api], secondMs)) throw new Failure(429);
      return withIds({ status: 200, body: actions[api](incoming) });
    } catch (error) {
      if (error instanceof Failure) return withIds(error.answer);
      throw error;
    }
  };
  return serve({ apiOf, answer }, parts.clock);
}

const USERS = ["dev", "v1", "channel", "user"];

function apiOf(incoming: Incoming): AgoraApi | undefined {
  const segments = segmentsOf(incoming);
  const address = segments.join("/");
  if (address === "dev/v1/kicking-rule") return RULE_APIS[incoming.method];
  if (incoming.method !== "GET" || !address.startsWith("dev/v1/channel/")) return undefined;
  if (segments.length === 4 && segments[3] !== "user") return "listChannels";
  if (!address.startsWith(`${USERS.join("/")}/`)) return undefined;
  if (segments.length === 6) return "listUsers";
  if (segments.length === 7 && segments[6] === "hosts_only") return "listHosts";
  return segments.length === 8 && segments[4] === "property" ? "getUser" : undefined;
}

const RULE_APIS: Record<string, AgoraApi> = {
  POST: "createRule",
  GET: "listRules",
  PUT: "updateRule",
  DELETE: "deleteRule",
};

function actionsOf({ appId, world, rules }: Parts): Record<AgoraApi, (incoming: Incoming) => object> {
  /** What is behind the fixed part of an address and the app id. */
  const behind = (fixed: number, incoming: Incoming): string[] => {
    const [id = "", ...others] = segmentsOf(incoming).slice(fixed).map(decode);
    checkApp(id, appId);
    return others;
  };
  const ours = <Body extends { appid: string }>(incoming: Incoming, schema: z.ZodType<Body>): Body => {
    const body = bodyOf(incoming, schema);
    checkApp(body.appid, appId);
    return body;
  };
  return {
    listChannels: (incoming) => {
      behind(3, incoming);
      const query = queryOf(incoming, ["page_no", "page_size"]);
      const page = numberOf(query, "page_no", { otherwise: 0, least: 0 });
      const size = numberOf(query, "page_size", { otherwise: 100, least: 1, most: 500 });
      const names = world.channels();
      const channels = names.slice(page * size, (page + 1) * size).map((name) => ({
        channel_name: name,
        user_count: world.guests(name).length,
      }));
      return { success: true, data: { channels, total_size: names.length } };
    },
    listUsers: (incoming) => {
      const [channel = ""] = behind(4, incoming);
      return usersOf(world, channel, { hostsOnly: queryOf(incoming, ["hosts_only"]).has("hosts_only") });
    },
    listHosts: (incoming) => {
      queryOf(incoming, []);
      const [channel = ""] = behind(4, incoming);
      return usersOf(world, channel, { hostsOnly: true });
    },
    getUser: (incoming) => {
      queryOf(incoming, []);
      const [text = "", channel = ""] = behind(5, incoming);
      if (!/^[1-9]\d{0,9}$/.test(text)) throw new Failure(400, "invalid uid");
      const guest = world.guests(channel).find(({ uid }) => uid === Number(text));
      if (guest === undefined) return { success: true, data: { in_channel: false } };
      const role = world.modeOf(channel) === 1 ? 1 : guest.role === "host" ? 2 : 3;
      const join = Math.floor(guest.joinedAt / 1_000);
      return { success: true, data: { in_channel: true, uid: guest.uid, join, role, platform: 7 } };
    },
    createRule: (incoming) => {
      const body = ours(incoming, CREATE);
      if (!isDocumented(body)) throw new Failure(400, "invalid cname, uid or ip");
      const rule = rules.create(body);
      if (rule.privileges.includes("join_channel")) world.kick(rule);
      return { status: "success", id: rule.id };
    },
    listRules: (incoming) => {
      checkApp(queryOf(incoming, ["appid"]).get("appid") ?? "", appId);
      return { status: "success", rules: rules.list(appId) };
    },
    updateRule: (incoming) => {
      const rule = rules.update(ours(incoming, UPDATE));
      if (rule === undefined) throw new Failure(404);
      if (rule.privileges.includes("join_channel")) world.kick(rule);
      return { status: "success", result: { id: rule.id, ts: new Date(rule.expiresAt).toISOString() } };
    },
    deleteRule: (incoming) => {
      const { id } = ours(incoming, DELETE);
      if (!rules.delete(id)) throw new Failure(404);
      return { status: "success", id };
    },
  };
}

/** What the user list and the host list answer; which fields there are depends on the channel's profile. */
function usersOf(world: AgoraWorld, channel: string, { hostsOnly }: { hostsOnly: boolean }): object {
  const guests = world.guests(channel);
  if (guests.length === 0) return { success: true, data: { channel_exist: false } };
  const mode = world.modeOf(channel);
  const uids = (role: string) => guests.filter((one) => one.role === role).map(({ uid }) => uid);
  const all = { total: guests.length, users: guests.map(({ uid }) => uid) };
  const broadcasters = uids("host");
  const audience = uids("audience");
  const listeners = { audience: audience.slice(0, 10_000), audience_total: audience.length };
  const listed = {
    1: hostsOnly ? {} : all,
    2: { broadcasters, ...(hostsOnly ? {} : listeners) },
  };
  return { success: true, data: { channel_exist: true, mode, ...listed[mode] } };
}

/** Whether the documents' table has a rule for what is named. */
function isDocumented({ cname, uid, ip }: Target): boolean {
  return ip === undefined
    ? cname !== undefined || uid !== undefined
    : cname === undefined && uid === undefined;
}

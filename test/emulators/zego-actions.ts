import { ReturnCode } from "./zego-codes.ts";
import { byLogin, isRoomId, isUserId, type Member, type ZegoWorld } from "./zego-world.ts";

const COMMON = ["Action", "AppId", "SignatureNonce", "Timestamp", "Signature", "SignatureVersion", "IsTest"];

/** The parameters of a call beside the common ones: only documented ones; only lists more than once. */
type Parameters = Record<string, string[]>;

/** The documented actions that manage rooms. Each answers the envelope's `Data`, or throws a `ReturnCode`. */
export const ACTIONS = {
  DescribeUserNum: (world: ZegoWorld, query: URLSearchParams): object => {
    const rooms = listOf(parametersOf(query, ["RoomId[]"]), "RoomId[]", 10, 2);
    return {
      UserCountList: rooms.map(checkRoom).map((room) => {
        const members = world.members(room);
        const admins = members.filter(({ role }) => role === 4);
        return { RoomId: room, UserCount: members.length, AdminUserCount: admins.length };
      }),
    };
  },

  DescribeUserList: (world: ZegoWorld, query: URLSearchParams): object => {
    const parameters = parametersOf(query, ["RoomId", "Mode", "Limit", "Marker"]);
    const members = world.members(roomOf(parameters));
    const descending = numberOf(parameters, "Mode", { otherwise: 0, most: 1 }) === 1;
    const limit = numberOf(parameters, "Limit", { otherwise: 200, most: 200 }) || 200;
    if (descending) members.reverse();
    const rest = members.slice(startOf(members, oneOf(parameters, "Marker") ?? "", descending));
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return {
      Marker: last !== undefined && rest.length > limit ? `${last.loginAt}-${last.userId}` : "",
      UserList: page.map(({ userId, userName, role }) => ({
        UserId: userId,
        UserName: userName,
        UserRole: role,
      })),
    };
  },

  DescribeUsers: (world: ZegoWorld, query: URLSearchParams): object => {
    const parameters = parametersOf(query, ["RoomId", "UserId[]"]);
    const room = roomOf(parameters);
    const ids = listOf(parameters, "UserId[]", 10, 2).map(checkUser);
    if (!world.exists(room)) throw new ReturnCode(50001);
    const members = new Map(world.members(room).map((member) => [member.userId, member]));
    return { UserStatusList: ids.map((id) => statusOf(id, members.get(id))) };
  },

  KickoutUser: (world: ZegoWorld, query: URLSearchParams): undefined => {
    const parameters = parametersOf(query, ["RoomId", "UserId[]", "CustomReason"]);
    const room = roomOf(parameters);
    const ids = listOf(parameters, "UserId[]", 5, 50011).map(checkUser);
    checkReason(parameters);
    if (!world.exists(room)) throw new ReturnCode(104);
    for (const id of ids) world.leave(room, id);
  },

  CloseRoom: (world: ZegoWorld, query: URLSearchParams): undefined => {
    const parameters = parametersOf(query, ["RoomId", "CustomReason", "RoomCloseCallback"]);
    const room = roomOf(parameters);
    checkReason(parameters);
    const callback = oneOf(parameters, "RoomCloseCallback") ?? "false";
    if (!["true", "false"].includes(callback)) throw new ReturnCode(2);
    if (!world.close(room)) throw new ReturnCode(5024);
  },
};

function parametersOf(query: URLSearchParams, known: string[]): Parameters {
  const parameters: Parameters = {};
  for (const [name, value] of query) {
    const values = [...(parameters[name] ?? []), value];
    const isKnown = known.includes(name) || COMMON.includes(name);
    if (!isKnown || (values.length > 1 && !name.endsWith("[]"))) throw new ReturnCode(2);
    parameters[name] = values;
  }
  if (!/^(true|false)$/i.test(oneOf(parameters, "IsTest") ?? "false")) throw new ReturnCode(2);
  return parameters;
}

function oneOf(parameters: Parameters, name: string): string | undefined {
  return parameters[name]?.[0];
}

function roomOf(parameters: Parameters): string {
  return checkRoom(oneOf(parameters, "RoomId") ?? "");
}

function listOf(parameters: Parameters, name: string, most: number, tooMany: 2 | 50011): string[] {
  const values = parameters[name] ?? [];
  if (values.length === 0) throw new ReturnCode(2);
  if (values.length > most) throw new ReturnCode(tooMany);
  return values;
}

function numberOf(parameters: Parameters, name: string, range: { otherwise: number; most: number }): number {
  const text = oneOf(parameters, name) ?? String(range.otherwise);
  if (!/^\d{1,3}$/.test(text) || Number(text) > range.most) throw new ReturnCode(2);
  return Number(text);
}

function checkRoom(id: string): string {
  if (!isRoomId(id)) throw new ReturnCode(id.length >= 128 ? 3 : 2);
  return id;
}

function checkUser(id: string): string {
  if (!isUserId(id)) throw new ReturnCode(id.length > 64 ? 3 : 2);
  return id;
}

function checkReason(parameters: Parameters): void {
  if (Buffer.byteLength(oneOf(parameters, "CustomReason") ?? "") > 256) throw new ReturnCode(3);
}

/** A marker is the last user of the page before: it holds its place even when they have left since. */
function startOf(members: Member[], marker: string, descending: boolean): number {
  if (marker === "") return 0;
  const [, loginAt, userId = ""] = /^(\d+)-(.+)$/.exec(marker) ?? [];
  if (loginAt === undefined) throw new ReturnCode(2);
  const last = { loginAt: Number(loginAt), userId };
  const isBehind = (member: Member) => (descending ? byLogin(last, member) : byLogin(member, last)) > 0;
  const start = members.findIndex(isBehind);
  return start === -1 ? members.length : start;
}

function statusOf(id: string, member: Member | undefined): object {
  const { loginAt = 0, role = 0 } = member ?? {};
  return { UserId: id, Status: member === undefined ? 0 : 1, LoginTime: loginAt, UserRole: role };
}

import {
  type CoreGatewayRecording,
  type CoreGatewayRoom,
  CoreGatewayWorld,
  Rejected,
} from "./core-only-world.ts";
import type { Answer } from "./faults.ts";
import { type Emulator, type Incoming, serve } from "./http.ts";

/**
 * A stand-in for a third-party gateway: it has the core capabilities and discovery only. It
 * is strict about what is asked of it (key, method, path, content type, fields, idempotency keys) and as free as the
 * contract allows in how it answers.
 */

/** The core capabilities, as the log of calls names them. */
export type CoreGatewayApi = keyof typeof ROUTES | "discovery";

/** How rejections are written. */
export type Spelling = "problem" | "nested" | "error" | "message" | "msg" | "text" | "page";

export interface CoreGatewayOptions {
  apiKey: string;
  spelling?: Spelling;
  /** Its vendor, with persistent rooms. */
  vendor?: string;
  /** Fields of rooms that it does not report. */
  silentOn?: string[];
  /** Its vendor has on-demand rooms, and it stores none: any name is a room, of which only the participants are known. */
  keepsNothing?: boolean;
  /** What its vendor cannot do there, e.g. `participant.kick`, and why. */
  lacks?: Record<string, string>;
  /** Times as Unix seconds. */
  unixTimes?: boolean;
  /** Where a success is put: bare, or `{ data }`. */
  wrapped?: boolean;
}

export interface CoreGateway extends Emulator<CoreGatewayApi> {
  readonly world: CoreGatewayWorld;
}

const ROUTES = {
  "room.create": ["POST", /^\/v1\/rtc\/room\/create$/],
  "room.get": ["GET", /^\/v1\/rtc\/room\/get\/([^/]+)$/],
  "room.list": ["GET", /^\/v1\/rtc\/room\/list$/],
  "room.delete": ["DELETE", /^\/v1\/rtc\/room\/delete\/([^/]+)$/],
  "token.issue": ["POST", /^\/v1\/rtc\/token\/issue$/],
  "recording.start": ["POST", /^\/v1\/rtc\/recording\/start$/],
  "recording.stop": ["POST", /^\/v1\/rtc\/recording\/stop\/([^/]+)$/],
  "participant.list": ["GET", /^\/v1\/rtc\/participant\/list\/([^/]+)$/],
  "participant.kick": ["POST", /^\/v1\/rtc\/participant\/kick\/([^/]+)$/],
} as const satisfies Record<string, [string, RegExp]>;
/** What is reported of an on-demand room. */
const NOTHING = {
  ...{ state: "pending", max_participants: null, empty_timeout_s: null, departure_timeout_s: null },
  ...{ metadata: null, sid: null, created_at: null },
};
const DISCOVERY = /^\/v1\/discovery\/rtc\.([a-z.]+)$/;

/** The fields that each body may have, those that it must have first. */
const FIELDS: Partial<Record<CoreGatewayApi, [must: string[], may: string[]]>> = {
  "room.create": [
    ["name"],
    [
      ...["max_participants", "empty_timeout_s", "metadata", "enable_recording"],
      ...["region", "vendor", "idempotency_key"],
    ],
  ],
  "token.issue": [
    ["room", "identity"],
    [
      ...["display_name", "ttl_s", "can_publish", "can_subscribe", "can_publish_data"],
      ...["is_admin", "vendor", "metadata"],
    ],
  ],
  "recording.start": [
    ["room"],
    ["layout", "audio_only", "output_uri", "vendor", "metadata", "idempotency_key"],
  ],
  "participant.kick": [["room", "identity"], ["vendor"]],
};

/** Serves it on a free port of loopback. */
export async function startCoreGateway(options: CoreGatewayOptions): Promise<CoreGateway> {
  const world = new CoreGatewayWorld(options.vendor ?? "livekit");
  const answers = new Map<string, { body: string; answer: Answer }>();
  const handle = await serve<CoreGatewayApi>({ apiOf, answer }, { now: Date.now });

  function answer(incoming: Incoming, api: CoreGatewayApi | undefined): Answer {
    try {
      if (incoming.headers.authorization !== `Bearer ${options.apiKey}`)
        throw new Rejected(401, "UNAUTHENTICATED", `unknown key ${String(incoming.headers.authorization)}`);
      if (api === undefined) throw new Rejected(404, "NO_ROUTE", "Not Found");
      const body = bodyOf(incoming, api);
      const key = body["idempotency_key"];
      const before = typeof key === "string" ? answers.get(key) : undefined;
      if (before && before.body !== incoming.body)
        throw new Rejected(422, "IDEMPOTENCY_CONFLICT", "the key came with another body");
      const given = before?.answer ?? succeeded(act(incoming, api, body));
      if (typeof key === "string") answers.set(key, { body: incoming.body, answer: given });
      return given;
    } catch (error) {
      if (error instanceof Rejected) return rejected(error, options.spelling ?? "problem");
      throw error;
    }
  }

  function act({ path }: Incoming, api: CoreGatewayApi, body: Record<string, unknown>): unknown {
    const { pathname, searchParams } = new URL(path, "http://localhost");
    if (api === "discovery") {
      if (!Object.hasOwn(ROUTES, DISCOVERY.exec(pathname)?.[1] ?? ""))
        throw new Rejected(404, "UNKNOWN_CAPABILITY", "Not Found");
      const { vendor = "livekit", lacks = {} } = options;
      const reason = lacks[DISCOVERY.exec(pathname)?.[1] ?? ""];
      const found = reason === undefined ? { vendor, available: true } : { vendor, available: false, reason };
      return { capability: pathname, vendors: [found] };
    }
    const id = decodeURIComponent(ROUTES[api][1].exec(pathname)?.[1] ?? "");
    switch (api) {
      case "room.create":
        return shown(world.create(options.keepsNothing ? { name: body["name"] } : body));
      case "room.get":
        return shown(options.keepsNothing ? world.create({ name: id.replace(/^.*?:/, "") }) : world.room(id));
      case "room.list": {
        const limit = Number(searchParams.get("limit") ?? 50);
        const from = Number(searchParams.get("cursor") ?? 0);
        const all = [...world.rooms.values()].map(shown);
        const next = from + limit < all.length ? { next_cursor: String(from + limit) } : {};
        return { items: all.slice(from, from + limit), ...next };
      }
      case "room.delete":
        world.delete(id);
        return { ok: true };
      case "token.issue":
        return { token: `jwt-for-${body["identity"]}`, room: body["room"], identity: body["identity"] };
      case "recording.start":
        return recorded(world.start(body));
      case "recording.stop": {
        const stopped = world.stop(id);
        return stopped ? recorded(stopped) : { ok: true };
      }
      case "participant.list":
        return {
          items: world
            .room(id)
            .participants.map((identity) => ({ identity, joined_at: timeOf(1_700_000_000) })),
        };
      case "participant.kick": {
        const room = world.room(id);
        if (id !== body["room"]) throw new Rejected(400, "INVALID_ARGUMENT", "two rooms are named");
        if (!room.participants.includes(String(body["identity"])))
          throw new Rejected(404, "NOT_FOUND", "no such participant");
        room.participants = room.participants.filter((one) => one !== body["identity"]);
        return { ok: true };
      }
    }
  }

  const timeOf = (seconds: number) => (options.unixTimes ? seconds : new Date(seconds * 1_000).toISOString());

  function shown({
    participants,
    maxParticipants,
    emptyTimeout,
    createdAt,
    ...room
  }: CoreGatewayRoom): object {
    const record = {
      ...{ ...room, state: "open", max_participants: maxParticipants, empty_timeout_s: emptyTimeout },
      ...{
        departure_timeout_s: emptyTimeout,
        num_participants: participants.length,
        created_at: timeOf(createdAt),
      },
      ...{ plan: "pro", billing: { credits: 5 } },
      ...(options.keepsNothing && NOTHING),
    };
    return Object.fromEntries(Object.entries(record).filter(([field]) => !options.silentOn?.includes(field)));
  }

  function recorded({ outputUri, ...rest }: CoreGatewayRecording): object {
    return { ...rest, output_uri: outputUri, started_at: timeOf(1_700_000_000), cost: 3 };
  }

  function succeeded(body: unknown): Answer {
    return { status: 200, body: options.wrapped ? { ok: true, data: body } : Object(body) };
  }

  return { ...handle, calls: handle.calls, faults: handle.faults, stop: handle.stop, url: handle.url, world };
}

function apiOf({ method, path }: Incoming): CoreGatewayApi | undefined {
  const [pathname = ""] = path.split("?");
  if (method === "GET" && DISCOVERY.test(pathname)) return "discovery";
  const found = Object.entries(ROUTES).find(([, [verb, route]]) => verb === method && route.test(pathname));
  return found?.[0] as CoreGatewayApi | undefined;
}

function bodyOf({ headers, body }: Incoming, api: CoreGatewayApi): Record<string, unknown> {
  const [must, may] = FIELDS[api] ?? [[], []];
  if (must.length === 0) {
    if (body !== "") throw new Rejected(400, "INVALID_ARGUMENT", "no body is expected");
    return {};
  }
  if (headers["content-type"] !== "application/json") throw new Rejected(415, "MEDIA_TYPE", "send JSON");
  const fields = JSON.parse(body) as Record<string, unknown>;
  const wrong = [
    ...must.filter((field) => fields[field] === undefined),
    ...Object.keys(fields).filter((field) => !must.includes(field) && !may.includes(field)),
  ];
  // As a strict gateway has it: an id or a name.
  if (fields["room"] !== undefined && typeof fields["room"] !== "string") wrong.push("room");
  if (wrong.length > 0) throw new Rejected(400, "INVALID_ARGUMENT", `wrong fields: ${wrong.join(", ")}`);
  return fields;
}

/** The same rejection as one gateway or another writes it. */
export function rejected({ status, code, message }: Rejected, spelling: Spelling): Answer {
  switch (spelling) {
    case "problem": {
      const headers = { "content-type": "application/problem+json" };
      return {
        status,
        headers,
        body: { type: `https://example.com/${code}`, code, status, detail: message },
      };
    }
    case "nested":
      return { status, body: { error: { code, message } } };
    case "error":
      return { status, body: { error: message } };
    case "message":
      return { status, body: { message } };
    case "msg":
      return { status, body: { code: 40_000 + status, msg: message } };
    case "text":
      return { status, headers: { "content-type": "text/plain" }, body: message };
    case "page":
      return { status, body: `<html><body><h1>${status}</h1></body></html>` };
  }
}

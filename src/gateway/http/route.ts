import type { Context } from "hono";
import type { z } from "zod";
import {
  bytes,
  type Capability,
  excessInText,
  hasRounded,
  invalid,
  isOwnershipTag,
  OWNER_KEY,
  ROUNDED,
} from "../../contract";
import { assertRecordingAllowed, assertRoomAllowed } from "../middleware/access";
import type { Answering, GatewayEnv } from "./context";
import { HttpRejection } from "./problem";
import { fieldOf, LONGEST_KEY, NOTHING, pointer, type RECORDS, readInput } from "./schemas";

/* The routes of the contract, and how their requests are read. */

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** A valid request, and what it is answered with. */
export interface Call<In> extends Answering {
  /** What the path names: a room, a recording or a capability. Empty where it names nothing. */
  id: string;
  input: In;
  /** The ownership tag that came within the metadata. */
  owner: string | undefined;
}

/** How a route is asked for and documented. */
export interface RouteTerms<In extends z.ZodObject = z.ZodObject> {
  method: "get" | "post" | "delete";
  summary: string;
  /** What the last part of the path names. A room or a recording is one that the key has access to. */
  names?: "room" | "recording" | "capability";
  /** The body of a POST, else the query. */
  input: In;
  /** Takes an idempotency key. */
  isIdempotent?: boolean;
  /** Takes the ownership tag of a declared room within its metadata. */
  owned?: boolean;
  /** What it answers: one of these. */
  answers: readonly (keyof typeof RECORDS)[];
}

/** A route as the gateway serves it. */
export interface GatewayRoute extends RouteTerms {
  /** A capability, or `discovery`. */
  operation: Capability | "discovery";
  /** The last part may be a parameter: `/v1/rtc/room/get/{room}`. */
  path: string;
  /** Reads a request. @throws INVALID_ARGUMENT with all its problems */
  read(c: Context<GatewayEnv>): Promise<Pick<GatewayEnv["Variables"], "run" | "body" | "idempotencyKey">>;
}

/** The route of an operation, from its terms and what it does. */
export function route<In extends z.ZodObject>(
  operation: GatewayRoute["operation"],
  terms: RouteTerms<In>,
  run: (call: Call<z.output<In>>) => Promise<unknown>,
): GatewayRoute {
  const { input, method, names, owned, isIdempotent } = terms;
  return {
    ...{ ...terms, operation },
    path: `/v1/${operation.replaceAll(".", "/")}${names === undefined ? "" : `/{${names}}`}`,
    async read(c) {
      const id = names === undefined ? "" : lastPart(c.req.path);
      const issues =
        id === undefined ? [{ path: pointer([names ?? ""]), message: "is not encoded as UTF-8" }] : [];
      const sent =
        method === "post" ? ((await bodyOf(c)) ?? (input === NOTHING ? {} : undefined)) : undefined;
      const { body, owner } = owned ? withoutOwner(sent) : { body: sent };
      if (method === "post") issues.push(...(readInput(NOTHING, queryOf(c, NOTHING)).issues ?? []));
      const read = readInput(input, method === "post" ? body : queryOf(c, input));
      if (id === undefined || read.issues || issues.length > 0)
        throw invalid("the request", [...issues, ...(read.issues ?? [])]);
      return {
        body: sent,
        idempotencyKey: isIdempotent ? idempotencyKeyOf(c, body) : undefined,
        run: async (answering) => {
          if (names === "room") assertRoomAllowed(answering, id);
          if (names === "recording") await assertRecordingAllowed(answering, id);
          return run({ ...answering, id, owner, input: read.value });
        },
      };
    },
  };
}

/** The last part of a path, decoded; undefined where it is not UTF-8. Also `.`, `..` and `a/b` are names. */
export function lastPart(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch {
    return undefined;
  }
}

/** The query. A field that takes no text is read as JSON; one that is given twice is a list, which no field takes. */
function queryOf(c: Context<GatewayEnv>, schema: z.ZodObject): Record<string, unknown> {
  const read = (name: string, text: string): unknown => {
    const isText = fieldOf(schema, name)?.safeParse(text).success ?? true;
    return isText || !/^(true|false|-?\d{1,15})$/.test(text)
      ? text
      : JSON.parse(text.replace(/^(-?)0+(?=\d)/, "$1"));
  };
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => {
      const [text = "", ...more] = values;
      return [name, more.length === 0 ? read(name, text) : values];
    }),
  );
}

/** The body as JSON; undefined where there is none. @throws INVALID_ARGUMENT, and 415 for another type */
export async function bodyOf(c: Context<GatewayEnv>): Promise<unknown> {
  const sent = await c.req.arrayBuffer();
  if (sent.byteLength === 0) return undefined;
  const type = c.req.header("content-type");
  if (type !== undefined && !/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type))
    throw new HttpRejection(415, "send the body as application/json");
  if (!/^(identity)?$/i.test(c.req.header("content-encoding") ?? ""))
    throw new HttpRejection(415, "send the body as it is, without a Content-Encoding");
  return parsed(sent);
}

/**
 * A body's JSON. Invalid UTF-8 is rejected, as in a path: else a name would silently be another. Too many values, too deep a
 * nesting, or a whole number that would silently be another, are rejected before the body is parsed.
 */
function parsed(sent: ArrayBuffer): unknown {
  const wrong = (message: string) => invalid("the request", [{ path: "", message }]);
  let kind = "UTF-8";
  let excess: string | undefined;
  try {
    const text = UTF8.decode(sent);
    kind = "JSON";
    excess = excessInText(text);
    if (excess === undefined && hasRounded(text)) excess = `a value ${ROUNDED}`;
    if (excess === undefined) return text.trim() === "" ? undefined : JSON.parse(text);
  } catch {
    throw wrong(`the body is not ${kind}`);
  }
  throw wrong(excess);
}

/**
 * The ownership tag of a declared room, which clients of any gateway send within the metadata, and the body without it. A
 * value that has not the shape of a tag stays, and is rejected as reserved.
 */
function withoutOwner(body: unknown): { body: unknown; owner?: string } {
  if (!isObject(body) || !isObject(body["metadata"])) return { body };
  const { [OWNER_KEY]: owner, ...metadata } = body["metadata"];
  return isOwnershipTag(owner) ? { body: { ...body, metadata }, owner } : { body };
}

/**
 * The idempotency key of a valid body, or of the header: a quoted string, or bare as many send it.
 *
 * @throws INVALID_ARGUMENT where they differ, or the header has none
 */
function idempotencyKeyOf(c: Context<GatewayEnv>, body: unknown): string | undefined {
  const inBody = isObject(body) ? body["idempotency_key"] : undefined;
  const header = c.req.header("idempotency-key")?.trim();
  const inHeader = header && (/^"(.*)"$/.exec(header)?.[1] ?? header);
  const wrong = (path: string, message: string) => invalid("the request", [{ path, message }]);
  if (inHeader !== undefined && (inHeader === "" || bytes(inHeader) > LONGEST_KEY))
    throw wrong("/Idempotency-Key", `must be 1 to ${LONGEST_KEY} bytes`);
  if (typeof inBody !== "string") return inHeader;
  if (inHeader !== undefined && inHeader !== inBody)
    throw wrong("/idempotency_key", "is not that of the Idempotency-Key header");
  return inBody;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

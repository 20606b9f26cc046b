import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { bytes, excessInText, hasRounded, invalid, isOwnershipTag, OWNER_KEY, ROUNDED } from "../../contract";
import type { GatewayEnv } from "./context";
import { HttpRejection } from "./problem";
import { LONGEST_KEY, wireOf } from "./schemas";

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/* The content of a request before it is validated. */

/** The last part of a path, decoded; undefined where it is not UTF-8. Also `.`, `..` and `a/b` are names. */
export function lastPart(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch {
    return undefined;
  }
}

/** The query. A field that takes no text is read as JSON; one that is given twice is a list, which no field takes. */
export function queryOf(c: Context<GatewayEnv>, schema: z.ZodObject): Record<string, unknown> {
  const { shape } = wireOf(schema);
  const read = (name: string, text: string): unknown => {
    const field: unknown = shape[name];
    const isText = !(field instanceof z.ZodType) || field.safeParse(text).success;
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
export function withoutOwner(body: unknown): { body: unknown; owner?: string } {
  if (!isObject(body) || !isObject(body["metadata"])) return { body };
  const { [OWNER_KEY]: owner, ...metadata } = body["metadata"];
  return isOwnershipTag(owner) ? { body: { ...body, metadata }, owner } : { body };
}

/**
 * The idempotency key of a valid body, or of the header: a quoted string, or bare as many send it.
 *
 * @throws INVALID_ARGUMENT where they differ, or the header has none
 */
export function idempotencyKeyOf(c: Context<GatewayEnv>, body: unknown): string | undefined {
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

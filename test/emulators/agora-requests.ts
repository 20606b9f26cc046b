import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Answer, Fault } from "./faults.ts";
import type { Incoming } from "./http.ts";

/** The documented table of status codes, for answers that are not ok; 503 and 504 are those of any gateway. */
const MESSAGES = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  415: "Unsupported media type",
  429: "Too many requests",
  500: "Internal server error",
  503: "Service unavailable",
  504: "Gateway timeout",
};

/**
 * The answer of a status as a fault to plan: its documented shape, and its meaning as the message unless given.
 *
 * @example agora.faults.plan(agoraAnswers(500), { api: "listUsers", times: 1 });
 */
export function agoraAnswers(status: keyof typeof MESSAGES, message: string = MESSAGES[status]): Fault {
  return { kind: "answer", status, body: { message } };
}

/** Ends a call with the answer of a status. */
export class Failure extends Error {
  readonly answer: Answer;

  constructor(status: keyof typeof MESSAGES, message: string = MESSAGES[status]) {
    super(message);
    this.answer = { status, body: { message } };
  }
}

/** Rejects a call that is not the account's. */
export function checkAuthorization(
  { headers }: Incoming,
  { customerId, customerSecret }: { customerId: string; customerSecret: string },
): void {
  const expected = `Basic ${Buffer.from(`${customerId}:${customerSecret}`).toString("base64")}`;
  if (headers.authorization !== expected) throw new Failure(401);
}

/** Rejects an app id that is none, or not the account's. */
export function checkApp(id: string, appId: string): void {
  if (!/^[0-9a-f]{32}$/i.test(id)) throw new Failure(400, "invalid appid");
  if (id !== appId) throw new Failure(401);
}

/** A JSON body of exactly the documented fields. */
export function bodyOf<Body>({ headers, body }: Incoming, schema: z.ZodType<Body>): Body {
  if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) throw new Failure(415);
  const result = schema.safeParse(jsonOf(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Failure(400, `invalid ${issue?.path.join(".") || issue?.message}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(400, "invalid json");
  }
}

/** The parts of an address between slashes, still encoded. */
export function segmentsOf({ path }: Incoming): string[] {
  return (path.split("?", 1)[0] ?? "").split("/").slice(1);
}

/** Takes the percent signs out of a part of an address. */
export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Failure(400, "invalid url");
  }
}

/** The query: only documented parameters, each at most once. */
export function queryOf({ path }: Incoming, known: string[]): Map<string, string> {
  const entries = [...new URLSearchParams(path.replace(/^[^?]*/, ""))];
  const query = new Map(entries);
  const wrong = entries.find(([name]) => !known.includes(name));
  if (wrong !== undefined) throw new Failure(400, `invalid ${wrong[0]}`);
  if (query.size < entries.length) throw new Failure(400, "a parameter appears twice");
  return query;
}

/** A parameter that is a number within its range. */
export function numberOf(
  query: Map<string, string>,
  name: string,
  { otherwise, least, most = 1e9 }: { otherwise: number; least: number; most?: number },
): number {
  const text = query.get(name) ?? String(otherwise);
  const isFine = /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most;
  if (!isFine) throw new Failure(400, `invalid ${name}`);
  return Number(text);
}

/** With the headers that the documents recommend to log. */
export function withIds(answer: Answer): Answer {
  return { ...answer, headers: { "x-request-id": randomUUID(), "x-resource-id": randomUUID() } };
}

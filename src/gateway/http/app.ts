import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { contextStorage } from "hono/context-storage";
import { requestId } from "hono/request-id";
import { RtcError, toWire } from "../../contract";
import { authenticate } from "./authenticate";
import type { Before, GatewayApp, GatewayEnv, GatewayParts } from "./context";
import { docs } from "./docs";
import { page } from "./page";
import { answerProblem, HttpRejection } from "./problem";
import { type GatewayRoute, lastPart } from "./route";
import { ROUTES } from "./routes";
import { withWireNames } from "./schemas";

/** The longest body: metadata of 60,000 bytes, were every one of them escaped. */
const BODY_BYTES = 512 * 1024;

/**
 * The contract over HTTP, from its parts.
 *
 * @example
 * const app = createGateway({ client: createClient(), keys, names, recordings });
 * await app.request("/v1/rtc/room/list", { headers: { authorization: `Bearer ${key}` } });
 */
export function createGateway(parts: GatewayParts): GatewayApp {
  const { client, keys } = parts;
  const app = new Hono<GatewayEnv>({ getPath: rawPath });
  const redact = (text: string) => client.redact(text);

  app.onError((error, c) => answerProblem(c, error, redact));
  app.notFound((c) =>
    answerProblem(c, new RtcError("UNKNOWN_ADDRESS", "there is nothing at this address: see /docs"), redact),
  );
  app.use(contextStorage(), requestId(), setNosniff);
  for (const before of parts.first ?? []) app.use(before);
  page(app, client);
  docs(app);

  app.use("/v1/*", async (c, next) => {
    c.header("cache-control", "no-store");
    c.set("principal", await authenticate(c, keys));
    await next();
  });
  for (const before of parts.checked ?? []) app.use("/v1/*", before);
  // No other request's body is ever read.
  app.post("/v1/*", limitBody);

  for (const route of ROUTES) {
    const path = route.path.replace(/\{(\w+)\}/, ":$1");
    const idempotent = route.isIdempotent && parts.idempotent ? [parts.idempotent] : [];
    const handlers: Before[] = [readRequest(route), ...idempotent, runRoute(parts)];
    app.on([route.method], [path], ...handlers);
    const allow = route.method === "get" ? "GET, HEAD" : route.method.toUpperCase();
    app.all(path, () => {
      throw new HttpRejection(405, `this address takes ${allow}`, allow);
    });
  }
  return app;
}

/** Keeps browsers from guessing another content type. Set before the answer: after it, Hono copies the whole answer. */
const setNosniff: Before = (c, next) => {
  c.header("x-content-type-options", "nosniff");
  return next();
};

const onTooLong = () => {
  throw new RtcError("PAYLOAD_TOO_LARGE", `a body has ${BODY_BYTES} bytes at most`);
};
const limitUnknownLength = bodyLimit({ maxSize: BODY_BYTES, onError: onTooLong });

/** Rejects a longer body. Node reads no more than the length that was sent; only one without it is counted as it arrives. */
const limitBody: Before = (c, next) => {
  const length = c.req.header("content-length");
  if (length === undefined || c.req.header("transfer-encoding") !== undefined)
    return limitUnknownLength(c, next);
  return Number(length) > BODY_BYTES ? onTooLong() : next();
};

/** Rejects a read-only key before the request is validated; then reports all problems of the request. */
function readRequest(route: GatewayRoute): Before {
  return async (c, next) => {
    c.set("operation", route.operation);
    assertPathIntact(c);
    if (c.get("principal").readOnly && route.method !== "get")
      throw new RtcError("PERMISSION_DENIED", "this key is read-only");
    const { run, body, idempotencyKey } = await route.read(c);
    c.set("run", run);
    c.set("body", body);
    c.set("idempotencyKey", idempotencyKey);
    await next();
  };
}

/** Rejects a request whose path was changed on its way, and may name another room: clients of this package also send it in a header. */
function assertPathIntact(c: Context<GatewayEnv>): void {
  const sent = c.req.header("x-rtc-path")?.replace(/\?.*$/s, "");
  if (sent !== undefined && lastPart(sent) !== lastPart(c.req.path))
    throw new RtcError("UNKNOWN_ADDRESS", "the path is not as the client sent it: a proxy has changed it");
}

/** Runs a valid request. */
function runRoute({ client, names, recordings }: GatewayParts): Before {
  return async (c) => {
    const { run, principal, request, resumedFrom } = c.var;
    const record = await run({ client, names, recordings, principal, request, resumedFrom });
    c.set("vendor", vendorOf(record, client.vendors()));
    return c.json(toWire(withWireWarnings(record)));
  };
}

/** A record with its warnings in the field names of REST. */
function withWireWarnings(record: unknown): unknown {
  if (typeof record !== "object" || record === null) return record;
  const { warnings }: { warnings?: unknown } = record;
  return Array.isArray(warnings) ? { ...record, warnings: warnings.map(String).map(withWireNames) } : record;
}

/** The path as it was sent: a room may be called `..`, which `%2E%2E` stands for and a URL leaves out. */
function rawPath(request: Request, options?: { env?: GatewayEnv["Bindings"] }): string {
  const sent = options?.env?.incoming?.url ?? request.url;
  return sent.replace(/^[a-z]+:\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "") || "/";
}

/** The vendor of a record, by its own word or its id. */
function vendorOf(record: unknown, vendors: string[]): string | undefined {
  if (typeof record !== "object" || record === null) return undefined;
  const { recording, room }: { recording?: unknown; room?: unknown } = record;
  const vendor = [recording, room].map((id) =>
    typeof id === "string" ? /^[^:@]+/.exec(id)?.[0] : undefined,
  );
  return vendor.find((one) => one !== undefined && vendors.includes(one));
}

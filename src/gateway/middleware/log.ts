import type { Context } from "hono";
import pino, { type Logger } from "pino";
import type { ErrorCode } from "../../contract/errors";
import { RtcError } from "../../contract/errors";
import { escapedJson } from "../../contract/printable";
import { redact } from "../../support/redact";
import type { Before, GatewayEnv } from "../http/context";
import { KEY_IN_TEXT } from "../services/keys";

/** Paths that monitoring requests often. */
const QUIET = new Set(["/livez", "/readyz", "/metrics", "/errors"]);

/** The length to which texts are cut. */
const LONGEST = 1_000;

/** The output of a log, and the secrets to redact. */
export interface LogOptions {
  write(line: string): void;
  /** Configured credentials. */
  secrets: readonly string[];
  level?: string | undefined;
}

/**
 * A log of JSON lines. Every line is redacted as a whole: secrets of the configuration, keys of this gateway, and
 * anything that resembles a token.
 */
export function createLog({ write, secrets, level = "info" }: LogOptions): Logger {
  const short = (value: unknown) =>
    typeof value === "string" && value.length > LONGEST ? `${redact(value, secrets, LONGEST)}…` : value;
  const clean = redactKeys(secrets.map((secret) => JSON.stringify(secret).slice(1, -1)));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (line) => {
          for (const name in line) line[name] = short(line[name]);
          return line;
        },
      },
    },
    {
      write: (line: string) => {
        write(escapedJson(clean(line)));
      },
    },
  );
}

/** Takes secrets, and the keys of gateways, out of a text. */
export function redactKeys(secrets: readonly string[]): (text: string) => string {
  return (text) => redact(text, secrets).replace(KEY_IN_TEXT, "[redacted key]");
}

/** A line for each request, when it is answered. It contains no headers, query or body; an error is logged by its code. */
export function requestLog(log: Logger): Before {
  return async (c, next) => {
    const begun = performance.now();
    await next();
    const { status } = c.res;
    const line = {
      requestId: c.get("requestId"),
      method: c.req.method,
      path: c.req.path,
      operation: c.get("operation"),
      status,
      milliseconds: Math.round(performance.now() - begun),
      key: c.get("principal")?.id,
      vendor: c.get("vendor"),
      ...(c.error && failureOf(c.error, c)),
      warning: c.get("warning"),
    };
    const level = status >= 500 ? "error" : QUIET.has(c.req.path) ? "debug" : "info";
    log[level](line, "request");
  };
}

/**
 * The logged error. Messages about a request contain its field names and values, so only its code is logged. Messages about
 * a failure of a vendor, or of ours, are logged without them.
 */
export function failureOf(error: Error, c: Context<GatewayEnv>): { code: ErrorCode; error?: string } {
  const code = RtcError.isInstance(error) ? error.code : "INTERNAL";
  if (c.res.status < 500) return { code };
  return { code, error: redact(error.message, textsIn(c), LONGEST) };
}

/** Every text in the query and in the valid body of a request, except vendors. */
function textsIn(c: Context<GatewayEnv>): string[] {
  const texts = new Set(Object.values(c.req.query()));
  const collect = (value: unknown): void => {
    if (typeof value === "string") texts.add(value);
    // The places in a list are numbers of ours, which an error may have too.
    else if (Array.isArray(value)) value.forEach(collect);
    else if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        texts.add(key);
        collect(inner);
      }
  };
  for (const [field, value] of Object.entries(c.get("body") ?? {})) if (field !== "vendor") collect(value);
  return [...texts];
}

import pino, { type Logger } from "pino";
import { redact } from "../support/redact";
import { KEY_IN_TEXT } from "./keys";
import type { Before } from "./parts";

/** Paths that are asked for all the time by machines. */
const QUIET = new Set(["/livez", "/readyz", "/metrics"]);

/** Where a log goes, and what must not stand in it. */
export interface LogOptions {
  write(line: string): void;
  /** Configured credentials. */
  secrets: readonly string[];
  level?: string | undefined;
}

/**
 * A log of JSON lines. Every line is redacted as a whole, whatever somebody writes into it: secrets of the
 * configuration, keys of this gateway, and all that looks like a token.
 */
export function createLog({ write, secrets, level = "info" }: LogOptions): Logger {
  const inJson = secrets.map((secret) => JSON.stringify(secret).slice(1, -1));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line: string) => {
        write(redact(line, inJson).replace(KEY_IN_TEXT, "[redacted key]"));
      },
    },
  );
}

/** A line for each request, when it is answered. No header, query or body. */
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
      error: c.error?.message,
      warning: c.get("warning"),
    };
    const level = status >= 500 ? "error" : QUIET.has(c.req.path) ? "debug" : "info";
    log[level](line, "request");
  };
}

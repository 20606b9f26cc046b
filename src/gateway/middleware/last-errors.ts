import type { ErrorCode } from "../../contract/errors";
import { authenticate } from "../http/authenticate";
import type { Before } from "../http/context";
import type { Keys } from "../services/keys";
import { failureOf } from "./log";

/** How many are remembered. */
const SIZE = 50;

/** A request that failed, without anything of its content. */
export interface LastError {
  /** RFC 3339, UTC. */
  at: string;
  request_id: string;
  /** The id of the key. */
  key: string;
  operation?: string;
  status: number;
  code: ErrorCode;
  vendor?: string;
  /** With status 500 and above, as in the log. */
  message?: string;
}

/** The last failed requests of a gateway. Those without a valid key are left out: anyone could send enough to hide the others. */
export class LastErrors {
  readonly #redact: (text: string) => string;
  readonly #all: LastError[] = [];

  /** @param redact takes secrets out of a message */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  /** Remembers each failed request. */
  readonly record: Before = async (c, next) => {
    await next();
    const principal = c.get("principal");
    if (c.error === undefined || principal === undefined) return;
    const { code, error } = failureOf(c.error, c);
    const [operation, vendor] = [c.get("operation"), c.get("vendor")];
    this.#all.unshift({
      at: new Date().toISOString(),
      request_id: c.get("requestId"),
      key: principal.id,
      ...(operation !== undefined && { operation }),
      status: c.res.status,
      code,
      ...(vendor !== undefined && { vendor }),
      ...(error !== undefined && { message: this.#redact(error) }),
    });
    this.#all.length = Math.min(this.#all.length, SIZE);
  };

  /** Answers `/errors` with a valid key, the newest first. A key for some rooms gets its own errors only. */
  serve(keys: Keys): Before {
    return async (c, next) => {
      if (c.req.path !== "/errors") return next();
      const { id, prefix } = await authenticate(c, keys);
      const items = this.#all.filter(({ key }) => prefix === undefined || key === id);
      return c.json({ items }, 200, { "cache-control": "no-store" });
    };
  }
}

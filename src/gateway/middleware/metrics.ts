import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { authenticate } from "../http/authenticate";
import type { Before } from "../http/context";
import type { Keys } from "../services/keys";

/** In seconds: from an answer without a call to the longest call of a vendor with all its tries. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Paths that are no capabilities. Unknown paths count together, since a client may invent any. */
const OTHERS = new Set(["/", "/livez", "/readyz", "/metrics", "/errors", "/openapi.json", "/docs"]);

/** Rate, errors and duration of a gateway, by route and by vendor. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: "rtc_gateway_requests_total",
    help: "Requests by route and HTTP status.",
    labelNames: ["route", "status"],
    registers: [this.#registry],
  });
  readonly #duration = new Histogram({
    name: "rtc_gateway_request_duration_seconds",
    help: "How long requests took, by route.",
    labelNames: ["route"],
    buckets: BUCKETS,
    registers: [this.#registry],
  });
  readonly #calls = new Counter({
    name: "rtc_gateway_vendor_calls_total",
    help: "Calls to vendors by operation and outcome: ok, or the error's code.",
    labelNames: ["vendor", "operation", "outcome"],
    registers: [this.#registry],
  });
  readonly #callDuration = new Histogram({
    name: "rtc_gateway_vendor_call_duration_seconds",
    help: "How long calls to vendors took, with their retries and without the time they were queued.",
    labelNames: ["vendor", "operation"],
    buckets: BUCKETS,
    registers: [this.#registry],
  });
  readonly #waiting = new Gauge({
    name: "rtc_gateway_vendor_calls_waiting",
    help: "Calls that are queued for a vendor.",
    labelNames: ["vendor"],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Counts every request. */
  readonly requests: Before = async (c, next) => {
    const begun = performance.now();
    await next();
    const route = c.get("operation") ?? (OTHERS.has(c.req.path) ? c.req.path : "other");
    this.#requests.inc({ route, status: c.res.status });
    this.#duration.observe({ route }, (performance.now() - begun) / 1_000);
  };

  recordCall(vendor: string, operation: string, outcome: string, seconds: number): void {
    this.#calls.inc({ vendor, operation, outcome });
    this.#callDuration.observe({ vendor, operation }, seconds);
  }

  setWaiting(vendor: string, number: number): void {
    this.#waiting.set({ vendor }, number);
  }

  /** In the text format of Prometheus. */
  async text(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}

/** Answers `/metrics` with a valid key: the usage of vendors is confidential. */
export function serveMetrics(metrics: Metrics, keys: Keys): Before {
  return async (c, next) => {
    if (c.req.path !== "/metrics") return next();
    await authenticate(c, keys);
    const { contentType, body } = await metrics.text();
    return c.body(body, 200, { "content-type": contentType, "cache-control": "no-store" });
  };
}

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { RtcError } from "../contract";
import type { GatewayEnv } from "./http/context";
import { answerProblem, HttpRejection } from "./http/problem";
import { type Serving, serve } from "./http/serve";
import type { WatchMetrics } from "./middleware/watch-metrics";

/** The longest delivery: the records of a room, a participant and an egress, each with the longest metadata. */
const DELIVERY_BYTES = 512 * 1024;

/** What a watch serves, and where. */
export interface WatchOptions {
  host: string;
  /** 0: one that is free. */
  port: number;
  metrics: WatchMetrics;
  /** Why the watch does not do its work; undefined where it does. */
  problem(): string | undefined;
  /**
   * Takes a delivery of a vendor's webhook.
   *
   * @returns whether a round follows
   * @throws RtcError where it is rejected
   */
  deliver(vendor: string, body: string, authorization: string | undefined): Promise<boolean>;
}

/**
 * Serves `/livez`, `/metrics` and `/webhooks/<vendor>` of a watch, all without a key: the metrics name no resource, and a
 * delivery carries its own signature.
 *
 * @throws INVALID_ARGUMENT where the address cannot be listened on
 * @example await serveWatch({ host: "127.0.0.1", port: 9464, metrics, problem, deliver })
 */
export function serveWatch({ host, port, metrics, problem, deliver }: WatchOptions): Promise<Serving> {
  const app = new Hono<GatewayEnv>();
  // Errors of this server quote nothing that was sent.
  app.onError((error, c) => answerProblem(c, error, unchanged));
  app.notFound((c) =>
    answerProblem(c, new RtcError("UNKNOWN_ADDRESS", "there is nothing at this address"), unchanged),
  );
  app.use(requestId());
  app.get("/livez", (c) => {
    const reason = problem();
    return reason === undefined ? c.json({ ok: true }) : c.json({ ok: false, reason }, 503);
  });
  app.get("/metrics", async (c) => {
    const { contentType, body } = await metrics.text();
    return c.body(body, 200, { "content-type": contentType, "cache-control": "no-store" });
  });
  const onError = () => {
    throw new RtcError("PAYLOAD_TOO_LARGE", `a delivery has ${DELIVERY_BYTES} bytes at most`);
  };
  app.post("/webhooks/:vendor", bodyLimit({ maxSize: DELIVERY_BYTES, onError }), async (c) => {
    try {
      const body = await c.req.text();
      const isWaking = await deliver(c.req.param("vendor"), body, c.req.header("authorization"));
      metrics.recordDelivery(isWaking ? "woken" : "ignored");
      return c.json({ woken: isWaking });
    } catch (error) {
      metrics.recordDelivery("rejected");
      throw error;
    }
  });
  app.all("/webhooks/:vendor", () => {
    throw new HttpRejection(405, "this address takes POST", "POST");
  });
  return serve(app, { host, port });
}

const unchanged = (text: string) => text;

import { isIPv4 } from "node:net";
import { type RtcConfig, readConfig } from "../client/config";
import { servingClient } from "../client/local";
import type { RtcClient } from "../client/types";
import { RtcError } from "../contract";
import { monotonicClock } from "../support/clock";
import { createGateway } from "./http/app";
import type { GatewayParts } from "./http/context";
import { Health, probes } from "./http/health";
import type { Problem } from "./http/problem";
import { CONNECTIONS, PROXY_CONNECTIONS, serve } from "./http/serve";
import { idempotent } from "./middleware/idempotency";
import { LastErrors } from "./middleware/last-errors";
import { limitAddresses, limitKeys, QUOTAS } from "./middleware/limits";
import { createLog, redactKeys, requestLog } from "./middleware/log";
import { Metrics, serveMetrics } from "./middleware/metrics";
import { VendorBulkhead } from "./services/bulkhead";
import { GatewayKeys } from "./services/keys";
import { openStore, secretsIn } from "./store/open-store";
import { warmUp } from "./warm-up";

/** How a gateway is started. */
export interface GatewayOptions {
  host: string;
  /** 0: one that is free. */
  port: number;
  /** The address of the store: a file, or `postgres://…`. */
  store: string;
  /** A proxy stands in front, which speaks TLS with the clients. */
  tlsTerminated: boolean;
  /** RTC_GATEWAY_KEY. */
  trialKey?: string | undefined;
  /** Takes the log, a line at a time. */
  write(line: string): void;
}

/** A gateway that runs. */
export interface Gateway {
  address: string;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

/**
 * Starts a gateway over the vendors of this environment.
 *
 * @throws INVALID_ARGUMENT for an address that others can reach, where TLS in front of it is not confirmed;
 * NOT_CONFIGURED where there is no key
 */
export async function startGateway(options: GatewayOptions, config: RtcConfig = {}): Promise<Gateway> {
  const { host, port, tlsTerminated, trialKey, write } = options;
  if (!tlsTerminated && !isLoopback(host)) throw new RtcError("INVALID_ARGUMENT", PLAIN(host));
  const read = readConfig(config);
  const store = await openStore(options.store);
  try {
    const keys = new GatewayKeys(store.keys, trialKey);
    if (await keys.isEmpty()) throw new RtcError("NOT_CONFIGURED", NO_KEY);
    const metrics = new Metrics();
    const bulkhead = new VendorBulkhead(metrics);
    const client = servingClient(read, bulkhead.wrap, store.names);
    const health = new Health(store, bulkhead.adapters);
    const secrets = [
      ...bulkhead.adapters.flatMap((adapter) => adapter.secrets()),
      ...(trialKey ? [trialKey] : []),
      ...secretsIn(options.store),
    ];
    const log = createLog({ write, secrets });
    const errors = new LastErrors(redactKeys(secrets));
    const parts: GatewayParts = {
      client,
      keys,
      names: store.names,
      recordings: store.recordings,
      first: [
        requestLog(log),
        metrics.requests,
        errors.record,
        probes(health),
        limitAddresses(QUOTAS, tlsTerminated),
        serveMetrics(metrics, keys),
        errors.serve(keys),
      ],
      checked: [limitKeys(QUOTAS, monotonicClock, store.quotas)],
      idempotent: idempotent(store.answers),
    };
    await warmUp(parts);
    const connections = tlsTerminated ? PROXY_CONNECTIONS : CONNECTIONS;
    const onProblem = ({ requestId, status, detail }: Problem) =>
      log.info({ requestId, status, error: detail }, "no request");
    const server = await serve(createGateway(parts), { host, port, connections, onProblem });
    log.info({ address: server.address, vendors: configured(client) }, "listening");
    return {
      address: server.address,
      async stop() {
        log.info("stopping: requests that are under way are finished");
        health.stopping();
        await server.stop();
        await store.close();
        log.info("stopped");
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The vendors with keys. */
function configured(client: RtcClient): string[] {
  const { candidates } = client.explainRoute({ needs: ["rtc.token.issue"] });
  return candidates.flatMap(({ fits, vendor }) => (fits ? [vendor] : []));
}

const NO_KEY =
  "there is no key, so that no client could use this gateway: create one with `rtc gateway keys create <name>` and the same --store, or set RTC_GATEWAY_KEY for a trial";
const PLAIN = (host: string) =>
  `${host} can be reached from elsewhere, and keys and tokens would cross the network in the clear: let a proxy terminate TLS in front and say so with --tls-terminated, or listen on 127.0.0.1`;

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

import { onTestFinished } from "vitest";
import { remoteClient } from "../../../src/client/remote.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import { RtcError } from "../../../src/contract/index.ts";
import { type CoreGateway, type CoreGatewayOptions, startCoreGateway } from "../../emulators/core-only.ts";

/** The key of the stand-in. */
export const KEY = "canary-gateway-key";

/** A third-party gateway until the end of the test, and a client of it. */
export async function coreGatewayWith(options: Partial<CoreGatewayOptions> = {}): Promise<{
  gateway: CoreGateway;
  client: RtcClient;
  /** The bodies of the calls so far. */
  bodies(): Record<string, unknown>[];
}> {
  const gateway = await startCoreGateway({ apiKey: KEY, ...options });
  onTestFinished(gateway.stop);
  const client = remoteClient({ endpoint: `${gateway.url}/`, apiKey: KEY });
  const bodies = () => gateway.calls.flatMap(({ body }) => (body === "" ? [] : [JSON.parse(body)]));
  return { gateway, client, bodies };
}

/** The error of something that must fail. */
export async function failure(call: Promise<unknown>): Promise<RtcError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (RtcError.isInstance(error)) return error;
  throw new Error(`This should have failed with an RtcError: ${String(error)}`);
}

import { randomUUID } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import { RtcError, type VendorAdapter } from "../../../src/contract/index.ts";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { type Agora, startAgora } from "../../emulators/agora.ts";

export const APP_ID = "970CA35de60c44645bbae8a215061b33";
export const CERTIFICATE = "5CFd2fd1755d40ecb72977518be15d3b";
export const SECRET = "customer-secret-canary";

/** What signs tokens, without what the REST API takes. */
export const PROJECT = { agoraAppId: APP_ID, agoraAppCertificate: CERTIFICATE } satisfies RtcConfig;

/** What tokens need and the REST API, of an account of its own: limits are an account's. */
export function account() {
  return { ...PROJECT, agoraCustomerId: `canary-${randomUUID()}`, agoraCustomerSecret: SECRET };
}

/** The adapter, and the Agora that it talks to. */
export async function adapterOnAgora(): Promise<{
  server: Agora;
  adapter: VendorAdapter;
  config: RtcConfig;
}> {
  const keys = account();
  const server = await startAgora({
    appId: APP_ID,
    appCertificate: CERTIFICATE,
    customerId: keys.agoraCustomerId,
    customerSecret: keys.agoraCustomerSecret,
  });
  onTestFinished(() => server.stop());
  const config = { ...keys, agoraBaseUrl: server.url };
  return { server, adapter: agora.adapter(config), config };
}

export const hall = { region: null, name: "hall" };

/** The RtcError that a call must end with. */
export async function failure(call: Promise<unknown>): Promise<RtcError> {
  const error = await call.then(
    () => expect.fail("This should have failed."),
    (reason: unknown) => reason,
  );
  if (!RtcError.isInstance(error)) return expect.fail(`This is no RtcError: ${String(error)}`);
  return error;
}

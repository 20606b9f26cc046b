import type { VendorAdapter } from "../../../src/contract/index.ts";
import { livekit } from "../../../src/vendors/livekit/adapter.ts";
import { startTwirp, type TwirpServer } from "../../support/twirp.ts";

export const API_KEY = "APIcanary1234";
export const API_SECRET = "canary-secret-that-nobody-may-see";

/** The adapter, and the server that it talks to. */
export async function adapterOnTwirp(): Promise<{ server: TwirpServer; adapter: VendorAdapter }> {
  const server = await startTwirp();
  return { server, adapter: adapterAt(server.url) };
}

/** The adapter for a server at an address. */
export function adapterAt(livekitUrl: string): VendorAdapter {
  return livekit({ livekitUrl, livekitApiKey: API_KEY, livekitApiSecret: API_SECRET });
}

/** A room as the wire has it: 64-bit numbers are texts, and there is a secret in it. */
export const wireRoom = {
  sid: "RM_abc",
  name: "hall",
  empty_timeout: 300,
  departure_timeout: 20,
  max_participants: 12,
  creation_time: "1700000000",
  creation_time_ms: "1700000000123",
  turn_password: "turn-canary",
  enabled_codecs: [{ mime: "audio/opus" }],
  metadata: '{"team":"core","$owner":"abc-def"}',
  num_participants: 3,
  active_recording: true,
  field_of_the_future: { a: 1 },
};

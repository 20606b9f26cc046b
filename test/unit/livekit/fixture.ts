import type { RtcConfig } from "../../../src/client/config.ts";
import type { RecordingAdapter, VendorAdapter } from "../../../src/contract/index.ts";
import { livekit } from "../../../src/vendors/livekit/adapter.ts";
import { startTwirp, type TwirpServer } from "../../support/twirp.ts";

export const API_KEY = "APIcanary1234";
export const API_SECRET = "canary-secret-that-nobody-may-see";

/** The adapter, and the server that it talks to. */
export async function adapterOnTwirp(
  config: RtcConfig = {},
): Promise<{ server: TwirpServer; adapter: VendorAdapter; recordings: RecordingAdapter }> {
  const server = await startTwirp();
  const adapter = adapterAt(server.url, config);
  if (!adapter.recordings) throw new Error("LiveKit has no recordings.");
  return { server, adapter, recordings: adapter.recordings };
}

/** The adapter for a server at an address. */
export function adapterAt(livekitUrl: string, config: RtcConfig = {}): VendorAdapter {
  return livekit.adapter({ livekitUrl, livekitApiKey: API_KEY, livekitApiSecret: API_SECRET, ...config });
}

/** Credentials for every storage, none of which may leak. */
export const STORAGE = {
  s3AccessKeyId: "AKIA-canary-id",
  s3SecretAccessKey: "s3-canary-secret",
  s3SessionToken: "s3-canary-session",
  gcpCredentials: '{"type":"service_account","private_key":"gcp-canary-key"}',
  azureAccountKey: "azure-canary-key",
} satisfies RtcConfig;

/** A room composite as the wire has it: nanoseconds are texts, and credentials are blackened by the server. */
export const wireEgress = {
  egress_id: "EG_abc",
  room_id: "RM_abc",
  room_name: "hall",
  status: "EGRESS_ACTIVE",
  started_at: "1700000000123456789",
  room_composite: {
    room_name: "hall",
    layout: "speaker",
    audio_only: true,
    file_outputs: [
      {
        file_type: "OGG",
        filepath: "hall/{room_name}-{time}.ogg",
        s3: { access_key: "{access_key}", secret: "{secret}", bucket: "acme" },
      },
    ],
  },
  file_results: [{ filename: "hall/hall-2023.ogg", started_at: "1700000000123456789" }],
  field_of_the_future: { a: 1 },
};

/** What LiveKit answers without Redis, through which it would reach a worker. */
export const WITHOUT_REDIS = {
  status: 500,
  body: { code: "internal", msg: "egress not connected (redis required)" },
};
/** What it answers after a while where no server serves the call. */
export const NO_SERVERS = { status: 503, body: { code: "unavailable", msg: "no response from servers" } };
/** What it answers for a recording that has expired. */
export const EXPIRED = { status: 404, body: { code: "not_found", msg: "egress does not exist" } };

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

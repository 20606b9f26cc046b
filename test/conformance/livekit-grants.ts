import { createHmac } from "node:crypto";
import type { JsonObject } from "../../src/contract/index.ts";
import type { Grants, TokenWord } from "./world.ts";

/** What LiveKit's tokens can say beyond a room, an identity and whether to publish: everything. */
export const LIVEKIT_TOKENS_SAY: ReadonlySet<TokenWord> = new Set([
  "canSubscribe",
  "canPublishData",
  "isAdmin",
  "displayName",
  "metadata",
]);

interface Claims {
  sub?: string;
  name?: string;
  metadata?: string;
  exp?: number;
  video?: Record<string, unknown>;
}

/** Reads and verifies a LiveKit token with nothing but node:crypto. */
export function livekitGrants(token: string, secret: string): Grants {
  const [header = "", payload = "", signature] = token.split(".");
  const expected = createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url");
  if (signature !== expected) throw new Error("The token is not signed with the secret.");
  const claims: Claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const { roomJoin, room, canPublish, canSubscribe, canPublishData, roomAdmin, ...more } = claims.video ?? {};
  if (roomJoin !== true) throw new Error("The token is not for joining.");
  const metadata: JsonObject | null = claims.metadata === undefined ? null : JSON.parse(claims.metadata);
  return {
    room: String(room),
    identity: claims.sub ?? "",
    displayName: claims.name ?? null,
    metadata,
    // LiveKit allows what is absent.
    canPublish: canPublish !== false,
    canSubscribe: canSubscribe !== false,
    canPublishData: canPublishData !== false,
    isAdmin: roomAdmin === true,
    more: Object.keys(more),
    expiresAt: new Date((claims.exp ?? 0) * 1_000).toISOString(),
  };
}

import {
  type AccessToken,
  bytes,
  NEVER,
  RtcError,
  roomId,
  TOKEN_METADATA_BYTES,
  type TokenSpec,
} from "../../contract";
import { timeOf } from "../../support/clock";
import { type Deployment, sdk } from "./api";

/**
 * Signs a LiveKit join token, a JWT with exactly the permissions asked for, valid for one room and identity.
 * https://docs.livekit.io/frontends/authentication/tokens/
 *
 * @param at the deployment of a region, with its normalised address; throws NOT_CONFIGURED
 */
export async function issueToken(
  at: (region: string | null) => { deployment: Deployment; api: { endpoint: string } },
  spec: TokenSpec,
): Promise<AccessToken> {
  const { deployment, api } = at(spec.region);
  const warnings: string[] = [];
  const token = new (sdk().AccessToken)(deployment.apiKey, deployment.apiSecret, {
    identity: spec.identity,
    ttl: spec.ttlSeconds,
    name: spec.displayName,
    metadata: spec.metadata && JSON.stringify(spec.metadata),
  });
  token.addGrant({
    roomJoin: true,
    room: spec.name,
    canPublish: spec.canPublish,
    canSubscribe: spec.canSubscribe,
    canPublishData: spec.canPublishData,
    roomAdmin: spec.isAdmin || undefined,
  });
  const config = roomConfig(spec, warnings);
  // A RoomConfiguration message would carry fields that older servers answer with 401; a plain object does not.
  if (config) token.roomConfig = config as typeof token.roomConfig;
  const signedFrom = seconds();
  const jwt = await token.toJwt();
  // Reading the token back takes as long as a third of signing it: only where the SDK may have used either second.
  const expires = seconds() === signedFrom ? signedFrom + spec.ttlSeconds : expiry(jwt);
  const issued: AccessToken = {
    token: jwt,
    room: roomId({ vendor: "livekit", region: spec.region, name: spec.name }),
    identity: spec.identity,
    expiresAt: timeOf(expires),
    serverUrl: api.endpoint.replace(/^http/, "ws"),
  };
  if (warnings.length > 0) issued.warnings = warnings;
  return issued;
}

/** The settings with which a join recreates the room; never an infinite timeout or the ownership tag. */
function roomConfig(spec: TokenSpec, warnings: string[]) {
  const settings = spec.settings;
  if (!settings) {
    warnings.push(
      `the token carries only the name of room ${spec.name}: a join after the room is gone recreates it with the server's defaults. Issue the token from the room resource or its record to avoid that`,
    );
    return undefined;
  }
  const { maxParticipants, emptyTimeoutSeconds } = settings;
  // A declaration has one timeout, which means both.
  const departureTimeoutSeconds = settings.departureTimeoutSeconds ?? emptyTimeoutSeconds;
  const lasting = (seconds: number | null) => seconds === null || seconds >= NEVER;
  const config = {
    ...(maxParticipants === null ? {} : { maxParticipants }),
    ...(lasting(emptyTimeoutSeconds) ? {} : { emptyTimeout: emptyTimeoutSeconds }),
    ...(lasting(departureTimeoutSeconds) ? {} : { departureTimeout: departureTimeoutSeconds }),
    ...metadataOf(settings.metadata, warnings),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function metadataOf(metadata: NonNullable<TokenSpec["settings"]>["metadata"], warnings: string[]) {
  if (metadata === null || Object.keys(metadata).length === 0) return {};
  const text = JSON.stringify(metadata);
  if (bytes(text) <= TOKEN_METADATA_BYTES) return { metadata: text };
  warnings.push(
    `the room's metadata is longer than ${TOKEN_METADATA_BYTES} bytes and is left out of the token: a join that recreates the room sets no metadata`,
  );
  return {};
}

/** Unix seconds, as the SDK counts them. */
function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}

/** The expiry within a token, in Unix seconds. */
function expiry(jwt: string): number {
  const payload: { exp?: number } = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
  if (payload.exp === undefined) throw new RtcError("INTERNAL", "the signed token has no expiry");
  return payload.exp;
}

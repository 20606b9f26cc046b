import {
  type AccessToken,
  bytes,
  type Issue,
  invalid,
  RtcError,
  roomId,
  type TokenSpec,
} from "../../contract";
import { type Clock, systemClock, timeOf } from "../../support/clock";
import { badName, hasKnownCharacters } from "./api";

/** The key pair that signs. */
export interface Signer {
  appId: string;
  certificate: string;
}

const ACCOUNT_BYTES = 255;

const PRIVILEGES = { join: 1, audio: 2, video: 3, data: 4 };

/** The part of agora-token below its builders, which grant publishing as a whole or not at all. */
interface Library {
  AccessToken2: new (
    appId: string,
    certificate: string,
    issuedAt: number,
    expire: number,
  ) => { add_service(service: object): void; build(): string };
  ServiceRtc: new (
    channel: string,
    account: string,
  ) => { add_privilege(number: number, expire: number): void };
}

let loaded: Library | undefined;

/** Loaded at the first token, and kept: Node takes a microsecond to find a loaded module. */
export function library(): Library {
  loaded ??= require("agora-token/src/AccessToken2") as Library;
  return loaded;
}

/**
 * Signs an AccessToken2 with exactly the permissions asked for, valid for one channel and account.
 * https://docs.agora.io/en/video-calling/token-authentication/deploy-token-server
 */
export function issueToken(
  { appId, certificate }: Signer,
  spec: TokenSpec,
  clock: Clock = systemClock,
): AccessToken {
  assertSupported(spec);
  const { ttlSeconds } = spec;
  const issuedAt = Math.floor(clock.now() / 1_000);
  const { AccessToken2, ServiceRtc } = library();
  const service = new ServiceRtc(spec.name, spec.identity);
  const { join, audio, video, data } = PRIVILEGES;
  const granted = [join, ...(spec.canPublish ? [audio, video] : []), ...(spec.canPublishData ? [data] : [])];
  for (const privilege of granted) service.add_privilege(privilege, ttlSeconds);
  // Seconds from now, not a date: the library accepts both, and Agora only seconds.
  const builder = new AccessToken2(appId, certificate, issuedAt, ttlSeconds);
  builder.add_service(service);
  const token = builder.build();
  if (token === "")
    throw new RtcError("NOT_CONFIGURED", "agora: the app id or its certificate is invalid", {
      vendor: "agora",
    });
  const warnings = warningsOf(spec);
  return {
    token,
    room: roomId({ vendor: "agora", region: spec.region, name: spec.name }),
    identity: spec.identity,
    expiresAt: timeOf(issuedAt + ttlSeconds),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** Rejects what a token cannot carry, with all problems at once. */
function assertSupported(spec: TokenSpec): void {
  const issues: Issue[] = [];
  const name = badName(spec.name);
  if (name) issues.push({ path: "room", message: name });
  const identity = badIdentity(spec.identity);
  if (identity) issues.push({ path: "identity", message: identity });
  if (issues.length > 0) throw invalid("the token", issues);
  if (!spec.canSubscribe)
    issues.push({ path: "canSubscribe", message: "every participant in an Agora channel may subscribe" });
  if (spec.isAdmin) issues.push({ path: "isAdmin", message: "Agora has no tokens that manage a channel" });
  if (issues.length === 0) return;
  const list = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new RtcError("UNSUPPORTED", `agora: ${list}`, { vendor: "agora", issues });
}

/** Why an identity is invalid. A token without one, or for uid 0, would be valid for any user. */
function badIdentity(identity: string): string | undefined {
  if (/^0*$/.test(identity)) return "must be an account, or a uid from 1: 0 is any user at Agora";
  return bytes(identity) > ACCOUNT_BYTES || !hasKnownCharacters(identity)
    ? `a user account at Agora has at most ${ACCOUNT_BYTES} bytes of A-Z, a-z, 0-9, space and !#$%&()+-:;<=.>?@[]^_{}|~,`
    : undefined;
}

export const UNENFORCED =
  "what a token does not let publish is enforced only where Agora's support has switched on co-host authentication for the app; until then it can be published";

function warningsOf(spec: TokenSpec): string[] {
  const warnings: string[] = [];
  if (!spec.canPublish || !spec.canPublishData) {
    warnings.push(UNENFORCED);
  }
  const dropped = (["displayName", "metadata"] as const).filter((field) => spec[field] !== undefined);
  if (dropped.length > 0) warnings.push(`${dropped.join(" and ")}: Agora's tokens have no place for it`);
  return warnings;
}

import {
  type AccessToken,
  bytes,
  formatIssue,
  type Issue,
  invalid,
  nodeCrypto,
  RtcError,
  roomId,
  type TokenSpec,
} from "../../contract";
import { timeOf } from "../../support/clock";
import type { App } from "./api";
import type { ZegoConfig } from "./config";

/** The encryption of a token04. ZEGO recommends GCM, but does not document which clients read it. */
export type TokenFormat = NonNullable<ZegoConfig["zegoTokenFormat"]>;

/** The content of a token04, in the order of its plain text. */
export interface Token04 {
  app_id: number;
  user_id: string;
  /** A random 32-bit integer. */
  nonce: number;
  /** Unix seconds. */
  ctime: number;
  /** Unix seconds. */
  expire: number;
  /** JSON as a text. An empty one would open every room. */
  payload: string;
}

const NAME_BYTES = 127;
const IDENTITY_BYTES = 64;
const CHARACTERS = /^[A-Za-z0-9~!@#$%^&*()_+=\-`;',.<>]+$/;
const CHARACTERS_TEXT = "A-Z, a-z, 0-9 and ~!@#$%^&*()_+=-`;',.<>";

/** Why ZEGO cannot carry a room's name. */
export function badName(name: string): string | undefined {
  return fits(name, NAME_BYTES)
    ? undefined
    : `a name at ZEGO has 1 to ${NAME_BYTES} bytes of ${CHARACTERS_TEXT}`;
}

/** Why ZEGO cannot carry an identity. */
export function badIdentity(identity: string): string | undefined {
  return fits(identity, IDENTITY_BYTES)
    ? undefined
    : `a user id at ZEGO has 1 to ${IDENTITY_BYTES} bytes of ${CHARACTERS_TEXT}`;
}

function fits(text: string, most: number): boolean {
  return CHARACTERS.test(text) && bytes(text) <= most;
}

/**
 * Signs a token04 for one room and user. https://www.zegocloud.com/docs/video-call/use-token
 *
 * @throws UNSUPPORTED for what ZEGO has no privilege for; INVALID_ARGUMENT for an identity that it cannot carry
 */
export function issueToken(app: App, format: TokenFormat, spec: TokenSpec): AccessToken {
  assertSupported(spec);
  const now = Math.floor(Date.now() / 1_000);
  const expire = now + spec.ttlSeconds;
  const content: Token04 = {
    app_id: app.appId,
    user_id: spec.identity,
    nonce: nodeCrypto().randomInt(2 ** 31),
    ctime: now,
    expire,
    payload: payload(spec.name, spec.canPublish),
  };
  return {
    token: token04(content, app.serverSecret, format),
    room: roomId({ vendor: "zego", region: spec.region, name: spec.name }),
    identity: spec.identity,
    expiresAt: timeOf(expire),
    warnings: warningsOf(spec),
  };
}

/** The room and privileges of a token. */
export function payload(room: string, publish: boolean): string {
  // 1 is to log in to the room, 2 to publish; without a list of streams, any stream.
  return JSON.stringify({ room_id: room, privilege: { 1: 1, 2: publish ? 1 : 0 }, stream_id_list: null });
}

/** A token in its wire form. The key is the 32 characters of the server secret as they are, not decoded from hex. */
export function token04(
  content: Token04,
  serverSecret: string,
  format: TokenFormat,
  iv = newIv(format),
): string {
  const sealed = seal(JSON.stringify(content), serverSecret, format, iv);
  const mode = format === "gcm" ? [1] : [];
  const wire = Buffer.allocUnsafe(12 + iv.length + sealed.length + mode.length);
  let end = wire.writeBigInt64BE(BigInt(content.expire));
  for (const field of [iv, sealed]) {
    end = wire.writeUInt16BE(field.length, end);
    end += field.copy(wire, end);
  }
  wire.set(mode, end);
  return `04${wire.toString("base64")}`;
}

/** The encrypted content; of GCM with its tag. A key of Node's that is a Buffer takes three times as long as a text. */
function seal(text: string, key: string, format: TokenFormat, iv: Buffer): Buffer {
  if (format === "gcm") {
    const cipher = nodeCrypto().createCipheriv("aes-256-gcm", key, iv);
    return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  }
  const cipher = nodeCrypto().createCipheriv("aes-256-cbc", key, iv);
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

function newIv(format: TokenFormat): Buffer {
  if (format === "gcm") return nodeCrypto().randomBytes(12);
  // ZEGO's own libraries take digits and letters here, so that whatever reads them as a text gets what was sent.
  const half = () =>
    nodeCrypto()
      .randomInt(36 ** 8)
      .toString(36)
      .padStart(8, "0");
  return Buffer.from(half() + half());
}

/** Rejects what a token cannot carry, with all problems at once. */
function assertSupported(spec: TokenSpec): void {
  const room = badName(spec.name);
  const identity = badIdentity(spec.identity);
  if (room !== undefined || identity !== undefined) throw invalid("the token", problems({ room, identity }));
  const isPublishingOnly = spec.canPublish && !spec.canPublishData;
  if (spec.canSubscribe && !isPublishingOnly && !spec.isAdmin) return;
  const unsupported = problems({
    canSubscribe: spec.canSubscribe ? undefined : "every participant in a room at ZEGO may subscribe",
    canPublishData: isPublishingOnly
      ? "data follows publishing at ZEGO: it cannot be disabled without canPublish"
      : undefined,
    isAdmin: spec.isAdmin ? "ZEGO has no tokens that manage a room" : undefined,
  });
  const list = unsupported.map(formatIssue).join("; ");
  throw new RtcError("UNSUPPORTED", `zego: ${list}`, { vendor: "zego", issues: unsupported });
}

function problems(found: Record<string, string | undefined>): Issue[] {
  return Object.entries(found).flatMap(([path, message]) => (message === undefined ? [] : { path, message }));
}

export const UNENFORCED =
  "ZEGO holds a token to its room, and to canPublish, only where its support team has switched on room privileges for the app";

function warningsOf(spec: TokenSpec): string[] {
  if (spec.displayName === undefined && spec.metadata === undefined) return [UNENFORCED];
  const dropped = (["displayName", "metadata"] as const).filter((field) => spec[field] !== undefined);
  return [UNENFORCED, `${dropped.join(" and ")}: ZEGO's tokens have no place for it`];
}

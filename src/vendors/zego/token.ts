import { createCipheriv, randomBytes, randomInt } from "node:crypto";
import {
  type AccessToken,
  bytes,
  formatIssue,
  type Issue,
  invalid,
  RtcError,
  roomId,
  type TokenSpec,
} from "../../contract";
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
    nonce: randomInt(2 ** 31),
    ctime: now,
    expire,
    payload: payload(spec.name, spec.canPublish),
  };
  return {
    token: token04(content, app.serverSecret, format),
    room: roomId({ vendor: "zego", region: spec.region, name: spec.name }),
    identity: spec.identity,
    expiresAt: new Date(expire * 1_000).toISOString(),
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
  const text = JSON.stringify(content);
  const expire = Buffer.alloc(8);
  expire.writeBigInt64BE(BigInt(content.expire));
  const key = Buffer.from(serverSecret, "ascii");
  const parts = [expire, withLength(iv), ...(format === "gcm" ? gcm(text, key, iv) : cbc(text, key, iv))];
  return `04${Buffer.concat(parts).toString("base64")}`;
}

function cbc(text: string, key: Buffer, iv: Buffer): Buffer[] {
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  return [withLength(Buffer.concat([cipher.update(text), cipher.final()]))];
}

function gcm(text: string, key: Buffer, iv: Buffer): Buffer[] {
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return [withLength(Buffer.concat([sealed, cipher.getAuthTag()])), Buffer.of(1)];
}

/** A field of the wire form, after its length. */
function withLength(field: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(field.length);
  return Buffer.concat([length, field]);
}

function newIv(format: TokenFormat): Buffer {
  if (format === "gcm") return randomBytes(12);
  // ZEGO's own libraries take digits and letters here, so that whatever reads them as a text gets what was sent.
  return Buffer.from(Array.from({ length: 16 }, () => randomInt(36).toString(36)).join(""));
}

/** Rejects what a token cannot carry, with all problems at once. */
function assertSupported(spec: TokenSpec): void {
  const wrong = problems({ room: badName(spec.name), identity: badIdentity(spec.identity) });
  if (wrong.length > 0) throw invalid("the token", wrong);
  const unsupported = problems({
    canSubscribe: spec.canSubscribe ? undefined : "every participant in a room at ZEGO may subscribe",
    canPublishData:
      spec.canPublishData || !spec.canPublish
        ? undefined
        : "data follows publishing at ZEGO: it cannot be disabled without canPublish",
    isAdmin: spec.isAdmin ? "ZEGO has no tokens that manage a room" : undefined,
  });
  if (unsupported.length === 0) return;
  const list = unsupported.map(formatIssue).join("; ");
  throw new RtcError("UNSUPPORTED", `zego: ${list}`, { vendor: "zego", issues: unsupported });
}

function problems(found: Record<string, string | undefined>): Issue[] {
  return Object.entries(found).flatMap(([path, message]) => (message === undefined ? [] : { path, message }));
}

export const UNENFORCED =
  "ZEGO holds a token to its room, and to canPublish, only where its support team has switched on room privileges for the app";

function warningsOf(spec: TokenSpec): string[] {
  const dropped = (["displayName", "metadata"] as const).filter((field) => spec[field] !== undefined);
  return [
    UNENFORCED,
    ...(dropped.length === 0 ? [] : [`${dropped.join(" and ")}: ZEGO's tokens have no place for it`]),
  ];
}

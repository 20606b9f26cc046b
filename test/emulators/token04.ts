/**
 * Opens Zego's token04, independently of the code that makes it: from the two wire forms as the facts file describes
 * them, with node:crypto. CBC: expire, iv of 16, ciphertext. GCM: expire, nonce of 12, ciphertext with its tag, 1.
 */
import { createDecipheriv } from "node:crypto";
import { z } from "zod";

const CONTENT = z.strictObject({
  app_id: z.int().min(1).max(0xffff_ffff),
  user_id: z.string(),
  nonce: z.int32(),
  ctime: z.int(),
  expire: z.int(),
  payload: z.string(),
});
const PAYLOAD = z.strictObject({
  room_id: z.string(),
  privilege: z.strictObject({ "1": z.literal([0, 1]), "2": z.literal([0, 1]) }),
  stream_id_list: z.array(z.string()).nullable(),
});

/** The contents of a token04. */
export interface Token04 {
  form: "cbc" | "gcm";
  appId: number;
  userId: string;
  nonce: number;
  /** Unix seconds. */
  createdAt: number;
  /** Unix seconds. */
  expiresAt: number;
  /** What it is bound to; null: nothing, so that it opens every room. */
  binding: { room: string; login: boolean; publish: boolean; streams: string[] | null } | null;
  /** Random for every token. */
  iv: Buffer;
}

/** Opens a token. Throws where it is malformed or was made with another secret (of 32 ASCII characters). */
export function openToken04(token: string, serverSecret: string): Token04 {
  const { form, expire, iv, sealed } = take(token);
  const text = form === "cbc" ? openCbc(sealed, iv, serverSecret) : openGcm(sealed, iv, serverSecret);
  const content = CONTENT.parse(JSON.parse(text));
  if (BigInt(content.expire) !== expire) throw new Error("The two times of expiry differ.");
  return {
    form,
    appId: content.app_id,
    userId: content.user_id,
    nonce: content.nonce,
    createdAt: content.ctime,
    expiresAt: content.expire,
    binding: content.payload === "" ? null : bindingOf(content.payload),
    iv,
  };
}

function take(token: string): { form: "cbc" | "gcm"; expire: bigint; iv: Buffer; sealed: Buffer } {
  if (!token.startsWith("04")) throw new Error("A token04 starts with 04.");
  const bytes = Buffer.from(token.slice(2), "base64");
  if (bytes.toString("base64") !== token.slice(2)) throw new Error("The token is no base64.");
  const expire = bytes.readBigInt64BE(0);
  const sealedAt = 10 + bytes.readUInt16BE(8);
  const iv = bytes.subarray(10, sealedAt);
  const end = sealedAt + 2 + bytes.readUInt16BE(sealedAt);
  const sealed = bytes.subarray(sealedAt + 2, end);
  const behind = bytes.subarray(end);
  if (bytes.length < end) throw new Error("The token ends too early.");
  if (iv.length === 16 && behind.length === 0) return { form: "cbc", expire, iv, sealed };
  if (iv.length === 12 && behind.equals(Buffer.of(1))) return { form: "gcm", expire, iv, sealed };
  throw new Error("The token has neither of the two forms.");
}

function openCbc(sealed: Buffer, iv: Buffer, secret: string): string {
  const decipher = createDecipheriv("aes-256-cbc", Buffer.from(secret, "ascii"), iv);
  return Buffer.concat([decipher.update(sealed), decipher.final()]).toString();
}

function openGcm(sealed: Buffer, iv: Buffer, secret: string): string {
  const decipher = createDecipheriv("aes-256-gcm", Buffer.from(secret, "ascii"), iv, { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString();
}

function bindingOf(payload: string): Token04["binding"] {
  const { room_id: room, privilege, stream_id_list: streams } = PAYLOAD.parse(JSON.parse(payload));
  return { room, login: privilege["1"] === 1, publish: privilege["2"] === 1, streams };
}

/**
 * Reads Agora's AccessToken2, independently of the library that makes it: from the wire format as the facts file
 * describes it (base64 of zlib of: signature, app id, times, salt, services; little-endian), and its HMAC chain.
 */
import { createHmac } from "node:crypto";
import { inflateSync } from "node:zlib";

const RTC = 1;

/** The names of the RTC service's privileges, by their numbers. */
export const PRIVILEGES = { 1: "join", 2: "audio", 3: "video", 4: "data" } as const;

/** What may be done with a token, and until when: in seconds after `issuedAt`; 0: as long as the token. */
export type Privileges = Partial<Record<(typeof PRIVILEGES)[keyof typeof PRIVILEGES], number>>;

/** The contents of an AccessToken2 with one RTC service. */
export interface AccessToken2 {
  appId: string;
  /** Unix seconds. */
  issuedAt: number;
  /** Seconds after `issuedAt`. */
  expire: number;
  salt: number;
  channel: string;
  /** A user account or an integer uid in decimals; empty: any uid. */
  uid: string;
  privileges: Privileges;
}

/** A token's content as it was before it was compressed: two zlibs need not agree on the compressed bytes. */
export function bytesOfAccessToken2(token: string): Buffer {
  if (!token.startsWith("007")) throw new Error("An AccessToken2 starts with 007.");
  const packed = Buffer.from(token.slice(3), "base64");
  if (packed.toString("base64") !== token.slice(3)) throw new Error("The token is no base64.");
  return inflateSync(packed);
}

/** Reads a token and checks its signature. Throws where it is malformed or another certificate has signed it. */
export function openAccessToken2(token: string, certificate: string): AccessToken2 {
  const reader = new Reader(bytesOfAccessToken2(token));
  const signature = reader.string();
  const body = reader.rest();
  const appId = reader.string().toString();
  const issuedAt = reader.uint32();
  const expire = reader.uint32();
  const salt = reader.uint32();
  if (!signature.equals(sign(body, certificate, issuedAt, salt))) {
    throw new Error("The signature is wrong.");
  }
  const services = reader.uint16();
  const type = reader.uint16();
  if (services !== 1 || type !== RTC) throw new Error("Only tokens with one RTC service are read here.");
  const privileges = readPrivileges(reader);
  const channel = reader.string().toString();
  const uid = reader.string().toString();
  if (reader.rest().length > 0) throw new Error("There is something behind the end.");
  return { appId, issuedAt, expire, salt, channel, uid, privileges };
}

function readPrivileges(reader: Reader): Privileges {
  const privileges: Privileges = {};
  for (let left = reader.uint16(); left > 0; left--) {
    const number = reader.uint16();
    if (!isPrivilege(number)) throw new Error(`There is no privilege ${number}.`);
    privileges[PRIVILEGES[number]] = reader.uint32();
  }
  return privileges;
}

function isPrivilege(number: number): number is keyof typeof PRIVILEGES {
  return number in PRIVILEGES;
}

function sign(body: Buffer, certificate: string, issuedAt: number, salt: number): Buffer {
  const first = hmac(uint32(issuedAt), Buffer.from(certificate));
  const second = hmac(uint32(salt), first);
  return hmac(second, body);
}

function hmac(key: Buffer, message: Buffer): Buffer {
  return createHmac("sha256", key).update(message).digest();
}

function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

/** Reads past the end throw a RangeError. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint16(): number {
    this.#at += 2;
    return this.#bytes.readUInt16LE(this.#at - 2);
  }

  uint32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  string(): Buffer {
    const length = this.uint16();
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError("The token ends too early.");
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}

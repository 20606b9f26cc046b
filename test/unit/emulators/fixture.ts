import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { type Agora, type AgoraOptions, startAgora } from "../../emulators/agora.ts";
import { startZego, type Zego, type ZegoOptions } from "../../emulators/zego.ts";
import { signatureOf } from "../../emulators/zego-auth.ts";

/** A clock that stands until it is turned. */
export class StandingClock {
  #now = Date.parse("2026-11-22T12:00:00Z");

  now = (): number => this.#now;

  get seconds(): number {
    return Math.floor(this.#now / 1_000);
  }

  turn(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

/** The project of the official token vector. */
export const AGORA = {
  appId: "970CA35de60c44645bbae8a215061b33",
  appCertificate: "5CFd2fd1755d40ecb72977518be15d3b",
  customerId: "customer",
  customerSecret: "canary",
};

/** The app of the token vectors. */
export const ZEGO = { appId: 1_234_567_890, serverSecret: "fa94dd0f974cf2e293728a526b028271" };

/** An answer as a caller sees it. */
export interface Got {
  status: number;
  body: unknown;
  headers: Headers;
}

/** An Agora until the end of the test, its clock, and its account's way to call it. */
export async function agoraWith(options: Partial<AgoraOptions> = {}) {
  const clock = new StandingClock();
  const agora = await startAgora({ ...AGORA, clock, ...options });
  onTestFinished(agora.stop);
  const authorization = basic(AGORA.customerId, AGORA.customerSecret);
  const get = (path: string) => call(agora, path, { headers: { authorization } });
  const send = (method: string, body: object) =>
    call(agora, "/dev/v1/kicking-rule", {
      method,
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const rule = (fields: object) =>
    send("POST", { appid: AGORA.appId, privileges: ["join_channel"], ...fields });
  return { agora, clock, get, send, rule };
}

/** The Authorization header of an account. */
export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

/** A Zego until the end of the test, its clock, and its app's way to call it. */
export async function zegoWith(options: Partial<ZegoOptions> = {}) {
  const clock = new StandingClock();
  const zego = await startZego({ ...ZEGO, clock, ...options });
  onTestFinished(zego.stop);
  /** The common parameters, signed; those given replace them, and one that is undefined is left out. */
  const signed = (changes: Record<string, string | undefined> = {}) => {
    const nonce = randomBytes(8).toString("hex");
    const [appId, timestamp] = [String(ZEGO.appId), String(clock.seconds)];
    const signature = signatureOf(appId, nonce, ZEGO.serverSecret, timestamp);
    const all = { AppId: appId, SignatureNonce: nonce, Timestamp: timestamp, SignatureVersion: "2.0" };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...all, Signature: signature, ...changes })) {
      if (value !== undefined) query.append(name, value);
    }
    return query;
  };
  /** What an action answers: its code and its data. */
  const act = async (action: string, parameters: [string, string][] = [], changes = {}) => {
    const query = `${signed({ Action: action, ...changes })}&${new URLSearchParams(parameters)}`;
    const { status, body } = await call(zego, `/?${query}`);
    const { Code: code, Data: data } = body as { Code: number; Data?: unknown };
    return { status, code, data };
  };
  return { zego, clock, signed, act };
}

/** Calls an emulator and reads the whole answer. */
export async function call(
  { url }: Pick<Agora | Zego, "url">,
  path: string,
  init: RequestInit = {},
): Promise<Got> {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}

/** What an AccessToken2 for these tests may say other than usual. */
export interface AccessTokenParts {
  appId?: string;
  certificate?: string;
  issuedAt: number;
  expire?: number;
  channel?: string;
  uid?: string;
  privileges?: [number, number][];
  services?: number;
  behind?: Buffer;
}

/** Makes an AccessToken2 by hand. */
export function accessToken2(parts: AccessTokenParts): string {
  const { appId = AGORA.appId, certificate = AGORA.appCertificate, issuedAt, expire = 600 } = parts;
  const {
    channel = "hall",
    uid = "7",
    privileges = [[1, 0]],
    services = 1,
    behind = Buffer.alloc(0),
  } = parts;
  const salt = 1;
  const body = Buffer.concat([
    ...[string(appId), u32(issuedAt), u32(expire), u32(salt), u16(services), u16(1), u16(privileges.length)],
    ...privileges.flatMap(([privilege, until]) => [u16(privilege), u32(until)]),
    ...[string(channel), string(uid), behind],
  ]);
  const key = hmac(u32(salt), hmac(u32(issuedAt), Buffer.from(certificate)));
  const signature = hmac(key, body);
  const content = Buffer.concat([u16(signature.length), signature, body]);
  return `007${deflateSync(content).toString("base64")}`;
}

function hmac(key: Buffer, message: Buffer): Buffer {
  return createHmac("sha256", key).update(message).digest();
}

function string(text: string): Buffer {
  return Buffer.concat([u16(Buffer.byteLength(text)), Buffer.from(text)]);
}

function u16(number: number): Buffer {
  return Buffer.of(number & 0xff, number >> 8);
}

function u32(number: number): Buffer {
  return Buffer.concat([u16(number & 0xffff), u16(number >>> 16)]);
}

/** Makes a token04 by hand, in its CBC form; what is in the envelope may differ from what is sealed. */
export function token04(content: object, expire: number, secret = ZEGO.serverSecret): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", secret, iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
  const head = Buffer.alloc(10);
  head.writeBigInt64BE(BigInt(expire));
  head.writeUInt16BE(iv.length, 8);
  const length = Buffer.of(sealed.length >> 8, sealed.length & 0xff);
  return `04${Buffer.concat([head, iv, length, sealed]).toString("base64")}`;
}

import { createHash } from "node:crypto";
import { type AccessToken2, openAccessToken2 } from "./access-token2.ts";
import { type AgoraRules, hits, type Target } from "./agora-rules.ts";
import type { EmulatorClock } from "./http.ts";
import { JoinRejected } from "./join-rejected.ts";

/** A channel's profile: 1 communication, 2 live broadcasting. */
export type Mode = 1 | 2;

/** How a user joins. */
export interface GuestOptions {
  token?: string;
  /** In live broadcasting; default `audience`, as in the SDK. */
  role?: "host" | "audience";
  ip?: string;
}

/** A joined user. */
export interface Guest {
  readonly channel: string;
  /** As REST shows them. */
  readonly uid: number;
  /** False once they have left, were kicked, or joined again. */
  readonly present: boolean;
  /** Whether no rule forbids them to publish it. */
  mayPublish(kind: "audio" | "video"): boolean;
  leave(): void;
}

/** A user, as the server stores them. */
export interface Member {
  uid: number;
  role: "host" | "audience";
  ip: string;
  /** Milliseconds since 1970. */
  joinedAt: number;
}

interface WorldOptions {
  appId: string;
  appCertificate: string;
  mode: Mode;
  clock: EmulatorClock;
  rules: AgoraRules;
}

const CHANNEL = /^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]{1,63}$/;
const UID = /^[1-9]\d{0,9}$/;

/** The channels of a project and their users. A channel exists while it has a user. */
export class AgoraWorld {
  readonly #options: WorldOptions;
  readonly #channels = new Map<string, Map<number, Member>>();
  readonly #modes = new Map<string, Mode>();

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  join(channel: string, who: { uid: number } | { account: string }, options: GuestOptions = {}): Guest {
    const { token, role = "audience", ip = "127.0.0.1" } = options;
    const uid = "uid" in who ? who.uid : this.#uidOf(who.account);
    if (!CHANNEL.test(channel))
      throw new Error(`Agora has no channel of the name ${JSON.stringify(channel)}.`);
    if (!isUid(uid)) throw new Error(`Agora has no uid ${uid}.`);
    if (token !== undefined) this.#admit(token, channel, String("uid" in who ? who.uid : who.account));
    const { rules, clock } = this.#options;
    const target = { cname: channel, uid, ip };
    if (rules.forbids("join_channel", target)) throw new JoinRejected("banned");
    const member: Member = { uid, role, ip, joinedAt: clock.now() };
    const members = this.#channels.get(channel) ?? new Map<number, Member>();
    this.#channels.set(channel, members.set(uid, member));
    const isPresent = () => this.#channels.get(channel)?.get(uid) === member;
    return {
      channel,
      uid,
      get present() {
        return isPresent();
      },
      mayPublish: (kind) => !rules.forbids(`publish_${kind}`, target),
      leave: () => {
        if (isPresent()) this.leave(channel, uid);
      },
    };
  }

  joinWith(token: string, options: GuestOptions = {}): Guest {
    const { channel, uid } = this.#open(token);
    const who = UID.test(uid) && isUid(Number(uid)) ? { uid: Number(uid) } : { account: uid };
    return this.join(channel, who, { ...options, token });
  }

  leave(channel: string, uid: number): void {
    const members = this.#channels.get(channel);
    members?.delete(uid);
    if (members?.size === 0) this.#channels.delete(channel);
  }

  /** Sets those whom a rule is for offline. */
  kick(rule: Target): void {
    for (const channel of this.channels()) {
      for (const { uid, ip } of this.guests(channel)) {
        if (hits(rule, { cname: channel, uid, ip })) this.leave(channel, uid);
      }
    }
  }

  channels(): string[] {
    return [...this.#channels.keys()];
  }

  guests(channel: string): Member[] {
    return [...(this.#channels.get(channel)?.values() ?? [])];
  }

  setMode(channel: string, mode: Mode): void {
    this.#modes.set(channel, mode);
  }

  modeOf(channel: string): Mode {
    return this.#modes.get(channel) ?? this.#options.mode;
  }

  /** Accounts have integer uids too, which REST shows: the vendor's are its own affair. */
  #uidOf(account: string): number {
    const bytes = createHash("sha256").update(`${this.#options.appId}/${account}`).digest();
    return bytes.readUInt32BE() || 1;
  }

  #open(token: string): AccessToken2 {
    try {
      return openAccessToken2(token, this.#options.appCertificate);
    } catch (error) {
      throw new JoinRejected("token", error);
    }
  }

  #admit(token: string, channel: string, user: string): void {
    const { appId, clock } = this.#options;
    const content = this.#open(token);
    const seconds = clock.now() / 1_000;
    const until = (expire: number | undefined) =>
      expire === 0 ? Number.POSITIVE_INFINITY : content.issuedAt + (expire ?? Number.NEGATIVE_INFINITY);
    if (content.appId !== appId) throw new JoinRejected("token", "It is for another app.");
    if (content.channel !== channel) throw new JoinRejected("token", "It is for another channel.");
    if (![user, ""].includes(content.uid)) throw new JoinRejected("token", "It is for another identity.");
    if (content.issuedAt + content.expire <= seconds) throw new JoinRejected("token", "It has expired.");
    if (until(content.privileges.join) <= seconds) throw new JoinRejected("token", "It does not let join.");
  }
}

function isUid(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= 0xffff_ffff;
}

import type { EmulatorClock } from "./http.ts";
import { JoinRejected } from "./join-rejected.ts";
import { openToken04 } from "./token04.ts";

/** The vendor's numbers for what a user is; admins are e.g. its own cloud recording. */
export const ROLES = { host: 1, audience: 2, admin: 4 } as const;

/** How a user logs in. */
export interface UserOptions {
  token?: string;
  /** Default: the user id. */
  userName?: string;
  /** Default `audience`. */
  role?: keyof typeof ROLES;
}

/** A user who has logged in to a room. */
export interface User {
  readonly room: string;
  readonly userId: string;
  /** False once they have left, were kicked, or logged in again. */
  readonly present: boolean;
  leave(): void;
}

/** A user, as the server stores them. */
export interface Member {
  userId: string;
  userName: string;
  role: number;
  /** Milliseconds since 1970. */
  loginAt: number;
}

interface WorldOptions {
  appId: number;
  serverSecret: string;
  clock: EmulatorClock;
}

const CHARACTERS = /^[A-Za-z0-9~!@#$%^&*()_+=\-`;',.<>]+$/;

/** Whether the documents allow it as a room id: less than 128 bytes. */
export function isRoomId(id: string): boolean {
  return CHARACTERS.test(id) && id.length < 128;
}

/** Whether the documents allow it as a user id: at most 64 bytes. */
export function isUserId(id: string): boolean {
  return CHARACTERS.test(id) && id.length <= 64;
}

/** The rooms of an app and their users. A room exists while it has a user. */
export class ZegoWorld {
  readonly #options: WorldOptions;
  readonly #rooms = new Map<string, Map<string, Member>>();

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  join(room: string, userId: string, options: UserOptions = {}): User {
    const { token, userName = userId, role = "audience" } = options;
    if (!isRoomId(room)) throw new Error(`Zego has no room of the id ${JSON.stringify(room)}.`);
    if (!isUserId(userId)) throw new Error(`Zego has no user of the id ${JSON.stringify(userId)}.`);
    if (Buffer.byteLength(userName) > 256) throw new Error("Zego has no user name of so many bytes.");
    if (token !== undefined) this.#admit(token, room, userId);
    // A user id is unique per app: who logs in elsewhere kicks themselves out.
    for (const other of this.#rooms.keys()) this.leave(other, userId);
    const member: Member = { userId, userName, role: ROLES[role], loginAt: this.#options.clock.now() };
    this.#rooms.set(room, (this.#rooms.get(room) ?? new Map<string, Member>()).set(userId, member));
    const isPresent = () => this.#rooms.get(room)?.get(userId) === member;
    return {
      room,
      userId,
      get present() {
        return isPresent();
      },
      leave: () => {
        if (isPresent()) this.leave(room, userId);
      },
    };
  }

  joinWith(token: string, options: UserOptions = {}): User {
    const { userId, binding } = this.#open(token);
    if (binding === null) throw new JoinRejected("token", "It names no room: say which.");
    return this.join(binding.room, userId, { ...options, token });
  }

  leave(room: string, userId: string): void {
    const members = this.#rooms.get(room);
    members?.delete(userId);
    if (members?.size === 0) this.#rooms.delete(room);
  }

  /** All users leave; false where there is no such room. */
  close(room: string): boolean {
    return this.#rooms.delete(room);
  }

  exists(room: string): boolean {
    return this.#rooms.has(room);
  }

  /** In the order in which they logged in; those of the same millisecond by their ids. */
  members(room: string): Member[] {
    return [...(this.#rooms.get(room)?.values() ?? [])].sort(byLogin);
  }

  #open(token: string) {
    try {
      return openToken04(token, this.#options.serverSecret);
    } catch (error) {
      throw new JoinRejected("token", error);
    }
  }

  #admit(token: string, room: string, userId: string): void {
    const { appId, clock } = this.#options;
    const content = this.#open(token);
    if (content.appId !== appId) throw new JoinRejected("token", "It is for another app.");
    if (content.userId !== userId) throw new JoinRejected("token", "It is for another identity.");
    if (content.expiresAt <= clock.now() / 1_000) throw new JoinRejected("token", "It has expired.");
    const { binding } = content;
    if (binding !== null && binding.room !== room) throw new JoinRejected("token", "It is for another room.");
    if (binding?.login === false) throw new JoinRejected("token", "It does not let log in.");
  }
}

/** The order of a room's user list. */
export function byLogin(
  one: Pick<Member, "loginAt" | "userId">,
  other: Pick<Member, "loginAt" | "userId">,
): number {
  return one.loginAt - other.loginAt || (one.userId < other.userId ? -1 : Number(one.userId > other.userId));
}

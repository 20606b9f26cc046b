import { z } from "zod";
import type { EmulatorClock } from "./http.ts";

const PRIVILEGES = ["join_channel", "publish_audio", "publish_video"] as const;
/** What a rule can take away. */
export type Privilege = (typeof PRIVILEGES)[number];

/** A field that the documents' example sends empty counts as left out. */
const text = z
  .string()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const duration = { time: z.number().optional(), time_in_seconds: z.number().optional() };

/** The documented body of `POST /dev/v1/kicking-rule`. */
export const CREATE = z.strictObject({
  appid: z.string(),
  cname: text,
  uid: z.int().min(1).max(0xffff_ffff).optional(),
  ip: text,
  privileges: z.array(z.enum(PRIVILEGES)).min(1),
  ...duration,
});
/** The documented body of `PUT /dev/v1/kicking-rule`. */
export const UPDATE = z.strictObject({ appid: z.string(), id: z.int(), ...duration });
/** The documented body of `DELETE /dev/v1/kicking-rule`. */
export const DELETE = z.strictObject({ appid: z.string(), id: z.int() });

/** Whom a rule is for: those for whom all that it names is true. */
export interface Target {
  cname?: string | undefined;
  uid?: number | undefined;
  ip?: string | undefined;
}

interface Rule extends Target {
  id: number;
  privileges: readonly Privilege[];
  /** Milliseconds since 1970. */
  expiresAt: number;
  createdAt: number;
  updatedAt: number;
}

/** The kicking rules of a project. */
export class AgoraRules {
  readonly #clock: EmulatorClock;
  #rules: Rule[] = [];
  #ids = 1_000;

  constructor(clock: EmulatorClock) {
    this.#clock = clock;
  }

  /** Makes a rule; one whose time is 0 takes no effect beyond that of its creation. */
  create({ cname, uid, ip, privileges, ...times }: Omit<z.infer<typeof CREATE>, "appid">): Rule {
    const now = this.#clock.now();
    const expiresAt = now + millisecondsOf(times);
    const rule = { id: ++this.#ids, cname, uid, ip, privileges, expiresAt, createdAt: now, updatedAt: now };
    this.#rules.push(rule);
    return rule;
  }

  /** Gives a rule another time from now on; undefined where there is none. */
  update({ id, ...times }: Omit<z.infer<typeof UPDATE>, "appid">): Rule | undefined {
    const rule = this.#live().find((one) => one.id === id);
    if (rule === undefined) return undefined;
    rule.updatedAt = this.#clock.now();
    rule.expiresAt = rule.updatedAt + millisecondsOf(times);
    return rule;
  }

  /** Whether there was one. */
  delete(id: number): boolean {
    const found = this.#live().some((one) => one.id === id);
    this.#rules = this.#rules.filter((one) => one.id !== id);
    return found;
  }

  /** Those that hold, as the vendor lists them. */
  list(appid: string): object[] {
    return this.#live().map(({ id, privileges, cname = "", uid = 0, ip = "", ...rule }) => ({
      id,
      appid,
      uid,
      opid: id,
      cname,
      ip,
      ts: new Date(rule.expiresAt).toISOString(),
      privileges,
      createAt: new Date(rule.createdAt).toISOString(),
      updateAt: new Date(rule.updatedAt).toISOString(),
    }));
  }

  /** Whether a rule that holds takes this from them. */
  forbids(privilege: Privilege, guest: Required<Target>): boolean {
    return this.#live().some((rule) => rule.privileges.includes(privilege) && hits(rule, guest));
  }

  #live(): Rule[] {
    return this.#rules.filter(({ expiresAt }) => expiresAt > this.#clock.now());
  }
}

/** Whether a rule applies to a user. */
export function hits(rule: Target, guest: Required<Target>): boolean {
  const { cname = guest.cname, uid = guest.uid, ip = guest.ip } = rule;
  return cname === guest.cname && uid === guest.uid && ip === guest.ip;
}

/** `time` is in minutes; `time_in_seconds` wins; neither: an hour; 0 stays 0, all else is brought into its range. */
function millisecondsOf({
  time,
  time_in_seconds: seconds,
}: {
  time?: number;
  time_in_seconds?: number;
}): number {
  if (seconds !== undefined) return seconds === 0 ? 0 : 1_000 * clamp(seconds, 10, 86_430);
  if (time !== undefined) return time === 0 ? 0 : 60_000 * clamp(time, 1, 1_440);
  return 3_600_000;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

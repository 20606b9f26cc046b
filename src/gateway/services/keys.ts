import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { type Issue, invalid, RtcError } from "../../contract/errors";
import { asFolder, parseOutputUri } from "../../contract/output-uri";
import type { KeyStore, StoredKey } from "../store/store";

/** Who makes a request: a key that was accepted. */
export interface Principal {
  /** The key's public part. */
  id: string;
  name: string;
  /** May only look: every other request than a GET is refused. */
  readOnly: boolean;
  /** May touch only rooms whose names begin with it. */
  prefix?: string | undefined;
  /** Records into this folder alone. */
  output?: string | undefined;
}

/** The keys that a gateway takes. */
export interface Keys {
  /** Whose bearer it is; undefined: nobody's. Takes as long for a wrong one as for a right one. */
  check(bearer: string): Promise<Principal | undefined>;
}

/** What a new key may do. */
export interface NewKey {
  name: string;
  readOnly?: boolean | undefined;
  prefix?: string | undefined;
  /** A folder, as an output address: `s3://bucket/folder/`. */
  output?: string | undefined;
  /** How long it is good for; for ever where it is left out. */
  expiresInSeconds?: number | undefined;
}

/** The clocks by which keys expire. */
export interface KeyClocks {
  /** The wall clock, in which expiry times are stored: milliseconds since 1970. */
  wall(): number;
  /** Milliseconds of a clock that never steps. */
  monotonic(): number;
}

/**
 * A wall clock that is ahead of the monotonic one by more than this was not stepped by mistake: the machine slept, or
 * its clock was wrong when the gateway started.
 */
const LARGEST_STEP_MS = 2 * 3_600_000;

/** A key: its id, and 256 random bits. */
const FORM = /^rtc_([0-9a-f]{10})_[\w-]{43}$/;
/** The same within a text, to take it out. */
export const KEY_IN_TEXT = /rtc_[0-9a-f]{10}_[\w-]{43}/g;
/** A trial key is somebody's invention: this many characters at least. */
const TRIAL_LENGTH = 16;
/** What a bearer is compared with that no key is: the time it takes must not tell. */
const NOBODY = createHash("sha256").update(randomBytes(32)).digest("hex");

/**
 * The keys of a store, and the one of the environment.
 *
 * @example
 * const keys = new GatewayKeys(openStore("rtc-gateway.db").keys);
 * const { key } = await keys.create({ name: "ci", prefix: "ci-" });
 * await keys.check(key); // { id, name: "ci", readOnly: false, prefix: "ci-" }
 */
export class GatewayKeys implements Keys {
  readonly #store: KeyStore;
  readonly #trial: string | undefined;
  readonly #clocks: KeyClocks;
  /** When each key expires by the monotonic clock, from the first time that this process has read it. */
  readonly #deadlines = new Map<string, number>();

  /**
   * @param trial a key for a trial (RTC_GATEWAY_KEY), which may do everything
   * @throws INVALID_ARGUMENT where that is too short to be a secret, or cannot be sent
   */
  constructor(
    store: KeyStore,
    trial?: string,
    clocks: KeyClocks = { wall: () => Date.now(), monotonic: () => performance.now() },
  ) {
    if (trial !== undefined && trial.length < TRIAL_LENGTH)
      throw new RtcError("INVALID_ARGUMENT", `RTC_GATEWAY_KEY must have ${TRIAL_LENGTH} characters or more`);
    // A bearer with others could not be sent, and the key would never be accepted.
    if (trial !== undefined && !/^[\x21-\x7e]+$/.test(trial))
      throw new RtcError("INVALID_ARGUMENT", "RTC_GATEWAY_KEY must be printable ASCII without spaces");
    this.#store = store;
    this.#trial = trial === undefined ? undefined : hashOf(trial);
    this.#clocks = clocks;
  }

  /** Makes a key. It is in the answer and nowhere else. @throws ALREADY_EXISTS, INVALID_ARGUMENT */
  async create({
    name,
    readOnly = false,
    prefix,
    output,
    expiresInSeconds,
  }: NewKey): Promise<StoredKey & { key: string }> {
    const issues: Issue[] = [];
    if (!/^[\w.@-]{1,64}$/.test(name))
      issues.push({ path: "name", message: "must be 1 to 64 of letters, digits and . _ - @" });
    if (prefix === "") issues.push({ path: "prefix", message: "must not be empty" });
    const folder = output === undefined ? undefined : asFolder(output);
    const wrong = folder === undefined ? undefined : parseOutputUri(folder, true);
    if (typeof wrong === "string") issues.push({ path: "output", message: wrong });
    if (expiresInSeconds === 0) issues.push({ path: "expiresInSeconds", message: "must be 1 or more" });
    if (issues.length > 0) throw invalid("the key", issues);
    const id = randomBytes(5).toString("hex");
    const key = `rtc_${id}_${randomBytes(32).toString("base64url")}`;
    const createdAt = this.#clocks.wall();
    const expiresAt = expiresInSeconds === undefined ? undefined : createdAt + expiresInSeconds * 1_000;
    const stored = { id, name, hash: hashOf(key), readOnly, prefix, output: folder, createdAt, expiresAt };
    if (!(await this.#store.add(stored)))
      throw new RtcError(
        "ALREADY_EXISTS",
        `there is a key named ${name}: revoke it first, or choose another name`,
      );
    this.#isGood(stored);
    return { ...stored, key };
  }

  /** By name, also those that have expired. */
  list(): Promise<StoredKey[]> {
    return this.#store.list();
  }

  /** Refuses a key from now on. @throws NOT_FOUND */
  async revoke(idOrName: string): Promise<void> {
    if (!(await this.#store.remove(idOrName)))
      throw new RtcError("NOT_FOUND", `there is no key with the id or name ${idOrName}`);
  }

  /** Whether any key is good now: without one nobody could ever come in. */
  async isEmpty(): Promise<boolean> {
    if (this.#trial !== undefined) return false;
    // All of them, so that the deadline of each is known from the start.
    return (await this.list()).filter((key) => this.#isGood(key)).length === 0;
  }

  async check(bearer: string): Promise<Principal | undefined> {
    const hash = hashOf(bearer);
    const id = FORM.exec(bearer)?.[1] ?? "";
    const stored = await this.#store.find(id);
    const matches = isSame(hash, stored?.hash ?? NOBODY);
    const isTrial = isSame(hash, this.#trial ?? NOBODY);
    if (stored && matches && this.#isGood(stored))
      return {
        ...{ id, name: stored.name, readOnly: stored.readOnly },
        ...{ prefix: stored.prefix, output: stored.output },
      };
    return isTrial ? { id: "trial", name: "RTC_GATEWAY_KEY", readOnly: false } : undefined;
  }

  /**
   * Whether a key has not expired. What is left of it is read off the wall clock once, and then counted by the monotonic
   * one: a step of the wall clock neither revives an expired key nor ends one that is good.
   */
  #isGood({ id, expiresAt }: StoredKey): boolean {
    if (expiresAt === undefined) return true;
    const [wall, now] = [this.#clocks.wall(), this.#clocks.monotonic()];
    const deadline = this.#deadlines.get(id) ?? now + expiresAt - wall;
    this.#deadlines.set(id, deadline);
    return now < deadline && wall < expiresAt + LARGEST_STEP_MS;
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function isSame(hash: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hash), Buffer.from(other));
}

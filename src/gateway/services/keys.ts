import { hash as digest, randomBytes, timingSafeEqual } from "node:crypto";
import { type Issue, invalid, RtcError } from "../../contract/errors";
import { asFolder, parseOutputUri } from "../../contract/output-uri";
import type { KeyStore, StoredKey } from "../store/store";

/** The caller of a request: an accepted key. */
export interface Principal {
  /** The key's public part. */
  id: string;
  name: string;
  /** Read-only: every request but GET is rejected. */
  readOnly: boolean;
  /** Access only to rooms whose names begin with it. */
  prefix?: string | undefined;
  /** Records only into this folder. */
  output?: string | undefined;
}

/** The keys of a gateway. */
export interface Keys {
  /** The principal of a bearer token; undefined for an invalid one. Takes the same time for both. */
  check(bearer: string): Promise<Principal | undefined>;
}

/** The permissions of a new key. */
export interface NewKey {
  name: string;
  readOnly?: boolean | undefined;
  prefix?: string | undefined;
  /** A folder, as an output address: `s3://bucket/folder/`. */
  output?: string | undefined;
  /** Its lifetime. Default: unlimited. */
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
 * A wall clock that is ahead of the monotonic one by more than this is right: the machine slept, or its clock was wrong
 * when the gateway started.
 */
const LARGEST_STEP_MS = 2 * 3_600_000;

/** A key: its id, and 256 random bits. */
const FORM = /^rtc_([0-9a-f]{10})_[\w-]{43}$/;
/** {@link FORM} within a text, for redaction. */
export const KEY_IN_TEXT = /rtc_[0-9a-f]{10}_[\w-]{43}/g;
/** The shortest trial key, which a user chooses. */
const TRIAL_LENGTH = 16;
/** A hash of no key, for comparison in constant time. */
const NO_HASH = digest("sha256", randomBytes(32));

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
   * @param trial a key for a trial (RTC_GATEWAY_KEY), with all permissions
   * @throws INVALID_ARGUMENT where it is too short to be a secret, or cannot be sent
   */
  constructor(
    store: KeyStore,
    trial?: string,
    clocks: KeyClocks = { wall: () => Date.now(), monotonic: () => performance.now() },
  ) {
    if (trial !== undefined && trial.length < TRIAL_LENGTH)
      throw new RtcError("INVALID_ARGUMENT", `RTC_GATEWAY_KEY must have ${TRIAL_LENGTH} characters or more`);
    // Other characters cannot be sent in a bearer token.
    if (trial !== undefined && !/^[\x21-\x7e]+$/.test(trial))
      throw new RtcError("INVALID_ARGUMENT", "RTC_GATEWAY_KEY must be printable ASCII without spaces");
    this.#store = store;
    this.#trial = trial === undefined ? undefined : hashOf(trial);
    this.#clocks = clocks;
  }

  /** Creates a key, which is returned and not stored. @throws ALREADY_EXISTS, INVALID_ARGUMENT */
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
    for (const [path, value] of Object.entries({ prefix, output }))
      if (value === "") issues.push({ path, message: "must not be empty" });
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
    this.#isValid(stored);
    return { ...stored, key };
  }

  /** By name, including expired keys. */
  list(): Promise<StoredKey[]> {
    return this.#store.list();
  }

  /** Revokes a key immediately. @throws NOT_FOUND */
  async revoke(idOrName: string): Promise<void> {
    if (!(await this.#store.remove(idOrName)))
      throw new RtcError("NOT_FOUND", `there is no key with the id or name ${idOrName}`);
  }

  /** Whether no key is valid. */
  async isEmpty(): Promise<boolean> {
    if (this.#trial !== undefined) return false;
    // All keys, so that each gets its deadline at the start.
    return (await this.list()).filter((key) => this.#isValid(key)).length === 0;
  }

  async check(bearer: string): Promise<Principal | undefined> {
    const hash = hashOf(bearer);
    // Without the store, which may be away.
    if (isSame(hash, this.#trial ?? NO_HASH))
      return { id: "trial", name: "RTC_GATEWAY_KEY", readOnly: false };
    const id = FORM.exec(bearer)?.[1] ?? "";
    const stored = await this.#store.find(id);
    const matches = isSame(hash, stored?.hash ?? NO_HASH);
    if (!stored || !matches || !this.#isValid(stored)) return undefined;
    return {
      ...{ id, name: stored.name, readOnly: stored.readOnly },
      ...{ prefix: stored.prefix, output: stored.output },
    };
  }

  /**
   * Whether a key has not expired. Its remaining lifetime is read from the wall clock once, and then counted by the
   * monotonic one: a step of the wall clock neither revives an expired key nor ends a valid one.
   */
  #isValid({ id, expiresAt }: StoredKey): boolean {
    if (expiresAt === undefined) return true;
    const [wall, now] = [this.#clocks.wall(), this.#clocks.monotonic()];
    const deadline = this.#deadlines.get(id) ?? now + expiresAt - wall;
    this.#deadlines.set(id, deadline);
    return now < deadline && wall < expiresAt + LARGEST_STEP_MS;
  }
}

function hashOf(text: string): string {
  return digest("sha256", text);
}

function isSame(hash: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hash), Buffer.from(other));
}

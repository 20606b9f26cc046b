import type { ErrorCode } from "../contract/error-codes";

/** This many failed calls in a row, and a vendor is passed over. */
const FAILURES = 5;
/** What failed longer ago than this before the next failure does not count with it. */
const IN_A_ROW_MS = 60_000;
/** A vendor is tried again this long after its last failure, whatever came before. */
const COOL_DOWN_MS = 30_000;

interface Failing {
  count: number;
  code: ErrorCode;
  at: number;
}

/**
 * What a long-running process has seen of its vendors, a deployment each: one whose calls keep failing is passed
 * over for new rooms until a call succeeds or the cool-down is over. A first call after it that fails again begins
 * another.
 */
export class Health {
  readonly #now: () => number;
  readonly #failing = new Map<string, Failing>();

  /** @param now monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A call was answered, be it with a refusal. */
  answered(vendor: string, region: string | null): void {
    this.#failing.delete(key(vendor, region));
  }

  /** A call was not answered, or with what is the vendor's own failure. */
  failed(vendor: string, region: string | null, code: ErrorCode): void {
    const at = this.#now();
    const before = this.#failing.get(key(vendor, region));
    const count = before && at - before.at <= IN_A_ROW_MS ? before.count + 1 : 1;
    this.#failing.set(key(vendor, region), { count, code, at });
  }

  /** Why a vendor is passed over now; undefined where it is not. */
  problem(vendor: string, region: string | null): string | undefined {
    const failing = this.#failing.get(key(vendor, region));
    if (!failing || failing.count < FAILURES || this.#now() - failing.at >= COOL_DOWN_MS) return undefined;
    return `its last ${failing.count} calls have failed (${failing.code}): it is passed over until one succeeds, for ${COOL_DOWN_MS / 1_000} seconds at most`;
  }
}

function key(vendor: string, region: string | null): string {
  return `${vendor}@${region ?? ""}`;
}

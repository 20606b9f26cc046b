import { type Place, RtcError, type VendorAdapter } from "../contract";
import type { ErrorCode } from "../contract/errors";

/** The failures in a row that open a circuit breaker. */
const FAILURES = 5;
/** A failure that is older at the next one does not count. */
const IN_A_ROW_MS = 60_000;
/** How long after the last failure a circuit breaker closes. */
const COOL_DOWN_MS = 30_000;

interface Failing {
  count: number;
  code: ErrorCode;
  at: number;
}

/**
 * The circuit breakers of a process, one for each deployment of a vendor. While one is open, new rooms are placed at
 * other vendors, until a call succeeds or the cool-down is over. A failure after it opens the breaker again.
 */
export class Health {
  readonly #now: () => number;
  readonly #failing = new Map<string, Failing>();

  /** @param now monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Records an answered call, be it an error of the request. */
  recordSuccess(vendor: string, region: string | null): void {
    this.#failing.delete(key(vendor, region));
  }

  /** Records a call without an answer, or with a failure of the vendor. */
  recordFailure(vendor: string, region: string | null, code: ErrorCode): void {
    const at = this.#now();
    const before = this.#failing.get(key(vendor, region));
    const count = before && at - before.at <= IN_A_ROW_MS ? before.count + 1 : 1;
    this.#failing.set(key(vendor, region), { count, code, at });
  }

  /** Why the circuit breaker of a vendor is open; undefined where it is closed. */
  problem(vendor: string, region: string | null): string | undefined {
    const failing = this.#failing.get(key(vendor, region));
    if (!failing || failing.count < FAILURES || this.#now() - failing.at >= COOL_DOWN_MS) return undefined;
    return `its last ${failing.count} calls have failed (${failing.code}): its circuit breaker is open until a call succeeds, for at most ${COOL_DOWN_MS / 1_000} seconds`;
  }
}

function key(vendor: string, region: string | null): string {
  return `${vendor}@${region ?? ""}`;
}

/** Failures of the vendor. */
const FAILURE_CODES: ReadonlySet<ErrorCode> = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "VENDOR_ERROR"]);
/** Failures before any call. */
const BEFORE_ANY_CALL: ReadonlySet<ErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "UNSUPPORTED",
  "NOT_CONFIGURED",
]);

/** Counts failed calls of rooms and participants; a missing recorder does not count. */
export function withCircuitBreaker(adapter: VendorAdapter, health: Health): VendorAdapter {
  const { vendor, persistentRooms, issuesTokensByCall } = adapter;
  async function count<T>(region: string | null, call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      health.recordSuccess(vendor, region);
      return answer;
    } catch (error) {
      // An error without a vendor was thrown before any call, e.g. because too many wait.
      const code = RtcError.isInstance(error) && error.vendor !== undefined ? error.code : undefined;
      if (code && FAILURE_CODES.has(code)) health.recordFailure(vendor, region, code);
      else if (code && !BEFORE_ANY_CALL.has(code)) health.recordSuccess(vendor, region);
      throw error;
    }
  }
  const at = (place: Place) => place.region;
  return {
    ...adapter,
    getRoom: (place) => count(at(place), adapter.getRoom(place)),
    listRooms: (region, names) => count(region, adapter.listRooms(region, names)),
    deleteRoom: (place) => count(at(place), adapter.deleteRoom(place)),
    listParticipants: (place) => count(at(place), adapter.listParticipants(place)),
    kickParticipant: (place, identity) => count(at(place), adapter.kickParticipant(place, identity)),
    ...(issuesTokensByCall && { issueToken: (spec) => count(at(spec), adapter.issueToken(spec)) }),
    // On-demand rooms are created without a call.
    ...(persistentRooms && {
      createRoom: (spec) => count(at(spec), adapter.createRoom(spec)),
      updateRoom: (place, metadata, owner) => count(at(place), adapter.updateRoom(place, metadata, owner)),
    }),
  };
}

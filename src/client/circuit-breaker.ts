import { type ErrorCode, type Place, RtcError, type VendorAdapter } from "../contract";
import type { Health } from "../routing/health";

/** Failures of the vendor. */
const FAILURES: ReadonlySet<ErrorCode> = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "VENDOR_ERROR"]);
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
      if (code && FAILURES.has(code)) health.recordFailure(vendor, region, code);
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

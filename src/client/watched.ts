import { type ErrorCode, type Place, RtcError, type VendorAdapter } from "../contract";
import type { Health } from "../routing/health";

/** The vendor's own failures. */
const FAILURES: ReadonlySet<ErrorCode> = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "VENDOR_ERROR"]);
/** Ours: no call was made. */
const BEFORE_ANY_CALL: ReadonlySet<ErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "UNSUPPORTED",
  "NOT_CONFIGURED",
]);

/** The same adapter, whose calls are counted: of rooms and people, since a missing recorder is no failing server. */
export function watched(adapter: VendorAdapter, health: Health): VendorAdapter {
  const { vendor, persistentRooms, issuesTokensByCall } = adapter;
  async function seen<T>(region: string | null, call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      health.answered(vendor, region);
      return answer;
    } catch (error) {
      // What names no vendor was refused before any call, e.g. since too many wait for one.
      const code = RtcError.isInstance(error) && error.vendor !== undefined ? error.code : undefined;
      if (code && FAILURES.has(code)) health.failed(vendor, region, code);
      else if (code && !BEFORE_ANY_CALL.has(code)) health.answered(vendor, region);
      throw error;
    }
  }
  const at = (place: Place) => place.region;
  return {
    ...adapter,
    getRoom: (place) => seen(at(place), adapter.getRoom(place)),
    listRooms: (region, names) => seen(region, adapter.listRooms(region, names)),
    deleteRoom: (place) => seen(at(place), adapter.deleteRoom(place)),
    listParticipants: (place) => seen(at(place), adapter.listParticipants(place)),
    kickParticipant: (place, identity) => seen(at(place), adapter.kickParticipant(place, identity)),
    ...(issuesTokensByCall && { issueToken: (spec) => seen(at(spec), adapter.issueToken(spec)) }),
    // A state-only record is made without a call.
    ...(persistentRooms && {
      createRoom: (spec) => seen(at(spec), adapter.createRoom(spec)),
      updateRoom: (place, metadata, owner) => seen(at(place), adapter.updateRoom(place, metadata, owner)),
    }),
  };
}

import type { VendorAdapter } from "../contract/adapter";
import type { VendorTraits } from "./types";

/** What of a vendor does not depend on its keys. */
export function traitsOf(adapter: VendorAdapter): Omit<VendorTraits, "deployments"> {
  const { persistentRooms, issuesTokensByCall, changesInPlace, recordings } = adapter;
  return {
    keepsRooms: persistentRooms !== undefined,
    persistentRooms,
    issuesTokensByCall,
    changesInPlace,
    caveats: [...adapter.caveats, ...roomCaveats(adapter)],
    recordsOnlyOccupied: recordings?.onlyWhileOccupied === true,
    recordsOneAtATime: recordings?.stopsByRoom === true,
  };
}

/** What a person must know of a vendor whose rooms lack what others have. */
function roomCaveats({ vendor, persistentRooms }: VendorAdapter): string[] {
  if (!persistentRooms) return [];
  const { tagPlace, lifetimeSeconds, revivedByJoin } = persistentRooms;
  const untagged = `rooms of ${vendor} have no place for an ownership tag: only this stack's state tells which are its own, and a room that a killed run has left is adopted (adopt: true) or deleted by hand`;
  const back = revivedByJoin ? "a join brings it back" : "the next run creates it again";
  const expires = `${vendor} ends a room ${lifetimeSeconds} seconds after its creation, whoever is in it; ${back}`;
  return [...(tagPlace === null ? [untagged] : []), ...(lifetimeSeconds === null ? [] : [expires])];
}

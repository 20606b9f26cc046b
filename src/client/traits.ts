import type { VendorAdapter } from "../contract/adapter";
import type { VendorTraits } from "./types";

/** The traits of a vendor that do not depend on its keys. */
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

/** The limitations of a vendor's persistent rooms. */
function roomCaveats({ vendor, persistentRooms }: VendorAdapter): string[] {
  if (!persistentRooms) return [];
  const { tagPlace, lifetimeSeconds, revivedByJoin } = persistentRooms;
  const untagged = `rooms of ${vendor} have no place for an ownership tag: only this stack's state identifies its own rooms; adopt (adopt: true) or delete a room that a killed run has orphaned`;
  const next = revivedByJoin ? "a join brings it back" : "the next run creates it again";
  const expires = `${vendor} ends a room ${lifetimeSeconds} seconds after its creation, whoever is in it; ${next}`;
  return [...(tagPlace === null ? [untagged] : []), ...(lifetimeSeconds === null ? [] : [expires])];
}

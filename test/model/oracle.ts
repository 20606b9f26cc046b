import { expect } from "vitest";
import type { Notes } from "./notes.ts";
import { isForeign, type Observation, type Stack } from "./observation.ts";
import { placeOf, type Reconciled, roomIsAsDeclared, staysAway } from "./room-oracle.ts";
import { isKept, tapeIsAsDeclared, tapesDeclared } from "./tape-oracle.ts";

/** The world is as declared: each room and recording as it must be after this one reconcile, and nothing else of ours. */
export function isAsDeclared(reconciled: Reconciled, notes: Notes, stack: Stack): void {
  const { program, after } = reconciled;
  expect(Object.keys(after.state).sort(), "what the state has").toEqual(Object.keys(program).sort());
  const tapes = tapesDeclared(program);
  const isTape = new Set(tapes.map(([name]) => name));
  for (const name of Object.keys(program)) if (!isTape.has(name)) roomIsAsDeclared(name, reconciled, stack);
  for (const [name, declared] of tapes) tapeIsAsDeclared(name, declared, reconciled, notes);
}

/** What others must do first, before a reconcile can make the world as declared. */
export function inTheWay(program: Reconciled["program"], observation: Observation, stack: Stack) {
  const tapes = tapesDeclared(program);
  const isTape = new Set(tapes.map(([name]) => name));
  const places = Object.keys(program)
    .filter((name) => !isTape.has(name))
    .map((name) => placeOf(name, program, observation, stack));
  return {
    /** Rooms of others that have the names of ours. */
    foreign: places.filter((place) => observation.rooms[place] && isForeign(place, observation, stack)),
    /** Resources of rooms that have closed by themselves, and have something new to be recorded. */
    away: tapes
      .filter(
        ([name, declared]) =>
          !isKept(name, declared, placeOf(declared.records, program, observation, stack), observation),
      )
      .map(([, { records }]) => records)
      .filter((room, index, all) => staysAway(room, program, observation) && all.indexOf(room) === index),
  };
}

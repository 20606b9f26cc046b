import { expect } from "vitest";
import { NEVER, type RoomResourceInput, same } from "../../src/contract/index.ts";
import type { Program } from "../conformance/engine.ts";
import { isForeign, nameOf, type Observation, type Stack, tagOf } from "./observation.ts";

/** A reconcile that was not rejected. */
export interface Reconciled {
  program: Program;
  before: Observation;
  after: Observation;
}

/** What a state stands for: as declared, also while a refresh has shown other limits. */
function declaredIn(
  outputs: Record<string, unknown>,
  key: "maxParticipants" | "emptyTimeoutSeconds",
): unknown {
  const drifted = (outputs["drifted"] ?? {}) as Record<string, { declared?: number }>;
  return drifted[key] ? drifted[key].declared : outputs[key];
}

function hasLimits(outputs: Record<string, unknown>, declared: RoomResourceInput): boolean {
  return (["maxParticipants", "emptyTimeoutSeconds"] as const).every((key) =>
    same(declaredIn(outputs, key), declared[key]),
  );
}

/** The declaration of a room's resource. */
export function roomIn(program: Program, resource: string): RoomResourceInput {
  const declared = program[resource];
  return declared === undefined || "records" in declared || "room" in declared ? {} : declared;
}

/** The name at the vendor after a reconcile: a room that is not replaced has the name of its state. */
export function placeOf(resource: string, program: Program, observation: Observation, stack: Stack): string {
  const { name } = roomIn(program, resource);
  const outputs = observation.state[resource]?.outputs;
  if (name !== undefined || outputs === undefined) return name ?? observation.pending[resource] ?? resource;
  const kept = String(outputs["name"]);
  const isGone =
    observation.rooms[kept] === undefined && declaredIn(outputs, "emptyTimeoutSeconds") === undefined;
  return isGone || isForeign(kept, observation, stack) ? resource : kept;
}

/** Whether a room that has closed by itself stays away: it is in the state, and nothing recreates it. */
export function staysAway(resource: string, program: Program, before: Observation): boolean {
  const declared = roomIn(program, resource);
  const kept = before.state[resource];
  const place = nameOf(resource, before, program);
  if (declared.emptyTimeoutSeconds === undefined || !kept || before.rooms[place]) return false;
  return (declared.name ?? place) === place && hasLimits(kept.outputs, declared);
}

/** A room is as declared, with nothing done to it that was not needed. */
export function roomIsAsDeclared(
  resource: string,
  { program, before, after }: Reconciled,
  stack: Stack,
): void {
  const declared = roomIn(program, resource);
  const { maxParticipants = null, emptyTimeoutSeconds: timeout = NEVER } = declared;
  const place = placeOf(resource, program, before, stack);
  const outputs = after.state[resource]?.outputs ?? {};
  expect(outputs["name"], `the name of ${resource}`).toBe(place);
  for (const key of ["maxParticipants", "metadata", "forceDestroy"] as const)
    expect(outputs[key], `${key} of ${resource} in the state`).toEqual(declared[key]);
  const [was, room] = [before.rooms[place], after.rooms[place]];
  if (staysAway(resource, program, before)) {
    expect(room, `room ${resource}, which has closed by itself`).toBeUndefined();
    return;
  }
  // While participants are in a room of which only the timeouts differ, there is a warning instead.
  const waits = was !== undefined && was.participants > 0 && was.sid === room?.sid;
  const timeouts = [timeout, timeout] as const;
  expect(room, `room ${resource}`).toMatchObject({
    maxParticipants,
    timeouts: waits ? was.timeouts : timeouts,
  });
  if (!room) return;
  expect(outputs["sid"], `the sid of ${resource} in the state`).toBe(room.sid);

  const kept = before.state[resource]?.outputs;
  const tag = tagOf(stack, resource);
  const isRight = was && same([was.maxParticipants, was.timeouts], [maxParticipants, timeouts]);
  if (isRight && (kept ? hasLimits(kept, declared) && kept["name"] === place : was.owner === tag))
    expect(room.sid, `${resource} was right already`).toBe(was.sid);
  const isNew = room.sid !== was?.sid;
  metadataIsAsDeclared(resource, declared, { now: room.metadata, was: isNew ? {} : was.metadata, kept });
  // A missing tag is no drift; whatever else changes the room restores it.
  const mayLackTag = !isNew && was.owner === null && same(was.metadata, room.metadata);
  expect(mayLackTag ? [tag, null] : [tag], `the tag of ${resource}`).toContain(room.owner);
}

function metadataIsAsDeclared(
  resource: string,
  { metadata }: RoomResourceInput,
  { now, was, kept }: { now: unknown; was: unknown; kept: Record<string, unknown> | undefined },
): void {
  const what = `the metadata of ${resource}`;
  if (metadata !== undefined) expect(now, what).toEqual(metadata);
  // What is no object is not repaired while nothing is declared.
  else if (was === null) expect([null, {}], what).toContainEqual(now);
  // What was declared until now goes; what never was is not managed.
  else expect(now, what).toEqual(kept?.["metadata"] === undefined ? was : {});
}

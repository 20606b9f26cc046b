import type { EarlierIds, EarlierNames } from "../../manifest/declare";
import type { Manifest } from "../../manifest/schema";
import type { Kind } from "../../reconcile/kinds";
import { recordingKey } from "../../reconcile/recording/state";
import type { Failed, Step } from "./engine-events";
import type { Outcome } from "./operation";
import type { Managed } from "./stack-state";

/**
 * Which resources of a manifest are those of the state under another name: a room by its vendor and name, a recording by its
 * room, layout, audio and output. Where several could be meant, none is.
 *
 * @param recordingOutput the configured output of recordings that name none
 */
export function movesOf(
  { rooms, recordings }: Manifest,
  managed: readonly Managed[],
  recordingOutput: string | undefined,
): EarlierNames {
  const known = (kind: string) => managed.filter((one) => one.kind === kind && !one.isExternal);
  const movedRooms = pairs(rooms, known("room"), (name, declared, { outputs, vendor }) => {
    const isSamePlace = outputs["name"] === (declared.name ?? name) && outputs["region"] === declared.region;
    return isSamePlace && (declared.vendor === undefined || declared.vendor === vendor);
  });
  const idOf = (name: string) =>
    known("room").find((one) => one.name === name || one.name === movedRooms[name])?.id;
  const movedRecordings = pairs(recordings, known("recording"), (_name, declared, { outputs }) => {
    const key = recordingKey({ outputUri: recordingOutput, ...declared, room: idOf(declared.room) });
    return key !== undefined && key === recordingKey(outputs);
  });
  return { rooms: movedRooms, recordings: movedRecordings };
}

/** The ids in the state, by the names that the resources have now. */
export function idsOf(managed: readonly Managed[], earlier: EarlierNames): EarlierIds {
  const of = (kind: Kind, moved: Readonly<Record<string, string>>) => {
    const now = new Map(Object.entries(moved).map(([name, before]) => [before, name]));
    const known = managed.filter((one) => one.kind === kind && one.id !== "");
    return Object.fromEntries(known.map(({ name, id }) => [now.get(name) ?? name, id]));
  };
  return { rooms: of("room", earlier.rooms), recordings: of("recording", earlier.recordings) };
}

/**
 * The result of a run, with moves as steps, and all in the order of the manifest. Where something has failed, a resource that
 * the engine has not come to, as it depends on that, is a step too.
 */
export function asDeclared(
  { steps, failed, ...outcome }: Outcome,
  { rooms, recordings }: Manifest,
  earlier: EarlierNames,
): Outcome {
  const declared = [
    ...Object.keys(rooms).map((name) => `room ${name}`),
    ...Object.keys(recordings).map((name) => `recording ${name}`),
  ];
  const order = new Map(declared.map((what, index) => [what, index]));
  const rank = (what: string) => order.get(what) ?? order.size;
  const rankOf = ({ resource }: Failed) =>
    resource === undefined ? -1 : Math.min(rank(`room ${resource}`), rank(`recording ${resource}`));
  const seen = new Set(steps.map(({ kind, name }) => `${kind} ${name}`));
  const skip = (kind: Kind, names: string[]): Step[] =>
    names
      .filter((name) => failed.length > 0 && !seen.has(`${kind} ${name}`))
      .map((name) => ({ op: "skip", kind, name, urn: "", fields: [], failed: false, messages: [] }));
  const skipped = [...skip("room", Object.keys(rooms)), ...skip("recording", Object.keys(recordings))];
  return {
    ...outcome,
    steps: [...steps, ...skipped]
      .map((step) => moved(step, (step.kind === "room" ? earlier.rooms : earlier.recordings)[step.name]))
      .map((step) => ({ step, at: rank(`${step.kind} ${step.name}`), name: `${step.kind} ${step.name}` }))
      .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
      .map(({ step }) => step),
    failed: [...failed].sort((a, b) => rankOf(a) - rankOf(b)),
  };
}

function moved(step: Step, from: string | undefined): Step {
  if (from === undefined) return step;
  return {
    ...step,
    op: step.op === "same" ? "move" : step.op,
    messages: [`moved from ${from}`, ...step.messages],
  };
}

/** Pairs each new declaration with the one resource that is no longer declared and is the same. */
function pairs<Declared>(
  declarations: Record<string, Declared>,
  managed: readonly Managed[],
  isSame: (name: string, declared: Declared, gone: Managed) => boolean,
): Record<string, string> {
  const names = new Set(managed.map(({ name }) => name));
  const gone = managed.filter(({ name }) => !Object.hasOwn(declarations, name));
  const found = Object.entries(declarations).flatMap(([name, declared]) => {
    const same = names.has(name) ? [] : gone.filter((one) => isSame(name, declared, one));
    return same.length === 1 && same[0] ? [[name, same[0].name] as const] : [];
  });
  const isOnly = (from: string) => found.filter(([, other]) => other === from).length === 1;
  return Object.fromEntries(found.filter(([, from]) => isOnly(from)));
}

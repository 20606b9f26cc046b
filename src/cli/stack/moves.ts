import { type EarlierIds, type EarlierNames, isExchanged } from "../../manifest/declare";
import type { DeclaredRecording, DeclaredRoom, Manifest } from "../../manifest/schema";
import type { Kind } from "../../reconcile/kinds";
import { recordingKey } from "../../reconcile/recording/state";
import type { Failed, Step } from "./engine-events";
import type { Outcome } from "./operation";
import type { Managed } from "./stack-state";

/** Resources that have another name in the manifest than in the state. */
export interface Moves {
  /** Their names in the state, by their names now. */
  moved: EarlierNames;
  /** The same, and under which name a run registers a resource that is another one and takes the name of one that moves. */
  registered: EarlierNames;
  /** Those that a run leaves alone, and finds by their names in the state only. */
  kept?: EarlierNames | undefined;
}

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
): Moves {
  const known = (kind: string) => managed.filter((one) => one.kind === kind && !one.isExternal);
  const isSameRoom = (name: string, declared: DeclaredRoom, { outputs, vendor }: Managed) => {
    const isSamePlace = outputs["name"] === (declared.name ?? name) && outputs["region"] === declared.region;
    return isSamePlace && (declared.vendor === undefined || declared.vendor === vendor);
  };
  const movedRooms = renamed(rooms, known("room"), isSameRoom);
  const idOf = (name: string) =>
    known("room").find((one) => one.name === (movedRooms.registered[name] ?? name))?.id;
  // Each once: in a large stack every declaration is compared with many resources.
  const inState = new Map(known("recording").map((one) => [one, recordingKey(one.outputs)]));
  const inManifest = mapValues(recordings, ({ room, ...declared }) =>
    recordingKey({ outputUri: recordingOutput, ...declared, room: idOf(room) }),
  );
  const isSameRecording = (name: string, _declared: DeclaredRecording, one: Managed) =>
    inManifest[name] !== undefined && inManifest[name] === inState.get(one);
  const movedRecordings = renamed(recordings, known("recording"), isSameRecording);
  return {
    moved: { rooms: movedRooms.moved, recordings: movedRecordings.moved },
    registered: { rooms: movedRooms.registered, recordings: movedRecordings.registered },
  };
}

/** The resources that a run registers under the names of the state, by their names now: they exchange them, or are left alone. */
export function registeredAsBefore({ registered, kept }: Pick<Moves, "registered" | "kept">): EarlierNames {
  const of = (kind: keyof EarlierNames) => {
    const names = registered[kind];
    const all = Object.entries(names);
    const left = kept?.[kind] ?? {};
    return Object.fromEntries(all.filter(([name]) => isExchanged(name, names) || Object.hasOwn(left, name)));
  };
  return { rooms: of("rooms"), recordings: of("recordings") };
}

/** The resources that have another name now, of which the engine is to leave some alone. */
export function keptOf(
  { rooms, recordings }: EarlierNames,
  managed: readonly Managed[],
  excluded: readonly string[],
): EarlierNames {
  const of = (kind: Kind, names: Readonly<Record<string, string>>) => {
    const left = managed.filter((one) => one.kind === kind && excluded.includes(one.urn));
    const before = new Set(left.map(({ name }) => name));
    return Object.fromEntries(Object.entries(names).filter(([, name]) => before.has(name)));
  };
  return { rooms: of("room", rooms), recordings: of("recording", recordings) };
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
  manifest: Manifest,
  { moved, ...names }: Moves,
): Outcome {
  const { rooms, recordings } = manifest;
  const declared = [
    ...Object.keys(rooms).map((name) => `room ${name}`),
    ...Object.keys(recordings).map((name) => `recording ${name}`),
  ];
  const now = (names: Readonly<Record<string, string>>) =>
    new Map(Object.entries(names).map(([name, before]) => [before, name]));
  const before = registeredAsBefore(names);
  const [nowRooms, nowRecordings] = [now(before.rooms), now(before.recordings)];
  const named = (step: Step) => {
    const name = (step.kind === "room" ? nowRooms : nowRecordings).get(step.name);
    return name === undefined ? step : { ...step, name };
  };
  const failures = failed.map((one): Failed => {
    const name = nowRooms.get(one.resource ?? "") ?? nowRecordings.get(one.resource ?? "");
    return name === undefined ? one : { ...one, resource: name };
  });
  const order = new Map(declared.map((what, index) => [what, index]));
  const rank = (what: string) => order.get(what) ?? order.size;
  const rankOf = ({ resource }: Failed) =>
    resource === undefined ? -1 : Math.min(rank(`room ${resource}`), rank(`recording ${resource}`));
  const inOutcome = steps.map(named);
  const reported = new Set(inOutcome.map(({ kind, name }) => `${kind} ${name}`));
  const skip = (kind: Kind, names: string[]): Step[] =>
    names
      .filter((name) => failed.length > 0 && !reported.has(`${kind} ${name}`))
      .map((name) => ({ op: "skip", kind, name, urn: "", fields: [], failed: false, messages: [] }));
  const skipped = [...skip("room", Object.keys(rooms)), ...skip("recording", Object.keys(recordings))];
  return {
    ...outcome,
    steps: [...inOutcome, ...skipped]
      .map((step) => asMove(step, (step.kind === "room" ? moved.rooms : moved.recordings)[step.name]))
      .map((step) => ({ step, at: rank(`${step.kind} ${step.name}`), name: `${step.kind} ${step.name}` }))
      .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
      .map(({ step }) => step),
    failed: failures.sort((a, b) => rankOf(a) - rankOf(b)),
  };
}

function asMove(step: Step, from: string | undefined): Step {
  if (from === undefined) return step;
  return {
    ...step,
    op: step.op === "same" ? "move" : step.op,
    messages: [`moved from ${from}`, ...step.messages],
  };
}

type IsSame<Declared> = (name: string, declared: Declared, one: Managed) => boolean;

/**
 * The names in the state of resources that have another name now. Each has what no other declaration is, and its own name is
 * free, or that of a resource that moves too. A resource that takes the name of one that moves, and is another one, is
 * registered under the name that the last of these leaves, so that no room is deleted that only has another name.
 */
function renamed<Declared>(
  declarations: Record<string, Declared>,
  managed: readonly Managed[],
  isSame: IsSame<Declared>,
): { moved: Record<string, string>; registered: Record<string, string> } {
  const own = new Map(managed.map((one) => [one.name, one]));
  const isAtHome = (name: string) => {
    const [declared, one] = [declarations[name], own.get(name)];
    return Object.hasOwn(declarations, name) && one !== undefined && isSame(name, declared as Declared, one);
  };
  const free = managed.filter(({ name }) => !isAtHome(name));
  const found = new Map(
    Object.entries(declarations).flatMap(([name, declared]) => {
      const same = isAtHome(name) ? [] : free.filter((one) => isSame(name, declared, one));
      return same.length === 1 && same[0] ? [[name, same[0].name] as const] : [];
    }),
  );
  const claims = [...found.values()];
  for (const [name, before] of found)
    if (claims.filter((one) => one === before).length > 1) found.delete(name);
  const all = new Map([...found, ...takersOf(declarations, found, own)]);
  for (let size = -1; size !== all.size; ) {
    size = all.size;
    const claimed = new Set(all.values());
    for (const [name, before] of all) {
      const isHeld = Object.hasOwn(declarations, before) && !all.has(before);
      if (isHeld || (own.has(name) && !claimed.has(name))) all.delete(name);
    }
  }
  const moved = [...all].filter(([name]) => found.has(name));
  return { moved: Object.fromEntries(moved), registered: Object.fromEntries(all) };
}

/**
 * The resources that take the name of one that moves, with the name that is left over: of `a` that is `b` now and `b` that is
 * `c`, a new `a` is left with `c`. Where a protected resource has that name, it would be replaced.
 */
function takersOf(
  declarations: Record<string, unknown>,
  found: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, Managed>,
): [string, string][] {
  const now = new Map([...found].map(([name, before]) => [before, name]));
  const takers = [...now.keys()].filter((name) => Object.hasOwn(declarations, name) && !found.has(name));
  return takers.flatMap((name): [string, string][] => {
    let left = name;
    for (let next = now.get(left); next !== undefined; next = now.get(left)) left = next;
    return own.get(left)?.isProtected ? [] : [[name, left]];
  });
}

function mapValues<T, U>(from: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(value)]));
}

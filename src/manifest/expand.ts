import type { z } from "zod";
import {
  formatPath,
  hasControl,
  hasHalfCharacter,
  MOST_ISSUES,
  type Problem,
  problemsIn,
  roomNameProblem,
  suggestion,
} from "../contract";
import {
  type DeclaredRecording,
  type DeclaredRoom,
  type Manifest,
  type manifestSchema,
  recordingKey,
  recordingSchema,
  roomKey,
  roomSchema,
} from "./schema";

/** The most rooms and recordings of one manifest: twice the largest tested stack. */
const MOST_RESOURCES = 20_000;
/** The most metadata of one manifest after the expansion, in characters of JSON: what Pulumi and a terminal can carry. */
const MOST_METADATA = 100_000_000;

/** A problem that another place of the manifest has a part in. */
export interface ManifestProblem extends Problem {
  other?: PropertyKey[];
  /** It is a recording of a room that is not declared. */
  lacksRoom?: true;
}

/** A manifest with its defaults applied and its series expanded. */
interface Expanded {
  manifest: Manifest;
  problems: ManifestProblem[];
  /** The name of the series of each of its members: `rooms class-3` is of `class`. */
  members: ReadonlyMap<string, string>;
}

/** Applies the defaults, and expands series. */
export function expand(given: z.infer<typeof manifestSchema>): Expanded {
  const members = new Map<string, string>();
  const problems: ManifestProblem[] = [];
  const rooms = new Map<string, DeclaredRoom>();
  const recordings = new Map<string, DeclaredRecording>();
  const series = new Map<string, string[]>();
  const declaredAt = new Map<string, string[]>();
  const add = <T>(to: Map<string, T>, name: string, value: T, path: string[], key: string) => {
    const first = declaredAt.get(key);
    if (to.has(name)) problems.push({ path, message: `expands to ${name}, which is also declared` });
    else if (first)
      problems.push({ path, message: `declares the same as ${formatPath(first)}`, other: first });
    else declaredAt.set(key, path);
    to.set(name, value);
  };
  const check = (schema: typeof roomSchema | typeof recordingSchema, value: object, path: string[]) => {
    for (const problem of problemsIn(schema, value)) {
      problems.push({
        ...problem,
        path: [...path, ...problem.path],
        message: `${problem.message} (with the defaults)`,
      });
    }
  };

  const declaredRooms = Object.entries(given.rooms ?? {});
  const declaredRecordings = Object.entries(given.recordings ?? {});
  for (const [kind, declared] of [
    ["rooms", declaredRooms] as const,
    ["recordings", declaredRecordings] as const,
  ]) {
    for (const [name] of declared)
      if (hasControl(name))
        problems.push({
          path: [kind, name],
          message: "must not have control or invisible characters: it names a resource",
        });
      else if (hasHalfCharacter(name))
        problems.push({ path: [kind, name], message: "must be whole characters: it names a resource" });
  }
  const message = stackExcess(given);
  if (message !== undefined) {
    return {
      members,
      manifest: { project: given.project, rooms: {}, recordings: {} },
      problems: [...problems, { path: ["rooms"], message }],
    };
  }
  // Single rooms go first, so that a conflict is reported at the series.
  for (const [name, room] of declaredRooms.toSorted(
    (a, b) => Number(hasCount(a[1])) - Number(hasCount(b[1])),
  )) {
    const { count, ...rest } = { ...given.defaults?.rooms, ...room };
    const path = ["rooms", name];
    check(roomSchema, rest, path);
    const unrecordable = rest.enableRecording ? roomNameProblem(rest.name ?? name) : undefined;
    if (unrecordable)
      problems.push({ path: rest.name === undefined ? path : [...path, "name"], message: unrecordable });
    if (count === undefined) {
      add(rooms, name, rest, path, roomKey(name, rest));
      continue;
    }
    const names = Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
    series.set(name, names);
    for (const [index, one] of names.entries()) {
      members.set(`rooms ${one}`, name);
      const named = rest.name === undefined ? rest : { ...rest, name: `${rest.name}-${index + 1}` };
      add(rooms, one, named, [...path, "count"], roomKey(one, named));
    }
  }

  for (const [name, recording] of declaredRecordings) {
    const full = { ...given.defaults?.recordings, ...recording };
    const path = ["recordings", name];
    check(recordingSchema, full, path);
    const of = series.get(recording.room);
    const recorded = of?.[0] ?? recording.room;
    const unrecordable = roomNameProblem(rooms.get(recorded)?.name ?? recorded);
    if (unrecordable) problems.push({ path: [...path, "room"], message: unrecordable });
    if (of) {
      for (const [index, room] of of.entries()) {
        const one = { ...full, room };
        members.set(`recordings ${name}-${index + 1}`, name);
        add(recordings, `${name}-${index + 1}`, one, path, recordingKey(one));
      }
      continue;
    }
    if (!rooms.has(recording.room))
      problems.push(
        // A suggestion compares with every name: only the problems that are listed have one.
        undeclaredRoom(
          path,
          recording.room,
          problems.length < MOST_ISSUES ? [...rooms.keys(), ...series.keys()] : [],
        ),
      );
    add(recordings, name, full, path, recordingKey(full));
  }
  const byName = declaredOrder(declaredRooms, series, rooms);
  return {
    members,
    manifest: { project: given.project, rooms: byName, recordings: Object.fromEntries(recordings) },
    problems,
  };
}

/** Why a manifest declares too much for one stack. */
function stackExcess(given: z.infer<typeof manifestSchema>): string | undefined {
  const resources = resourcesOf(given);
  if (resources > MOST_RESOURCES)
    return `declares ${resources} rooms and recordings, and a manifest may declare ${MOST_RESOURCES}: split it, one stack each`;
  const metadata = metadataOf(given);
  if (metadata > MOST_METADATA)
    return `declares ${metadata} characters of metadata, and a manifest may declare ${MOST_METADATA}: split it, one stack each`;
  return undefined;
}

/** The size of the rooms' metadata after the expansion. */
function metadataOf({ rooms, defaults }: z.infer<typeof manifestSchema>): number {
  const sizeOf = (metadata: unknown) => (metadata === undefined ? 0 : JSON.stringify(metadata).length);
  const ofDefaults = sizeOf(defaults?.rooms?.metadata);
  const sizes = Object.values(rooms ?? {}).map(
    (room) => (room?.metadata === undefined ? ofDefaults : sizeOf(room.metadata)) * (room?.count ?? 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The number of rooms and recordings after the expansion. */
function resourcesOf({ rooms, recordings }: z.infer<typeof manifestSchema>): number {
  const sizes = new Map(Object.entries(rooms ?? {}).map(([name, room]) => [name, room?.count ?? 1]));
  const ofRecordings = Object.values(recordings ?? {}).map(({ room }) => sizes.get(room) ?? 1);
  return [...sizes.values(), ...ofRecordings].reduce((sum, size) => sum + size, 0);
}

/** A recording of a room that the manifest does not declare. */
export function undeclaredRoom(path: string[], room: string, known: string[]): ManifestProblem {
  const message = `names no room of this manifest${suggestion(room, known)}`;
  return { path: [...path, "room"], message, lacksRoom: true };
}

function hasCount(room: { count?: number | undefined } | null): boolean {
  return room?.count !== undefined;
}

function declaredOrder(
  declared: [string, unknown][],
  series: Map<string, string[]>,
  rooms: Map<string, DeclaredRoom>,
): Record<string, DeclaredRoom> {
  const names = declared.flatMap(([name]) => series.get(name) ?? [name]);
  return Object.fromEntries(names.map((name) => [name, rooms.get(name) ?? {}]));
}

import { z } from "zod";
import {
  formatPath,
  type Issue,
  invalid,
  MOST_ISSUES,
  oneLine,
  type Problem,
  problemsOf,
  type RtcError,
  suggestion,
} from "../contract";
import { expand, type ManifestProblem, undeclaredRoom } from "./expand";
import { inlineSecrets, type LocatedProblem, type Referenced } from "./references";
import { type Manifest, manifestSchema } from "./schema";
import { Source } from "./source";

/** Fields whose invalid value is not shown, like that of an unknown key. */
const MAY_BE_SECRET: ReadonlySet<PropertyKey> = new Set(["outputUri", "metadata"]);

/** A file's name, for messages, and its text. */
export interface ManifestFile {
  file: string;
  text: string;
}

/** Options of parsing. */
export interface ParseOptions {
  /** The overlay. */
  overlay?: ManifestFile | undefined;
  /** The environment of `${env:NAME}`. Default: the process's own. */
  environment?: NodeJS.ProcessEnv | undefined;
  /** The vendors that there are; another is a mistake. Default: any, since a gateway may have others. */
  vendors?: readonly string[] | undefined;
}

/**
 * Reads a manifest.
 *
 * @param text YAML 1.2
 * @param file its name, for messages
 * @throws INVALID_ARGUMENT with every problem at once: file:line:column, the line, and a caret
 */
export function parseManifest(text: string, file: string, options: ParseOptions = {}): Manifest {
  return readManifest(text, file, options).manifest;
}

/** A manifest, and what is needed to say more of it. */
export interface ReadManifest {
  manifest: Manifest;
  /** Its values that came from the environment. */
  referenced: Referenced[];
  /** The error for problems that were found later, by their paths in the manifest, each with its place. */
  errorOf(problems: readonly Problem[]): RtcError;
}

/** {@link parseManifest}, with the values that came from the environment. */
export function readManifest(text: string, file: string, options: ParseOptions = {}): ReadManifest {
  const { overlay, environment = process.env, vendors } = options;
  const base = new Source(text, file, environment);
  const sources = overlay ? [base, new Source(overlay.text, overlay.file, environment)] : [base];
  if (sources.some(({ readable }) => !readable)) throw manifestError(sources, []);
  try {
    const { manifest, members } = read(sources, vendors);
    const errorOf = (problems: readonly Problem[]) => {
      const declared = problems.map(({ path: [kind = "", name = "", ...rest], ...problem }) => {
        const path = [kind, members.get(`${String(kind)} ${String(name)}`) ?? name, ...rest];
        return { ...problem, path };
      });
      // Each room of a series has the problem that is in its declaration.
      const distinct = new Map(declared.map((one) => [`${formatPath(one.path)} ${one.message}`, one]));
      return manifestError(
        sources,
        [...distinct.values()].map((problem) => locate(problem, sources)),
      );
    };
    return { manifest, referenced: sources.flatMap(({ referenced }) => referenced), errorOf };
  } catch (error) {
    if (error instanceof RangeError || error instanceof ReferenceError) {
      const message = "is nested too deeply, or has more aliases than a manifest needs";
      throw manifestError(sources, [{ source: base, placed: { offset: 0, message } }]);
    }
    throw error;
  }
}

/** A problem in its file. */
interface InSource {
  source: Source;
  placed: LocatedProblem;
}

function read(sources: Source[], vendors: readonly string[] | undefined): ReturnType<typeof expand> {
  const [base, over] = sources.map((source) => source.value());
  const overlaid = sources.length > 1;
  // An overlay of only comments is empty.
  const value = overlaid ? merge(base, over ?? {}) : base;
  const result = manifestSchema.safeParse(value);
  const expanded = result.success ? expand(result.data) : undefined;
  const wrong = result.success ? [] : problemsOf(manifestSchema, result.error);
  const problems: ManifestProblem[] = [
    ...wrong,
    ...(expanded?.problems ?? [...ofUndeclaredRooms(value), ...ofTheRest(value, wrong)]),
    ...inlineSecrets(value),
    ...(vendors ? unknownVendors(value, vendors) : []),
    ...(overlaid ? overlayProblems(base, over) : []),
  ];
  if (expanded && problems.length === 0 && sources.every((source) => source.problems.length === 0))
    return expanded;
  throw manifestError(
    sources,
    problems.map((problem) => locate(problem, sources)),
  );
}

/** The problems of an overlay. */
function overlayProblems(base: unknown, overlay: unknown): Problem[] {
  const { project } = z.looseObject({ project: z.unknown() }).catch({ project: undefined }).parse(base);
  const mine = z.looseObject({ project: z.unknown() }).catch({ project: undefined }).parse(overlay).project;
  const other = mine !== undefined && mine !== null && mine !== project;
  return [
    ...unusedNulls(base, overlay),
    ...(other
      ? [
          {
            path: ["project"],
            message: "must be that of the manifest below: it decides the ownership of rooms",
          },
        ]
      : []),
  ];
}

const explicitVendor = z
  .looseObject({ vendor: z.string().optional().catch(undefined) })
  .nullable()
  .catch(null);
const ofVendors = z.looseObject({
  defaults: z
    .looseObject({ rooms: explicitVendor, recordings: explicitVendor })
    .partial()
    .nullish()
    .catch(null),
  rooms: z.record(z.string(), explicitVendor).nullish().catch(null),
  recordings: z.record(z.string(), explicitVendor).nullish().catch(null),
});

/** Explicit vendors that there are not, in a manifest that may have other problems. */
function unknownVendors(value: unknown, known: readonly string[]): Problem[] {
  const kinds = ofVendors.partial().catch({}).parse(value);
  return (["defaults", "rooms", "recordings"] as const).flatMap((kind) =>
    Object.entries(kinds[kind] ?? {}).flatMap(([name, declared]): Problem[] => {
      const { vendor } = explicitVendor.parse(declared) ?? {};
      if (!vendor || known.includes(vendor)) return [];
      const message = `is not a vendor of this version${suggestion(vendor, known)}; there is ${known.join(", ")}, and others only through a gateway (rtc:endpoint)`;
      return [{ path: [kind, name, "vendor"], message }];
    }),
  );
}

const loose = z.object({
  rooms: z.record(z.string(), z.unknown()).nullish().catch(null),
  recordings: z
    .record(z.string(), z.object({ room: z.string().optional().catch(undefined) }).catch({}))
    .nullish()
    .catch(null),
});

/** Recordings of undeclared rooms, in a manifest with other problems. */
function ofUndeclaredRooms(value: unknown): Problem[] {
  const { rooms, recordings } = loose.catch({}).parse(value);
  const names = new Set(Object.keys(rooms ?? {}));
  const wrong = Object.entries(recordings ?? {}).flatMap(([name, { room }]) =>
    room === undefined || names.has(room) ? [] : [{ name, room }],
  );
  // A suggestion compares with every name: only the problems that are listed have one.
  return wrong.map(({ name, room }, index) =>
    undeclaredRoom(["recordings", name], room, index < MOST_ISSUES ? [...names] : []),
  );
}

/** What is wrong with the declarations that fit the schema, in a manifest with others that do not. */
function ofTheRest(value: unknown, wrong: readonly Problem[]): ManifestProblem[] {
  const { rooms, recordings, defaults } = parts.catch({}).parse(value);
  const names = new Set(wrong.map(({ path }) => formatPath(path.slice(0, 2))));
  const right = (kind: string, all: Record<string, unknown> = {}) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !names.has(formatPath([kind, name]))));
  const rest = {
    ...{ apiVersion: "rtc/v1", project: "rest", rooms: right("rooms", rooms) },
    recordings: right("recordings", recordings),
    ...(wrong.some(({ path: [kind] }) => kind === "defaults") ? {} : { defaults }),
  };
  const result = manifestSchema.safeParse(rest);
  // Rooms that are left out here are declared nevertheless.
  return result.success ? expand(result.data).problems.filter(({ lacksRoom }) => !lacksRoom) : [];
}

const parts = z.object({
  rooms: z.record(z.string(), z.unknown()).optional().catch(undefined),
  recordings: z.record(z.string(), z.unknown()).optional().catch(undefined),
  defaults: z.unknown().optional(),
});

/** Locates a problem in the file with most of its path; the overlay takes precedence. */
function locate(problem: ManifestProblem, sources: Source[]): InSource {
  const { path, other, unknownKey } = problem;
  const source = sourceOf(path, sources);
  const offset = source.offsetOf(problem);
  const message = other === undefined ? problem.message : `${problem.message} (${placeOf(other, sources)})`;
  const hideFrom = unknownKey ? offset + String(path.at(-1)).length : offset;
  const hides = unknownKey || path.some((key) => MAY_BE_SECRET.has(key));
  return { source, placed: { offset, path: formatPath(path), message, ...(hides ? { hideFrom } : {}) } };
}

/** The file that has most of a path; the overlay takes precedence. */
function sourceOf(path: readonly PropertyKey[], sources: Source[]): Source {
  const depths = sources.map((source) => source.depthOf(path));
  return sources[depths.lastIndexOf(Math.max(...depths))] as Source;
}

/** `rtc.yaml:4:3` of a path. */
function placeOf(path: PropertyKey[], sources: Source[]): string {
  const source = sourceOf(path, sources);
  const { line, column } = source.positionOf(source.offsetOf({ path, message: "", unknownKey: true }));
  return `${oneLine(source.file)}:${line}:${column}`;
}

function manifestError(sources: Source[], found: InSource[]): RtcError {
  const all = sources.flatMap((source): InSource[] => {
    // An unresolved reference has no other problem.
    const known = new Set(source.problems.map(({ offset }) => offset));
    const more = found.filter((one) => one.source === source && !known.has(one.placed.offset));
    return [...source.problems.map((placed) => ({ source, placed })), ...more].toSorted(
      (a, b) => a.placed.offset - b.placed.offset,
    );
  });
  const issues = all.map(({ source, placed: { offset, path = "", message } }): Issue => {
    const { line, column } = source.positionOf(offset);
    return { path, message, file: source.file, line, column };
  });
  const framed = (_issue: Issue, index: number) => {
    const { source, placed } = all[index] as InSource;
    return source.framed(placed);
  };
  return invalid(sources.map(({ file }) => file).join(" with "), issues, framed);
}

/** Keys whose values are replaced as a whole. */
const WHOLE: ReadonlySet<string> = new Set(["metadata"]);

/**
 * Merges an overlay into a base: objects are merged key by key, and the overlay takes precedence; anything else, and
 * `metadata`, is replaced as a whole; `null` removes a key of the base.
 */
export function merge(base: unknown, overlay: unknown): unknown {
  if (!isObject(base) || !isObject(overlay)) return overlay;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overlay)) {
    if (value === null) delete merged[key];
    else merged[key] = key in base && !WHOLE.has(key) && base[key] !== null ? merge(base[key], value) : value;
  }
  return merged;
}

/** The nulls of an overlay that remove nothing, probably because of a misspelt name. */
export function unusedNulls(base: unknown, overlay: unknown, path: string[] = []): Problem[] {
  if (!isObject(overlay)) return [];
  const known = isObject(base) ? base : {};
  return Object.entries(overlay).flatMap(([key, value], index): Problem[] => {
    if (value === null) {
      if (Object.hasOwn(known, key)) return [];
      // A suggestion compares with every name: only the problems that are listed have one.
      const meant = index < MOST_ISSUES ? suggestion(key, Object.keys(known)) : "";
      const message = `is not in the manifest below, so there is nothing to remove${meant}`;
      return [{ path: [...path, key], message, unknownKey: true }];
    }
    return WHOLE.has(key) ? [] : unusedNulls(known[key], value, [...path, key]);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
} from "yaml";
import { z } from "zod";

import {
  formatIssue,
  formatPath,
  type Issue,
  invalid,
  nearest,
  type Problem,
  problemsIn,
  type RecordingManifestInput,
  type RoomResourceInput,
  type RtcError,
} from "../contract";
import { manifestSchema } from "./schema";

const MOST_BYTES = 1_000_000;
/** How much of a line is shown on either side of a problem. */
const CONTEXT = 80;

/** What a manifest declares. */
export interface Manifest {
  project: string;
  /** By resource name. */
  rooms: Record<string, RoomResourceInput>;
  /** By resource name; each of a room above. */
  recordings: Record<string, RecordingManifestInput>;
}

/** Fields of which a wrong value is not shown, as that of an unknown key is not. */
const MAY_BE_SECRET: ReadonlySet<PropertyKey> = new Set(["outputUri", "metadata"]);

/** A problem and where it is in the text. */
interface Placed {
  offset: number;
  message: string;
  /** Where the line stops being shown: what follows may be a secret. */
  hideFrom?: number | undefined;
}

/**
 * Reads a manifest.
 *
 * @param text YAML 1.2
 * @param file its name, for messages
 * @throws INVALID_ARGUMENT with every problem at once: file:line:column, the line, and a caret
 */
export function parseManifest(text: string, file: string): Manifest {
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw invalid(file, [{ path: "", message: `is longer than ${MOST_BYTES} bytes` }]);
  const lines = new LineCounter();
  const refuse = (problems: Placed[]): RtcError => {
    const sorted = problems.toSorted((a, b) => a.offset - b.offset);
    return invalid(
      file,
      sorted.map((problem): Issue => ({ path: "", message: framed(text, lines, file, problem) })),
    );
  };
  try {
    return read(text, lines, refuse);
  } catch (error) {
    if (error instanceof RangeError || error instanceof ReferenceError) {
      throw refuse([
        { offset: 0, message: "is nested too deeply, or has more aliases than a manifest needs" },
      ]);
    }
    throw error;
  }
}

function read(text: string, lines: LineCounter, refuse: (problems: Placed[]) => RtcError): Manifest {
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = [...document.errors, ...document.warnings];
  const found = [
    ...syntax.map(({ code, message, pos }) => ({ offset: pos[0], message: plain(code, message) })),
    ...oddities(document),
  ];
  // Only a key that stands there twice leaves the rest readable.
  if (found.length > syntax.length || syntax.some(({ code }) => code !== "DUPLICATE_KEY"))
    throw refuse(found);

  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const result = manifestSchema.safeParse(value);
  const strays = roomsThatAreMissing(value);
  if (result.success && found.length + strays.length === 0) {
    const { project, rooms, recordings } = result.data;
    const entries = Object.entries(rooms ?? {}).map(([name, room]) => [name, room ?? {}] as const);
    return { project, rooms: Object.fromEntries(entries), recordings: recordings ?? {} };
  }
  const problems = [...problemsIn(manifestSchema, value), ...strays].map((problem): Placed => {
    const { path, message, unknownKey } = problem;
    const offset = offsetOf(document, problem);
    const hideFrom = unknownKey ? offset + String(path.at(-1)).length : offset;
    const hides = unknownKey || path.some((key) => MAY_BE_SECRET.has(key));
    return {
      offset,
      message: formatIssue({ path: formatPath(path), message }),
      ...(hides ? { hideFrom } : {}),
    };
  });
  throw refuse([...found, ...problems]);
}

const loose = z.object({
  rooms: z.record(z.string(), z.unknown()).nullish().catch(null),
  recordings: z
    .record(z.string(), z.object({ room: z.string().optional().catch(undefined) }).catch({}))
    .nullish()
    .catch(null),
});

/** Recordings of a room that the manifest does not declare. */
function roomsThatAreMissing(value: unknown): Problem[] {
  const { rooms, recordings } = loose.catch({}).parse(value);
  const names = Object.keys(rooms ?? {});
  return Object.entries(recordings ?? {}).flatMap(([name, { room }]) => {
    if (room === undefined || names.includes(room)) return [];
    const meant = nearest(room, names);
    const message = `names no room of this manifest${meant ? `; did you mean ${meant}?` : ""}`;
    return [{ path: ["recordings", name, "room"], message }];
  });
}

/** The parser's words, where they are for programmers. */
function plain(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "a manifest is one document";
  return code === "DUPLICATE_KEY" ? "this key stands here twice" : message;
}

/** What YAML allows and a manifest has no use for: it would be read as something else than it looks. */
function oddities(document: Document): Placed[] {
  const found: Placed[] = [];
  visit(document, {
    Alias(_, node) {
      if (!node.resolve(document))
        found.push({ offset: node.range?.[0] ?? 0, message: `there is no anchor &${node.source}` });
    },
    Pair(_, { key }) {
      if (!isNode(key)) return;
      const name = isScalar(key) ? String(key.value ?? "") : undefined;
      const offset = key.range?.[0] ?? 0;
      if (name === undefined && !isAlias(key)) found.push({ offset, message: "a key must be a text" });
      if (name === "") found.push({ offset, message: "a key must not be empty" });
      if (name === "__proto__") found.push({ offset, message: "a key must not be __proto__" });
    },
  });
  return found;
}

/** Where a problem is: at a key that should not be there, at a value, or where a missing one belongs. */
function offsetOf(document: Document, { path, unknownKey }: Problem): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => keyOf(item) === String(path[depth - 1]))
      : undefined;
    const node = unknownKey || !pair?.value ? pair?.key : pair.value;
    if (isNode(node) && node.range) return node.range[0];
    const item = document.getIn(path.slice(0, depth), true);
    if (isNode(item) && item.range) return item.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOf(pair: Pair): string {
  return isNode(pair.key) ? String(pair.key.toJSON()) : String(pair.key);
}

/** `file:line:column: message`, the line or the part of it around the column, and a caret under that. */
function framed(
  text: string,
  lines: LineCounter,
  file: string,
  { offset, message, hideFrom }: Placed,
): string {
  const { line, col } = lines.linePos(offset);
  const source = (text.split("\n")[line - 1] ?? "").trimEnd();
  const from = Math.max(0, col - 1 - CONTEXT);
  const until = hideFrom === undefined ? col - 1 + CONTEXT : col - 1 + hideFrom - offset;
  const cut = hideFrom !== undefined && until < source.length ? "…" : "";
  const shown = source.slice(from, until).replaceAll("\t", " ") + cut;
  return `${file}:${line}:${col}: ${message}\n    ${shown}\n    ${" ".repeat(col - 1 - from)}^`;
}

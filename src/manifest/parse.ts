import { type Document, isMap, isNode, LineCounter, type Pair, parseDocument } from "yaml";
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
} from "../contract";
import { manifestSchema } from "./schema";

const MOST_BYTES = 1_000_000;

/** What a manifest declares. */
export interface Manifest {
  project: string;
  /** By resource name. */
  rooms: Record<string, RoomResourceInput>;
  /** By resource name; each of a room above. */
  recordings: Record<string, RecordingManifestInput>;
}

/**
 * Reads a manifest.
 *
 * @param text YAML 1.2
 * @param file its name, for messages
 * @throws INVALID_ARGUMENT with every problem at once: file:line:column, the line, and a caret
 */
export function parseManifest(text: string, file: string): Manifest {
  const refuse = (issues: Issue[]) => invalid(file, issues);
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw refuse([{ path: "", message: `is longer than ${MOST_BYTES} bytes` }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, message: string, path = ""): Issue => ({
    path,
    message: framed(text, lines, offset, file, message, path),
  });
  if (document.errors.length > 0)
    throw refuse(document.errors.map((error) => at(error.pos[0], error.message)).map(shown));

  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    throw refuse([at(0, "has more aliases than a manifest needs")].map(shown));
  }
  const problems = [...problemsIn(manifestSchema, value), ...roomsThatAreMissing(value)];
  if (problems.length > 0) {
    throw refuse(
      problems
        .map((problem) => at(offsetOf(document, problem), problem.message, formatPath(problem.path)))
        .map(shown),
    );
  }
  const { project, rooms, recordings } = manifestSchema.parse(value);
  return {
    project,
    rooms: Object.fromEntries(Object.entries(rooms ?? {}).map(([name, room]) => [name, room ?? {}])),
    recordings: recordings ?? {},
  };
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

/** The place stands in the message already. */
function shown({ message }: Issue): Issue {
  return { path: "", message };
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

/** `file:line:column: path: message`, the line, and a caret under the column. */
function framed(
  text: string,
  lines: LineCounter,
  offset: number,
  file: string,
  message: string,
  path: string,
): string {
  const { line, col } = lines.linePos(offset);
  const source = (text.split("\n")[line - 1] ?? "").slice(0, 200);
  return `${file}:${line}:${col}: ${formatIssue({ path, message })}\n    ${source}\n    ${" ".repeat(col - 1)}^`;
}

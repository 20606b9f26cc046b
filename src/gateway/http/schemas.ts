import { z } from "zod";
import {
  about,
  discoveryRecord,
  fieldName,
  fromWire,
  type Issue,
  kickInput,
  MOST_ISSUES,
  noObject,
  pageInput,
  participantRecord,
  problemsOf,
  recordingInput,
  recordingListInput,
  recordingRecord,
  recordingUpdateInput,
  roomInput,
  roomRecord,
  roomUpdateInput,
  shortKey,
  text,
  tokenInput,
  tokenRecord,
  unknownKey,
  wireName,
} from "../../contract";

/* What the routes take and answer, in the contract's own schemas, and the field names of REST. */

const OPAQUE = "metadata";
/** A problem that is only counted. */
const UNLISTED: Issue = { path: "", message: "" };
/** The longest idempotency key, in bytes. */
export const LONGEST_KEY = 255;
/** What a route takes that is idempotent by a key. */
export const idempotencyFields = {
  idempotencyKey: about(
    text("idempotency_key", LONGEST_KEY).optional(),
    "Same key and same body within 24 hours: one effect, and the same answer. Another body is rejected.",
  ),
};

/** What a route takes that takes nothing. */
export const NOTHING = z.strictObject({}, noObject);

/** What the routes take: the contract's, and the key that only a gateway has. */
export const INPUTS = {
  RoomInput: roomInput.safeExtend(idempotencyFields),
  RoomUpdateInput: roomUpdateInput,
  PageInput: pageInput,
  TokenInput: tokenInput,
  // The path names the room.
  KickInput: kickInput.partial({ room: true }),
  RecordingInput: recordingInput.safeExtend(idempotencyFields),
  RecordingUpdateInput: recordingUpdateInput,
  RecordingListInput: recordingListInput,
};

const page = (items: z.ZodObject) =>
  z.object({
    items: z.array(items),
    nextCursor: about(z.string().optional(), "`cursor` of the next page; absent on the last."),
  });
const list = (items: z.ZodObject) => z.object({ items: z.array(items) });
const done = z.object({ ok: z.literal(true) });

/** What the routes answer. */
export const RECORDS = {
  Room: roomRecord,
  RoomPage: page(roomRecord),
  AccessToken: tokenRecord,
  Recording: recordingRecord,
  RecordingList: list(recordingRecord),
  ParticipantList: list(participantRecord),
  Discovery: discoveryRecord,
  Done: done,
};

/** Every field of the contract that has another name in REST. */
const FIELDS = new Set(
  [...Object.values(INPUTS), ...Object.values(RECORDS), participantRecord]
    .flatMap((schema) => Object.keys(schema.shape))
    .filter((field) => wireName(field) !== field),
);

/** A message with the field names of REST; what is part of an id, an address or a path stays. */
export function withWireNames(message: string): string {
  return message.replace(/(?<![\w:@/."'-])[a-z]+(?:[A-Z][a-z]+)+(?![\w@/"'-]|:\S)/g, (word) =>
    FIELDS.has(word) ? wireName(word) : word,
  );
}

/** Whether a field of a request is one of the contract, in the spelling of REST. */
export function fieldOf(schema: z.ZodObject, wire: string): z.ZodType | undefined {
  const field = fieldName(wire);
  return wireName(field) === wire && Object.hasOwn(schema.shape, field)
    ? (schema.shape[field] as z.ZodType)
    : undefined;
}

/** An input of a request, parsed by the contract's own schema; else all its problems, under their JSON pointers. */
export function readInput<In extends z.ZodObject>(
  schema: In,
  raw: unknown,
): { value: z.output<In>; issues?: undefined } | { issues: Issue[] } {
  const isFields = typeof raw === "object" && raw !== null && !Array.isArray(raw);
  const isKnown = ([name]: [string, unknown]) => fieldOf(schema, name) !== undefined;
  const fields = isFields ? Object.entries(raw) : [];
  const known = fields.filter(isKnown);
  const result = schema.safeParse(fromWire(isFields ? Object.fromEntries(known) : raw));
  if (result.success && known.length === fields.length) return { value: result.data };
  const problems = result.success ? [] : problemsOf(schema, result.error);
  const names = Object.keys(schema.shape).map(wireName);
  const unknown = fields.filter((field) => !isKnown(field));
  const listed = (path: readonly PropertyKey[], message: string, index: number) =>
    index < MOST_ISSUES ? { path: pointer(path), message: withWireNames(message) } : UNLISTED;
  return {
    issues: [
      ...problems.map(({ path, message }, index) => listed(wirePath(path), message, index)),
      ...unknown.map(([name], index) => listed([name], unknownKey(name, names, index), index)),
    ],
  };
}

/** A path as a JSON pointer (RFC 6901). */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${shortKey(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function wirePath(path: readonly PropertyKey[]): PropertyKey[] {
  const opaque = path.indexOf(OPAQUE);
  return path.map((part, index) =>
    typeof part === "string" && (opaque === -1 || index < opaque) ? wireName(part) : part,
  );
}

import { z } from "@hono/zod-openapi";
import {
  about,
  discoveryRecord,
  fieldName,
  fileRecord,
  fromWire,
  type Issue,
  kickInput,
  MOST_ISSUES,
  noObject,
  type Problem,
  pageInput,
  participantRecord,
  problemsIn,
  recordingInput,
  recordingListInput,
  recordingRecord,
  recordingUpdateInput,
  roomInput,
  roomRecord,
  roomSettings,
  roomUpdateInput,
  shortKey,
  text,
  tokenInput,
  tokenRecord,
  wireName,
} from "../../contract";

/* The contract's schemas with the field names of REST. They are derived, so that no field is declared twice. */

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

/** What the routes take: the contract's, and the key that only a gateway knows. */
export const INPUTS = {
  RoomInput: roomInput.safeExtend(idempotencyFields),
  RoomUpdateInput: roomUpdateInput,
  PageInput: pageInput,
  TokenInput: tokenInput,
  KickInput: kickInput,
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

/** The parts of the document that have a name of their own. */
const NAMES = new Map<z.ZodType, string>(
  Object.entries({
    ...INPUTS,
    ...RECORDS,
    RoomSettings: roomSettings,
    Participant: participantRecord,
    RecordedFile: fileRecord,
  }).map(([name, schema]) => [schema, name]),
);

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

/** A schema with the field names of REST. Rules between fields are not in it: see {@link issuesIn}. */
export function wireSchema<T extends z.ZodType>(schema: T): z.ZodType {
  if (schema instanceof z.ZodObject) return wireObject(schema);
  if (schema instanceof z.ZodOptional) return z.optional(inner(schema.unwrap()));
  if (schema instanceof z.ZodNullable) return z.nullable(inner(schema.unwrap()));
  if (schema instanceof z.ZodArray) return z.array(inner(schema.element));
  if (schema instanceof z.ZodUnion)
    return schema.clone({ ...schema.def, options: schema.options.map((option) => inner(option)) });
  return schema;
}

const inner = (schema: unknown): z.ZodType => {
  if (schema instanceof z.ZodType) return wireSchema(schema);
  throw new TypeError("a schema of the contract must come from zod itself");
};

/** An object's schema with the field names of REST. */
export function wireObject(schema: z.ZodObject): z.ZodObject {
  const shape = Object.entries(schema.shape).map(([field, value]) => {
    const wire = field === OPAQUE ? anyObject(inner(value)) : inner(value);
    const { description } = value as z.ZodType;
    return [wireName(field), description === undefined ? wire : about(wire, withWireNames(description))];
  });
  const wire = schema.clone({ ...schema.def, shape: Object.fromEntries(shape), checks: [] });
  const name = NAMES.get(schema);
  return name === undefined ? wire : wire.openapi(name);
}

/** Metadata in the document: a schema cannot express all that is rejected of it. */
function anyObject(metadata: z.ZodType): z.ZodType {
  const type = metadata.safeParse(null).success ? ["object", "null"] : "object";
  return metadata.meta({ type, additionalProperties: true });
}

const WIRED = new Map(Object.values(INPUTS).map((schema) => [schema as z.ZodObject, wireObject(schema)]));

/** The schema of an input with the field names of REST. */
export function wireOf(schema: z.ZodObject): z.ZodObject {
  return WIRED.get(schema) ?? wireObject(schema);
}

/**
 * All problems of an input as it came, under its JSON pointers: those of its fields, and those between fields, which
 * the contract's own schema finds.
 */
export function issuesIn(schema: z.ZodObject, raw: unknown): Issue[] {
  const wire = wireOf(schema);
  const worded = (
    found: readonly Problem[],
    pathOf: (path: readonly PropertyKey[]) => readonly PropertyKey[],
  ) =>
    found.map(({ path, message }, index) =>
      index < MOST_ISSUES ? { path: pointer(pathOf(path)), message: withWireNames(message) } : UNLISTED,
    );
  const fields = worded(problemsIn(wire, raw), (path) => path);
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return fields;
  const known = Object.entries(raw).filter(
    ([field]) => field in wire.shape && wireName(fieldName(field)) === field,
  );
  const between = worded(
    problemsIn(schema, fromWire(Object.fromEntries(known))).filter(({ unknownKey }) => !unknownKey),
    wirePath,
  );
  if (between.length === 0) return fields;
  const reported = new Set(fields.map(({ path, message }) => `${path} ${message}`));
  return [...fields, ...between.filter(({ path, message }) => !reported.has(`${path} ${message}`))];
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

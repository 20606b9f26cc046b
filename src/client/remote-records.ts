import { z } from "zod";
import {
  fieldName,
  MAX_TIMEOUT,
  NEVER,
  OWNER_KEY,
  oneLine,
  type Participant,
  parseRoomId,
  RECORDED_SETTINGS,
  type RecordedFile,
  type Recording,
  type RecordingStatus,
  type Room,
  recordingInput,
  roomResourceInput,
  STATUSES,
  tokenInput,
  wireName,
} from "../contract";
import type { JsonObject } from "../contract/json";
import { parseJson } from "../support/http";

/** Fields of a gateway's answers. A value of a wrong type counts as absent. */

/** RFC 3339 in UTC, from that or from Unix seconds; null where it is neither, or zero. */
export const time = z
  .union([z.string(), z.number()])
  .nullish()
  .catch(undefined)
  .transform((value) => {
    if (value === undefined || value === null || value === "" || Number(value) === 0) return null;
    if (typeof value === "string" && /Z$/.test(value) && !Number.isNaN(Date.parse(value))) return value;
    const number = Number(value);
    const moment = Number.isNaN(number) ? Date.parse(String(value)) : number * 1_000;
    return Number.isNaN(moment) || Math.abs(moment) > 8.64e15 ? null : new Date(moment).toISOString();
  });

/** A number, also as digits. */
export const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .nullish()
  .catch(undefined);
/** A text that is not empty. */
export const text = z.string().min(1).nullish().catch(undefined);
/** A text in one line. */
export const message = text.transform((value) => value && oneLine(value));

/** The contract's fields by their REST names. */
const FIELDS = new Set(
  [roomResourceInput, recordingInput, tokenInput].flatMap(({ shape }) => Object.keys(shape).map(wireName)),
);

/** A message with REST field names replaced by those of TypeScript, except in addresses and paths. */
export function withFieldNames(message: string): string {
  return message.replace(/(?<![\w:@/."'-])[a-z]+(?:_[a-z]+)+(?![\w@/"'-])/g, (word) =>
    FIELDS.has(word) ? fieldName(word) : word,
  );
}

/** The warnings of a gateway. */
export const warnings = z
  .array(z.string())
  .nullish()
  .catch(undefined)
  .transform((messages) => messages?.map((message) => oneLine(withFieldNames(message))));

/**
 * Lenient schemas of a gateway's answers: a third-party gateway may leave out optional fields, add fields, and write
 * times in Unix seconds.
 */

/** An object, or one as JSON text; null for any other value. */
export const metadata = z
  .unknown()
  .transform((value): JsonObject | null | undefined => {
    if (value === undefined) return undefined;
    const parsed = typeof value === "string" ? parseJson(value) : value;
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  })
  .optional();

const room = z.object({
  room: text,
  name: text,
  vendor: text,
  state: z.enum(["open", "pending"]).catch("open"),
  maxParticipants: number,
  emptyTimeoutSeconds: number,
  departureTimeoutSeconds: number,
  numParticipants: number,
  metadata,
  region: text,
  createdAt: time,
  sid: text,
  owner: text,
  warnings,
});

/** Reads rooms of a gateway. @param known the vendors of this version, whose settings are null only where there are none */
export function roomSchema(endpoint: string, known: readonly string[]) {
  return room.transform((given, context): Room => {
    const id = given.room ?? "";
    const ref = parseRoomId(id, [vendorOf(id) ?? ""]);
    const name = given.name ?? ref?.name;
    const vendor = given.vendor ?? ref?.vendor;
    if (name === undefined || vendor === undefined || (id === "" && given.name === undefined)) {
      context.addIssue({ code: "custom", path: ["room"], message: "is missing" });
      return z.NEVER;
    }
    const isReported = (value: unknown) => value !== undefined && (value !== null || known.includes(vendor));
    // A setting that is not reported differs from one that is not set.
    const untold: Room["untold"] = RECORDED_SETTINGS.filter((field) => !isReported(given[field]));
    if (!isReported(given.numParticipants)) untold.push("numParticipants");
    const { [OWNER_KEY]: tag, ...described } = given.metadata ?? {};
    const { maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds } = given;
    return {
      room: id === "" ? `${vendor}:${name}` : id,
      name,
      vendor,
      state: given.state,
      maxParticipants: maxParticipants || null,
      emptyTimeoutSeconds: timeoutOf(emptyTimeoutSeconds),
      departureTimeoutSeconds: timeoutOf(departureTimeoutSeconds),
      numParticipants: given.numParticipants ?? null,
      metadata: given.metadata ? described : null,
      region: given.region ?? ref?.region ?? null,
      createdAt: given.createdAt,
      sid: given.sid ?? null,
      endpoint,
      owner: given.owner ?? (typeof tag === "string" ? tag : null),
      ...(given.warnings?.length ? { warnings: given.warnings } : {}),
      ...(untold.length > 0 ? { untold } : {}),
    };
  });
}

/** Reads a room without a name, which has no id, as undefined. */
export const namelessRoom = z.object({ name: z.literal("") }).transform(() => undefined);

/** A list, as the contract has it or bare. */
export function listOf<T extends z.ZodType>(item: T) {
  const items = z.array(item);
  return z
    .union([
      z.object({ items, nextCursor: text }),
      items.transform((all) => ({ items: all, nextCursor: null })),
    ])
    .transform(({ items: all, nextCursor }) => ({ items: all, ...(nextCursor ? { nextCursor } : {}) }));
}

/** Reads a participant of a gateway. */
export const participantSchema = z
  .object({ identity: z.string(), displayName: text, joinedAt: time })
  .transform(
    ({ identity, displayName, joinedAt }): Participant => ({
      identity,
      ...(displayName ? { displayName } : {}),
      joinedAt,
    }),
  );

/** Reads a join token of a gateway. */
export const tokenSchema = z.object({
  token: z.string().regex(/^\S+$/),
  room: text,
  identity: text,
  expiresAt: time,
  serverUrl: text,
  warnings,
});

/** Reads which vendors have a capability. */
export const discoverySchema = z.object({
  vendors: z.array(
    z
      .object({ vendor: z.string(), available: z.boolean(), reason: message })
      .transform(({ reason, ...rest }) => ({ ...rest, ...(reason ? { reason } : {}) })),
  ),
});

/** Accepts any successful answer. */
export const doneSchema = z.unknown();

/** The vendor of an id, known to this version or not. */
export function vendorOf(id: string): string | undefined {
  return /^([a-z][a-z0-9-]*)(?:@[^:@]+)?:./s.exec(id)?.[1];
}

/** The longest timeout of the contract stands for a permanent room. */
function timeoutOf(seconds: number | null | undefined): number | null {
  return seconds === MAX_TIMEOUT ? NEVER : (seconds ?? null);
}

const file = z.object({
  recording: text,
  location: text,
  url: text,
  filename: text,
  sizeBytes: number,
  durationSeconds: number,
  segments: number,
});

/** Reads a recording of a gateway; its room is empty where it is not reported. */
export const recordingSchema = z
  .object({
    recording: z.string().min(1),
    room: text,
    roomSid: text,
    status: z.string().transform(statusOf),
    layout: text,
    audioOnly: z.boolean().nullish().catch(undefined),
    outputUri: text,
    files: z.array(file).nullish().catch(undefined),
    startedAt: time,
    endedAt: time,
    durationSeconds: number,
    error: text,
    endedEarly: z.boolean().nullish().catch(undefined),
    metadata,
    unverified: z.boolean().nullish().catch(undefined),
  })
  .transform(({ recording, room: where, status, files, ...rest }): Recording => {
    const reported = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
    const written = (files ?? []).flatMap((one): RecordedFile[] => {
      const location = one.location ?? one.url ?? one.filename;
      if (!location) return [];
      const sizes = {
        sizeBytes: one.sizeBytes ?? undefined,
        durationSeconds: one.durationSeconds ?? undefined,
        segments: one.segments ?? undefined,
      };
      const known = Object.entries(sizes).filter(([, value]) => value !== undefined);
      return [{ recording: one.recording ?? recording, location, ...Object.fromEntries(known) }];
    });
    return {
      ...{ recording, room: where ?? "", status },
      ...Object.fromEntries(reported),
      ...(written.length > 0 ? { files: written } : {}),
    };
  });

/** Reads the answer for a recording that has expired at the vendor: `{ ok: true }`. */
export const expiredSchema = z.object({ ok: z.literal(true) }).transform(() => undefined);

/** LiveKit's statuses, with or without the prefix of its API. An unknown one counts as active. */
function statusOf(status: string): RecordingStatus {
  const name = status.toLowerCase().replace(/^egress_/, "");
  if (/^(completed|stopped|finished)$/.test(name)) return "complete";
  return STATUSES.find((one) => one === name) ?? "active";
}

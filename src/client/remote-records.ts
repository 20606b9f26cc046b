import { z } from "zod";
import {
  MAX_TIMEOUT,
  NEVER,
  OWNER_KEY,
  type Participant,
  parseRoomId,
  type RecordedFile,
  type Recording,
  type RecordingStatus,
  type Room,
  STATUSES,
} from "../contract";
import type { JsonObject } from "../contract/inputs";

/**
 * What a gateway answers, read leniently: somebody else's may leave out what is not required, add fields, and write
 * times in Unix seconds.
 */

/** RFC 3339 in UTC, from that or from Unix seconds; null where it is neither, or zero. */
const time = z
  .union([z.string(), z.number()])
  .nullish()
  .catch(undefined)
  .transform((value) => {
    if (value === undefined || value === null || value === "" || Number(value) === 0) return null;
    if (typeof value === "string" && /Z$/.test(value) && !Number.isNaN(Date.parse(value))) return value;
    const number = Number(value);
    // Nobody's rooms are of the year 5138: these are milliseconds.
    const moment = Number.isNaN(number) ? Date.parse(String(value)) : number * (number > 1e11 ? 1 : 1_000);
    return Number.isNaN(moment) || Math.abs(moment) > 8.64e15 ? null : new Date(moment).toISOString();
  });

const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .nullish()
  .catch(undefined);
const text = z.string().min(1).nullish().catch(undefined);
const strings = z.array(z.string()).nullish().catch(undefined);

/** An object, also where it is written as a text; null for anything else that is there. */
const metadata = z
  .unknown()
  .transform((value): JsonObject | null | undefined => {
    if (value === undefined) return undefined;
    const parsed = typeof value === "string" ? fromJson(value) : value;
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
  warnings: strings,
});

/** A setting that is not told is not the same as one that is not there. */
const SETTINGS = ["maxParticipants", "emptyTimeoutSeconds", "departureTimeoutSeconds", "metadata"] as const;

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
    const isTold = (value: unknown) => value !== undefined && (value !== null || known.includes(vendor));
    const untold: Room["untold"] = SETTINGS.filter((field) => !isTold(given[field]));
    if (!isTold(given.numParticipants)) untold.push("numParticipants");
    const { [OWNER_KEY]: mark, ...described } = given.metadata ?? {};
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
      owner: given.owner ?? (typeof mark === "string" ? mark : null),
      ...(given.warnings?.length ? { warnings: given.warnings } : {}),
      ...(untold.length > 0 ? { untold } : {}),
    };
  });
}

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

const file = z.object({
  recording: text,
  location: text,
  url: text,
  filename: text,
  sizeBytes: number,
  durationSeconds: number,
});

/** Reads a recording of a gateway; its room is empty where it is not told. */
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
  })
  .transform(({ recording, room: where, status, files, ...rest }): Recording => {
    const told = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
    const written = (files ?? []).flatMap((one): RecordedFile[] => {
      const location = one.location ?? one.url ?? one.filename;
      if (!location) return [];
      const sizes = {
        sizeBytes: one.sizeBytes ?? undefined,
        durationSeconds: one.durationSeconds ?? undefined,
      };
      const known = Object.entries(sizes).filter(([, value]) => value !== undefined);
      return [{ recording: one.recording ?? recording, location, ...Object.fromEntries(known) }];
    });
    return {
      ...{ recording, room: where ?? "", status },
      ...Object.fromEntries(told),
      ...(written.length > 0 ? { files: written } : {}),
    };
  });

/** Reads a person of a gateway. */
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
  token: z.string().min(1),
  room: text,
  identity: text,
  expiresAt: time,
  warnings: strings,
});

/** Reads what vendors can do something. */
export const discoverySchema = z.object({
  vendors: z.array(
    z
      .object({ vendor: z.string(), available: z.boolean(), reason: text })
      .transform(({ reason, ...rest }) => ({ ...rest, ...(reason ? { reason } : {}) })),
  ),
});

/** Takes whatever says that something is done. */
export const doneSchema = z.unknown();

/** Takes the answer for a recording of which nothing is known any more: `{ ok: true }`. */
export const forgottenSchema = z.object({ ok: z.literal(true) }).transform(() => undefined);

/** The vendor that an id begins with, whether this version knows it or not. */
export function vendorOf(id: string): string | undefined {
  return /^([a-z][a-z0-9-]*)(?:@[^:@]+)?:./s.exec(id)?.[1];
}

/** LiveKit's own statuses, also where they are spelt as in its API; what else there may be is taken to go on. */
function statusOf(status: string): RecordingStatus {
  const spelt = status.toLowerCase().replace(/^egress_/, "");
  if (/^(completed|stopped|finished)$/.test(spelt)) return "complete";
  return STATUSES.find((one) => one === spelt) ?? "active";
}

/** A room that is declared to stay was sent with the longest timeout that the contract has. */
function timeoutOf(seconds: number | null | undefined): number | null {
  return seconds === MAX_TIMEOUT ? NEVER : (seconds ?? null);
}

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

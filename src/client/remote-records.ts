import { z } from "zod";
import {
  MAX_TIMEOUT,
  NEVER,
  OWNER_KEY,
  type Participant,
  parseRoomId,
  RECORDED_SETTINGS,
  type Room,
} from "../contract";
import type { JsonObject } from "../contract/json";
import { parseJson } from "../support/json";
import { message, number, text, time, warnings } from "./remote-fields";

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

import { z } from "zod";

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** A JSON object, e.g. a room's metadata. */
export type JsonObject = { [key: string]: Json };

/** Where a room's owner mark lives in its metadata. Reserved: no input may set it, no record shows it. */
export const OWNER_KEY = "$owner";
/** The longest metadata, as JSON in UTF-8. LiveKit refuses more than 64,000; the owner mark takes some of that. */
export const METADATA_BYTES = 60_000;
/** Above this, a token leaves the room's metadata out: 60 KB of it make an 80 KB token. */
export const TOKEN_METADATA_BYTES = 4_096;
/** The largest `emptyTimeoutSeconds`; one more is {@link NEVER}. */
export const MAX_TIMEOUT = 2 ** 32 - 2;
/** The timeout, in seconds, of a room that never closes by itself. */
export const NEVER = 2 ** 32 - 1;

/** The length of a text in UTF-8, as the vendors count it. */
export function bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)], {
    error: "must be a JSON value",
  }),
);

/** The length of a value as JSON; undefined where it cannot be written. */
function jsonBytes(value: unknown): number | undefined {
  try {
    return bytes(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

/** Any JSON object that fits every vendor. */
export const metadata = z
  .record(z.string(), json, { error: "must be an object of JSON values" })
  .refine((value) => !(OWNER_KEY in value), { error: `the key ${OWNER_KEY} is reserved` })
  .refine((value) => jsonBytes(value) !== undefined, { error: "must not refer to itself" })
  .refine((value) => (jsonBytes(value) ?? 0) <= METADATA_BYTES, {
    error: `must not be longer than ${METADATA_BYTES} bytes as JSON`,
  });

const whole = (min: number, max: number) =>
  z
    .int({ error: `must be a whole number from ${min} to ${max}` })
    .min(min, { error: `must be at least ${min}` })
    .max(max, { error: `must be at most ${max}` });

/** A text that is not empty. */
export const text = (what: string, most: number) =>
  z
    .string({ error: "must be a string" })
    .min(1, { error: `${what} must not be empty` })
    .refine((value) => bytes(value) <= most, { error: `${what} must not be longer than ${most} bytes` });

/** Yes or no. */
export const flag = z.boolean({ error: "must be true or false" });

/** The settings of a room that every face shares: resource, client and manifest. */
const settings = {
  /** The vendor to use, instead of the first one that fits. */
  vendor: text("vendor", 64).optional(),
  /** One of the configured deployments. Default: the one without a region. */
  region: text("region", 64).optional(),
  /** The most people at once, 1 or more. Default: unlimited. */
  maxParticipants: whole(1, 2 ** 32 - 1).optional(),
  /** Seconds that an empty room stays, 1 to 2³²−2. */
  emptyTimeoutSeconds: whole(1, MAX_TIMEOUT).optional(),
  /** Any JSON object, at most 60,000 bytes. */
  metadata: metadata.optional(),
  /** Record the room's first session. */
  enableRecording: flag.optional(),
};

/** Rules between fields run also where a field is wrong, so that all problems are told at once. */
export const isObject = ({ value }: { value: unknown }): boolean =>
  typeof value === "object" && value !== null;

/** The room's own recording covers one session: a room that closes and comes back would go on without. */
function recordingFits(
  room: { enableRecording?: boolean | undefined; emptyTimeoutSeconds?: number | undefined },
  context: z.RefinementCtx,
): void {
  if (!room.enableRecording || room.emptyTimeoutSeconds === undefined) return;
  const message = "cannot stand beside emptyTimeoutSeconds: declare an RtcRecording instead";
  context.addIssue({ code: "custom", path: ["enableRecording"], message });
}

/** Input of `room.create`. */
export const roomInput = z
  .strictObject({
    /** The room's name at the vendor; LiveKit: 1 to 256 bytes. */
    name: text("name", 256),
    ...settings,
  })
  .superRefine(recordingFits, { when: isObject });
/** Input of {@link RtcClient.room.create}: see the reference in the README. */
export type RoomInput = z.infer<typeof roomInput>;

/** Inputs of the RtcRoom resource. */
export const roomResourceInput = z
  .strictObject({
    /** The room's name at the vendor. Default: the resource's own name. */
    name: text("name", 256).optional(),
    ...settings,
    /** Take over a room that exists already, whoever made it, if its limits agree. Default false. */
    adopt: flag.optional(),
    /** Replace and delete the room even while people are in it. Default false. */
    forceDestroy: flag.optional(),
  })
  .superRefine(recordingFits, { when: isObject });
/** The inputs of RtcRoom, resolved. */
export type RoomResourceInput = z.infer<typeof roomResourceInput>;

/** Input of `room.list`. */
export const pageInput = z.strictObject({
  /** `nextCursor` of the page before. */
  cursor: z.string({ error: "must be a string" }).optional(),
  /** Rooms a page: 1 to 100, default 50; more is taken as 100. */
  limit: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .transform((limit) => Math.min(limit, 100))
    .default(50),
});
/** Input of {@link RtcClient.room.list}. */
export type PageInput = z.input<typeof pageInput>;

/** Input of `room.update`. */
export const roomUpdateInput = z.strictObject({ metadata });
/** Input of {@link RtcClient.room.update}. */
export type RoomUpdateInput = z.infer<typeof roomUpdateInput>;

const setting = z.number().nullable().default(null);

/** A room as a record of it, of which a token takes the settings. */
const roomRecord = z.object({
  room: text("room", 512),
  maxParticipants: setting,
  emptyTimeoutSeconds: setting,
  departureTimeoutSeconds: setting,
  metadata: z.record(z.string(), json).nullable().default(null),
});

/** Input of `token.issue`. */
export const tokenInput = z.strictObject({
  /** A room's record, its id or its name. */
  room: z.union([text("room", 512), roomRecord], { error: "must be a room, its id or its name" }),
  /** Who joins: 1 to 255 bytes, unique in the room. */
  identity: text("identity", 255),
  /** The name that others see. */
  displayName: z.string({ error: "must be a string" }).optional(),
  /** How long the token can be used to join, in seconds: 1 to 86,400, default 3,600. */
  ttlSeconds: whole(1, 86_400).default(3_600),
  /** Default true. */
  canPublish: flag.default(true),
  /** Default true. */
  canSubscribe: flag.default(true),
  /** Default true. */
  canPublishData: flag.default(true),
  /** May manage the room: kick, mute, change metadata. Default false. */
  isAdmin: flag.default(false),
  /** The vendor, where the room is a bare name. */
  vendor: text("vendor", 64).optional(),
  /** The participant's own metadata. */
  metadata: metadata.optional(),
});

/** Input of `participant.kick`. */
export const kickInput = z.strictObject({
  /** A room id (`livekit:standup`) or a bare name. */
  room: text("room", 512),
  /** Who is to leave. */
  identity: text("identity", 255),
});
/** Input of {@link RtcClient.participant.kick}. */
export type KickInput = z.infer<typeof kickInput>;

import { z } from "zod";
import { jsonProblems } from "./bounds";
import { CAPABILITIES } from "./capabilities";
import type {
  JsonObject,
  KickInput,
  PageInput,
  RoomFields,
  RoomInput,
  RoomResourceInput,
  RoomUpdateInput,
  RouteRequest,
  TokenFields,
} from "./inputs";

/**
 * How each input is checked. What a field means and defaults to is said in `inputs`; the compiler sees to it that no
 * field is left out here.
 */

/** A schema for every field. */
export type Shape<T> = { [K in keyof T]-?: z.ZodType<T[K]> };

/** Where a room's ownership tag lives in its metadata. Reserved: no input may set it, no record shows it. */
export const OWNER_KEY = "$owner";
/** The longest metadata, as JSON in UTF-8. LiveKit refuses more than 64,000; the ownership tag takes some of that. */
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

/**
 * An object of JSON. It is checked in one pass that ends at the first excess: a recursive schema takes time without end.
 *
 * @param rule what else is wrong with one
 */
const jsonObject = (rule: (value: JsonObject) => string | undefined = () => undefined) =>
  z
    .custom<JsonObject>()
    .superRefine((value, context) => {
      const isObject = z.core.util.isPlainObject(value);
      const problems = isObject
        ? jsonProblems(value)
        : [{ path: [], message: "must be an object of JSON values" }];
      const message = problems.length === 0 ? rule(value) : undefined;
      for (const one of message === undefined ? problems : [{ path: [], message }])
        context.addIssue({ code: "custom", ...one });
    })
    .meta({ type: "object" });

/** Any JSON object that fits every vendor. */
export const metadata = jsonObject((value) => {
  if (OWNER_KEY in value) return `the key ${OWNER_KEY} is reserved`;
  return bytes(JSON.stringify(value)) > METADATA_BYTES
    ? `must not be longer than ${METADATA_BYTES} bytes as JSON`
    : undefined;
});

const whole = (min: number, max: number) =>
  z
    .int({ error: `must be a whole number from ${min} to ${max}` })
    .min(min, { error: `must be at least ${min}` })
    .max(max, { error: `must be at most ${max}` });

/** A text that is not empty. */
export const text = (what: string, most: number) =>
  z
    .string({ error: ({ input }) => (input === undefined ? "is missing" : "must be a string") })
    .min(1, { error: `${what} must not be empty` })
    // Half a character (JSON can write it) is no text that a vendor could be sent.
    .refine((value) => !/\p{Surrogate}/u.test(value), { error: `${what} must be whole characters` })
    .refine((value) => bytes(value) <= most, { error: `${what} must not be longer than ${most} bytes` });

/** Yes or no. */
export const flag = z.boolean({ error: "must be true or false" });

const settings = {
  vendor: text("vendor", 64).optional(),
  region: text("region", 64).optional(),
  maxParticipants: whole(1, 2 ** 32 - 1).optional(),
  emptyTimeoutSeconds: whole(1, MAX_TIMEOUT).optional(),
  metadata: metadata.optional(),
  enableRecording: flag.optional(),
} satisfies Shape<RoomFields>;

/** Says what a value must be that is no object; unknown keys are told one by one. */
export const noObject = {
  error: (issue: { code?: string }) => (issue.code === "invalid_type" ? "must be an object" : undefined),
};

/** Rules between fields run also where a field is wrong, so that all problems are told at once. */
export const isObject = ({ value }: { value: unknown }): boolean =>
  typeof value === "object" && value !== null;

/** The room's own recording covers one session: a room that closes and comes back would go on without. */
function recordingFits(room: RoomFields, context: z.RefinementCtx): void {
  if (!room.enableRecording || room.emptyTimeoutSeconds === undefined) return;
  const message = "cannot stand beside emptyTimeoutSeconds: declare an RtcRecording instead";
  context.addIssue({ code: "custom", path: ["enableRecording"], message });
}

/** Checks the input of `room.create`. */
export const roomInput = z
  .strictObject({ ...settings, name: text("name", 256) } satisfies Shape<RoomInput>, noObject)
  .superRefine(recordingFits, { when: isObject });

/** Checks the inputs of the RtcRoom resource. */
export const roomResourceInput = z
  .strictObject(
    {
      name: text("name", 256).optional(),
      ...settings,
      adopt: flag.optional(),
      forceDestroy: flag.optional(),
    } satisfies Shape<RoomResourceInput>,
    noObject,
  )
  .superRefine(recordingFits, { when: isObject });

/** Checks the input of `room.list`. */
export const pageInput = z.strictObject({
  cursor: z.string({ error: "must be a string" }).optional(),
  limit: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be at least 1" })
    .transform((limit) => Math.min(limit, 100))
    .default(50),
} satisfies Shape<PageInput>);

/** Checks the input of `room.update`. */
export const roomUpdateInput = z.strictObject({ metadata } satisfies Shape<RoomUpdateInput>);

const setting = z.number().nullable().default(null);

/** A room as a record of it, of which a token takes the settings. */
export const roomSettings = z.object({
  room: text("room", 512),
  maxParticipants: setting,
  emptyTimeoutSeconds: setting,
  departureTimeoutSeconds: setting,
  // No record shows the ownership tag, and a token with it would make another owner's room look like ours.
  metadata: jsonObject()
    .transform(({ [OWNER_KEY]: _, ...rest }) => rest)
    .nullable()
    .default(null),
});

/** Checks the input of `token.issue`. */
export const tokenInput = z.strictObject({
  room: z.union([text("room", 512), roomSettings], { error: "must be a room, its id or its name" }),
  identity: text("identity", 255),
  displayName: z.string({ error: "must be a string" }).optional(),
  ttlSeconds: whole(1, 86_400).default(3_600),
  canPublish: flag.default(true),
  canSubscribe: flag.default(true),
  canPublishData: flag.default(true),
  isAdmin: flag.default(false),
  vendor: text("vendor", 64).optional(),
  metadata: metadata.optional(),
} satisfies Shape<TokenFields & { room: unknown }>);

/** Checks the input of `participant.kick`. */
export const kickInput = z.strictObject({
  room: text("room", 512),
  identity: text("identity", 255),
  vendor: text("vendor", 64).optional(),
} satisfies Shape<KickInput>);

/** Checks the name of a capability. */
export const capability = z.enum(CAPABILITIES, {
  error: `is not known: there is ${CAPABILITIES.join(", ")}`,
});

/** Checks the input of `explainRoute`. */
export const routeInput = z.strictObject({
  needs: z.array(capability, { error: "must be a list of capabilities" }),
  vendor: text("vendor", 64).optional(),
  region: text("region", 64).nullish(),
  name: text("name", 256).optional(),
  settings: z.strictObject(settings).optional(),
} satisfies Shape<RouteRequest>);

import { z } from "zod";
import { CAPABILITIES } from "./capabilities";
import {
  about,
  adding,
  flag,
  isObject,
  jsonObject,
  MAX_TIMEOUT,
  metadata,
  noObject,
  OWNER_KEY,
  text,
  whole,
  wholeText,
} from "./fields";
import { isUnique, parseOutputUri } from "./output-uri";
import { LAYOUTS } from "./recordings";
import { roomRecord } from "./records";

/**
 * Every input, declared once: how it is checked, and its description. The types (`./types`), the arguments of the
 * resources, the JSON Schema of the manifest and the OpenAPI document come from here.
 */

const vendorOf = (what: string) => about(text("vendor", 64).optional(), what);

/** What is the room itself: another value is another room. */
const identity = {
  vendor: vendorOf(
    "The explicit vendor. Default: the first in the configured order that fits, where the room then stays; a gateway chooses it itself.",
  ),
  region: about(
    text("region", 64).optional(),
    "One of the configured deployments, or the host of a vendor's API that is asked. Default: the one without a region.",
  ),
};

const limits = {
  maxParticipants: about(
    whole(1, 2 ** 32 - 1).optional(),
    "The most participants at once, 1 or more; agents and recorders do not count. Default: unlimited. A warning says so where the vendor does not enforce it.",
  ),
  emptyTimeoutSeconds: about(
    whole(1, MAX_TIMEOUT).optional(),
    "How long the empty room stays, in seconds: before the first join and after the last departure, 1 to 4,294,967,294. A room that has closed comes back with the next join.",
  ),
};

const roomMetadata = about(
  metadata.optional(),
  "The room's metadata: a JSON object of at most 60,000 bytes, 64 levels and 10,000 values, without the keys `$owner` and `__proto__` and without control characters in keys.",
);

const roomRecording = about(
  flag.optional(),
  "Record the room's first session with the vendor's automatic recording, to `rtc:recordingOutput`. Rejected beside `emptyTimeoutSeconds`. Default false.",
);

/** The settings of a room, wherever one is created or declared. */
export const roomFields = {
  ...identity,
  ...limits,
  metadata: roomMetadata,
  enableRecording: roomRecording,
};

/** The room's own recording covers one session: a room that closes and comes back would go on without. */
function recordingFits(
  room: { enableRecording?: boolean | undefined; emptyTimeoutSeconds?: number | undefined },
  context: z.RefinementCtx,
): void {
  if (!room.enableRecording || room.emptyTimeoutSeconds === undefined) return;
  const message = "cannot stand beside emptyTimeoutSeconds: declare an RtcRecording instead";
  context.addIssue({ code: "custom", path: ["enableRecording"], message });
}

const roomName = about(
  text("name", 256),
  "The room's name at the vendor: 1 to 63 of `A-Za-z0-9_-` fit every vendor.",
);

/** Input of `room.create`. */
export const roomInput = z
  .strictObject({ ...roomFields, name: roomName }, noObject)
  .superRefine(recordingFits, { when: isObject });

/** Inputs of the RtcRoom resource. */
export const roomResourceInput = z
  .strictObject(
    {
      ...adding("A change replaces the room.", {
        name: about(roomName.optional(), `${roomName.description} Default: the resource's own name.`),
        ...identity,
        maxParticipants: limits.maxParticipants,
        emptyTimeoutSeconds: about(
          limits.emptyTimeoutSeconds,
          `${limits.emptyTimeoutSeconds.description} Default: the room stays until it is destroyed.`,
        ),
        enableRecording: roomRecording,
      }),
      metadata: about(
        roomMetadata,
        `${roomMetadata.description} Left out, it is not managed. Changes in place.`,
      ),
      adopt: about(
        flag.optional(),
        "Adopt a room that exists already, whoever created it, if its limits agree. Its timeouts stay. Default false.",
      ),
      forceDestroy: about(
        flag.optional(),
        "Replace or delete the room even while participants are in it; a room on demand is closed then. Default false.",
      ),
    },
    noObject,
  )
  .superRefine(recordingFits, { when: isObject });

/** Input of `room.list`. */
export const pageInput = z.strictObject({
  cursor: about(wholeText.optional(), "`nextCursor` of the page before."),
  limit: about(
    z
      .int({ error: "must be a whole number" })
      .min(1, { error: "must be at least 1" })
      .transform((limit) => Math.min(limit, 100))
      .prefault(50),
    "Rooms per page: 1 to 100, default 50; more is taken as 100.",
  ),
});

/** Input of `room.update`. */
export const roomUpdateInput = z.strictObject({
  metadata: about(metadata, "The room's whole metadata. The ownership tag is kept."),
});

const settingOf = (field: "maxParticipants" | "emptyTimeoutSeconds" | "departureTimeoutSeconds") =>
  about(z.number().nullable().default(null), roomRecord.shape[field].description ?? "");

/** A room as a record of it, of which a token takes the settings. */
export const roomSettings = z.object({
  room: about(text("room", 512), roomRecord.shape.room.description ?? ""),
  maxParticipants: settingOf("maxParticipants"),
  emptyTimeoutSeconds: settingOf("emptyTimeoutSeconds"),
  departureTimeoutSeconds: settingOf("departureTimeoutSeconds"),
  // No record holds the ownership tag, and a token with it would make another owner's room pass for ours.
  metadata: about(
    jsonObject()
      .transform(({ [OWNER_KEY]: _, ...rest }) => rest)
      .nullable()
      .default(null),
    roomRecord.shape.metadata.description ?? "",
  ),
});

const vendorOfName = vendorOf("The vendor, where the room is a bare name.");

/** What `token.issue` takes beside the room. */
const tokenFields = {
  identity: about(text("identity", 255), "Who joins: 1 to 255 bytes, unique in the room."),
  displayName: about(wholeText.optional(), "The name that others see."),
  ttlSeconds: about(
    whole(1, 86_400).default(3_600),
    "How long the token can be used to join, in seconds: 1 to 86,400, default 3,600.",
  ),
  canPublish: about(flag.default(true), "May publish audio and video. Default true."),
  canSubscribe: about(flag.default(true), "May receive what others publish. Default true."),
  canPublishData: about(flag.default(true), "May publish data messages. Default true."),
  isAdmin: about(flag.default(false), "May manage the room: kick, mute, change metadata. Default false."),
  vendor: vendorOfName,
  metadata: about(metadata.optional(), "The participant's own metadata."),
};

/** Input of `token.issue`. */
export const tokenInput = z.strictObject({
  room: about(
    z.union([text("room", 512), roomSettings], { error: "must be a room, its id or its name" }),
    "A room as `room.create` or `room.get` returned it, its id, or its name. Only a token from a record carries the room's settings, with which the server creates the room again when it is gone.",
  ),
  ...tokenFields,
});

const roomOrName = about(text("room", 512), "A room id (`vendor:name`) or a bare name.");

/** Input of `participant.kick`. */
export const kickInput = z.strictObject({
  room: roomOrName,
  identity: about(text("identity", 255), "Who is to leave."),
  vendor: vendorOfName,
});

/** The name of a capability. */
export const capability = z.enum(CAPABILITIES, {
  error: `is not known: there is ${CAPABILITIES.join(", ")}`,
});

/** Input of `explainRoute`: which vendor a request goes to. */
export const routeInput = z.strictObject({
  needs: about(
    z.array(capability, { error: "must be a list of capabilities" }).readonly(),
    "What the vendor must be able to do.",
  ),
  vendor: vendorOf("The explicit vendor: this one or none."),
  region: about(text("region", 64).nullish(), "The region that it must have."),
  name: about(text("name", 256).optional(), "A room name that the vendor must be able to carry."),
  settings: about(
    z.strictObject(roomFields).optional(),
    "Settings that a room of the vendor must be able to have.",
  ),
  recording: about(
    z
      .strictObject({ layout: z.string(), audioOnly: z.boolean(), outputUri: z.string() })
      .partial()
      .optional(),
    "Settings that a recording of the vendor must be able to have.",
  ),
});

const output = text("outputUri", 4_096).superRefine((uri, context) => {
  const problem = parseOutputUri(uri, true);
  if (typeof problem === "string") context.addIssue({ code: "custom", message: problem });
});

const layout = about(
  z.enum(LAYOUTS, { error: `must be one of ${LAYOUTS.join(", ")}` }),
  "`grid`, `speaker` or `single-speaker`, each also `-light` and `-dark`. Audio alone has no layout.",
);
const recordingVendor = vendorOf("The room's vendor.");
const recordingLayout = about(layout.optional(), `${layout.description} Default \`grid\`.`);
const recordingMetadata = about(
  metadata.optional(),
  "A JSON object with the limits of a room's. No vendor has a place for it: a resource keeps it in state, our gateway in its store.",
);

/** What only another recording changes. */
const recordingTarget = {
  audioOnly: about(flag.optional(), "Record audio only. Default false."),
  outputUri: about(
    output.optional(),
    "`s3://bucket/path`, `gs://bucket/path`, `azblob://container@account/path`, or a path on the egress host. The extension picks mp4, ogg, mp3 or HLS (`.m3u8`); without one, `.ogg` for audio and `.mp4` else, named after room and time. Default: `rtc:recordingOutput`.",
  ),
};

/** An .ogg or .mp3 that is not audio only. It runs beside wrong fields, which report their own problems. */
function audioFits(
  { outputUri, audioOnly }: { outputUri?: string | undefined; audioOnly?: boolean | undefined },
  context: z.RefinementCtx,
): void {
  if (typeof outputUri !== "string" || audioOnly) return;
  if (typeof parseOutputUri(outputUri, true) === "string") return;
  const problem = parseOutputUri(outputUri, false);
  if (typeof problem === "string")
    context.addIssue({ code: "custom", path: ["outputUri"], message: problem });
}

/** A restart that would overwrite what was recorded before. It runs beside wrong fields, as above. */
function restartFits(
  {
    outputUri,
    audioOnly = false,
    restartPolicy = "never",
  }: { outputUri?: string | undefined; audioOnly?: boolean | undefined; restartPolicy?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (typeof outputUri !== "string" || restartPolicy === "never" || isUnique(outputUri, audioOnly)) return;
  const message =
    "each restart would overwrite the file before: end it with / for a folder, or put {time} into it";
  context.addIssue({ code: "custom", path: ["outputUri"], message });
}

/** Input of `recording.start`. */
export const recordingInput = z
  .strictObject(
    {
      layout: recordingLayout,
      ...recordingTarget,
      vendor: recordingVendor,
      metadata: recordingMetadata,
      room: roomOrName,
    },
    noObject,
  )
  .superRefine(audioFits, { when: isObject });

const recordingDeclaration = {
  ...adding(
    "A change replaces the recording, or changes it in place where the vendor's recorder follows it: see [layout](operating.md#layout).",
    { layout: recordingLayout },
  ),
  ...adding("Changes in place.", {
    metadata: recordingMetadata,
    restartPolicy: about(
      z.enum(["never", "onFailure", "always"], { error: "must be never, onFailure or always" }).optional(),
      "When to start another after this one has ended: `never` (default), `onFailure` or `always`.",
    ),
    forceDestroy: about(
      flag.optional(),
      "Delete or replace it even while participants are in the room. Default false.",
    ),
  }),
  ...adding("A change replaces the recording.", { ...recordingTarget, vendor: recordingVendor }),
};

/** Inputs of the RtcRecording resource. */
export const recordingResourceInput = z
  .strictObject(
    {
      room: about(text("room", 512), `${roomOrName.description} A change replaces the recording.`),
      roomSid: about(
        text("roomSid", 512).optional(),
        "The generation of the room: taken from an `RtcRoom`, and not to be set.",
      ),
      ...recordingDeclaration,
    },
    noObject,
  )
  .superRefine(audioFits, { when: isObject })
  .superRefine(restartFits, { when: isObject });

/** A recording of a manifest. */
export const recordingManifestInput = z
  .strictObject(
    {
      room: about(text("room", 256), "One of the manifest's rooms, by its resource name."),
      ...recordingDeclaration,
    },
    noObject,
  )
  .superRefine(audioFits, { when: isObject })
  .superRefine(restartFits, { when: isObject });

/** Input of `recording.update`. */
export const recordingUpdateInput = z.strictObject({ layout });

/** Input of `recording.list`. */
export const recordingListInput = z.strictObject({
  room: about(text("room", 512).optional(), "A room id or name; all rooms without it."),
  active: about(flag.default(false), "Only recordings that have not ended. Default false."),
});

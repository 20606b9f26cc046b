import { z } from "zod";
import { CAPABILITIES } from "./capabilities";
import { about, text } from "./fields";
import type { JsonObject } from "./json";
import { STATUSES } from "./recordings";

/** Every record, declared once: what a vendor or a gateway reports. What is not known is null. */

const count = (description: string) => about(z.int().nullable(), description);
const words = (description: string) => about(z.string().nullable(), description);
const time = (description: string) => about(z.iso.datetime(), `${description} RFC 3339, UTC.`);
const timeIfKnown = (description: string) =>
  about(time(description).optional(), `${description} RFC 3339, UTC.`);
const object: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** A room as a vendor shows it. */
export const roomRecord = z.object({
  room: about(text("room", 512), "The room id: `vendor:name`, with a region `vendor@region:name`."),
  name: about(z.string(), "The room's name at the vendor."),
  vendor: about(z.string(), "The vendor that the room is at."),
  state: about(
    z.enum(["open", "pending"]),
    "`open`: exists at the vendor. `pending`: comes into being at the next join.",
  ),
  maxParticipants: count("The most participants at once; null: unlimited or unknown."),
  emptyTimeoutSeconds: count(
    "How long the room stays until a participant joins, in seconds; 2³²−1: it does not close by itself.",
  ),
  departureTimeoutSeconds: count(
    "How long the room stays after the last departure, in seconds; 2³²−1: it does not close by itself.",
  ),
  numParticipants: count(
    "Participants now; egress and agents do not count. In a list it may lag by 5 seconds.",
  ),
  metadata: about(
    object.nullable(),
    "The room's metadata without the ownership tag; null: unknown, no JSON object, or one that would not come back the same.",
  ),
  region: words("The region that the room was asked for."),
  createdAt: about(z.iso.datetime().nullable(), "When this generation was created: RFC 3339, UTC."),
  sid: words("The vendor's own id of this generation of the room."),
  endpoint: words("The deployment, e.g. `https://rtc.example.com`."),
  owner: words("The ownership tag of the resource that declared the room."),
  warnings: about(
    z.array(z.string()).optional(),
    "In the answer of `room.create`: what of the settings the vendor does not enforce or keep. In that of `room.get`: participants who are listed and not there.",
  ),
});

/** The settings of a room that a gateway stores for it. */
export const storedSettings = roomRecord.pick({
  ...{ maxParticipants: true, emptyTimeoutSeconds: true, departureTimeoutSeconds: true, metadata: true },
});

/** A participant in a room. */
export const participantRecord = z.object({
  identity: about(z.string(), "Who it is, unique in the room."),
  displayName: about(z.string().optional(), "The name that others see."),
  joinedAt: about(z.iso.datetime().nullable(), "RFC 3339, UTC; null where the vendor does not report it."),
});

/** A join token. */
export const tokenRecord = z.object({
  token: about(z.string(), "The token: a secret for the participant, not to be stored."),
  room: about(z.string(), "The room id."),
  identity: about(z.string(), "Who joins with it."),
  expiresAt: time("When it can no longer be used to join:"),
  serverUrl: about(
    z.string().optional(),
    "The address that a participant connects to, e.g. `wss://rtc.example.com`; absent where the vendor's SDK has it.",
  ),
  warnings: about(z.array(z.string()).optional(), "What the token could not carry, or does not do."),
});

/** A finished file of a recording. */
export const fileRecord = z.object({
  recording: about(z.string(), "The recording that wrote it: a restart has another id."),
  location: about(z.string(), "Where it is, as the recorder reports it."),
  sizeBytes: about(z.int().optional(), "Its size in bytes."),
  durationSeconds: about(z.number().optional(), "Its length in seconds."),
  segments: about(z.int().optional(), "Of a playlist: how many segments it lists."),
});

/** A recording as a vendor shows it. */
export const recordingRecord = z.object({
  recording: about(z.string(), "The recording id: `vendor:` and the vendor's own id."),
  room: about(z.string(), "The room id."),
  roomSid: about(z.string().optional(), "The generation of the room that is, or was, recorded."),
  status: about(
    z.enum(STATUSES),
    "`starting` (accepted, until the first track is published), `active`, `ending`, `complete`, `failed`, `aborted` (ended before it began) or `limit_reached`.",
  ),
  layout: about(z.string().optional(), "How the picture is laid out."),
  audioOnly: about(z.boolean().optional(), "Whether only audio is recorded."),
  outputUri: about(z.string().optional(), "Where it goes, without credentials."),
  files: about(z.array(fileRecord).optional(), "Finished files only."),
  startedAt: timeIfKnown("When it started:"),
  endedAt: timeIfKnown("When it ended:"),
  durationSeconds: about(z.number().optional(), "Its length in seconds."),
  error: about(z.string().optional(), "Why it failed, or ended before its time."),
  endedEarly: about(
    z.boolean().optional(),
    "The vendor ended it before its room closed, without a stop: `restartPolicy` `onFailure` restarts it. True or absent.",
  ),
  metadata: about(object.optional(), "What it was started with, where a gateway keeps that: no vendor does."),
  unverified: about(
    z.boolean().optional(),
    "From a gateway only: the vendor no longer has it, so this is the gateway's last observation. True or absent.",
  ),
});

/** Which vendors can do something, with a configuration. */
export const discoveryRecord = z.object({
  capability: about(z.enum(CAPABILITIES), "What was asked for."),
  vendors: about(
    z.array(z.object({ vendor: z.string(), available: z.boolean(), reason: z.string().optional() })),
    "Every vendor, in the configured order; without a reason where it is available.",
  ),
});

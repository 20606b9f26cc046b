import { z } from "zod";
import { CAPABILITIES } from "./capabilities";
import { type Shape, text } from "./fields";
import { type RecordedFile, type Recording, STATUSES } from "./recordings";
import type { AccessToken, Discovery, Participant, Room } from "./records";

/**
 * What each record is made of, as a gateway documents it. What a field means is said in `records` and `recordings`;
 * the compiler sees to it that no field is left out here.
 */

const number = z.int().nullable();
const words = z.string().nullable();
const time = z.iso.datetime();
const warnings = z.array(z.string()).optional();

/** A room. */
export const roomFields = z.object({
  room: text("room", 512),
  name: z.string(),
  vendor: z.string(),
  state: z.enum(["open", "pending"]),
  maxParticipants: number,
  emptyTimeoutSeconds: number,
  departureTimeoutSeconds: number,
  numParticipants: number,
  metadata: z.record(z.string(), z.json()).nullable(),
  region: words,
  createdAt: time.nullable(),
  sid: words,
  endpoint: words,
  owner: words,
  warnings,
} satisfies Shape<Omit<Room, "untold">>);

/** A person in a room. */
export const participantFields = z.object({
  identity: z.string(),
  displayName: z.string().optional(),
  joinedAt: time.nullable(),
} satisfies Shape<Participant>);

/** A join token. */
export const tokenFields = z.object({
  token: z.string(),
  room: z.string(),
  identity: z.string(),
  expiresAt: time,
  warnings,
} satisfies Shape<AccessToken>);

/** A finished file of a recording. */
export const fileFields = z.object({
  recording: z.string(),
  location: z.string(),
  sizeBytes: z.int().optional(),
  durationSeconds: z.number().optional(),
} satisfies Shape<RecordedFile>);

/** A recording. */
export const recordingFields = z.object({
  recording: z.string(),
  room: z.string(),
  roomSid: z.string().optional(),
  status: z.enum(STATUSES),
  layout: z.string().optional(),
  audioOnly: z.boolean().optional(),
  outputUri: z.string().optional(),
  files: z.array(fileFields).optional(),
  startedAt: time.optional(),
  endedAt: time.optional(),
  durationSeconds: z.number().optional(),
  error: z.string().optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  unverified: z.boolean().optional(),
} satisfies Shape<Recording>);

/** Which vendors can do something. */
export const discoveryFields = z.object({
  capability: z.enum(CAPABILITIES),
  vendors: z.array(
    z.object({ vendor: z.string(), available: z.boolean(), reason: z.string().optional() } satisfies Shape<
      Discovery["vendors"][number]
    >),
  ),
} satisfies Shape<Discovery>);

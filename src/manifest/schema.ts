import { z } from "zod";
import {
  about,
  DEFAULT_LAYOUT,
  flag,
  noObject,
  outputKey,
  recordingManifestInput,
  roomResourceInput,
  whole,
} from "../contract";
import type { RecordingManifestInput, RoomResourceInput } from "../contract/types";

/** The most rooms of one series. */
const MOST_IN_SERIES = 10_000;

const protect = about(flag.optional(), "Reject its deletion until this is taken away. Default false.");
const records = <T extends z.ZodType>(schema: T, what: string) =>
  z.record(z.string(), schema, { error: `must be an object of ${what} by name` });

/** A room: the inputs of the resource, and the manifest's options. */
export const roomSchema = roomResourceInput.safeExtend({
  protect,
  count: about(
    whole(1, MOST_IN_SERIES).optional(),
    "A numbered series, `name-1` to `name-<count>`, instead of one room.",
  ),
});

/** A recording; for a series of rooms, one of each. */
export const recordingSchema = recordingManifestInput.safeExtend({
  protect,
});

const { name: _name, count: _count, ...roomDefaults } = roomSchema.shape;
const { room: _room, ...recordingDefaults } = recordingSchema.shape;

/** A manifest: `rtc.yaml`, with its overlay merged. */
export const manifestSchema = z.strictObject(
  {
    apiVersion: z.literal("rtc/v1", {
      error: ({ input }) => (input === undefined ? "is missing: write apiVersion: rtc/v1" : "must be rtc/v1"),
    }),
    project: about(
      z.string({ error: "must be the name of the Pulumi project" }).regex(/^[A-Za-z0-9_.-]{1,100}$/, {
        error: "must be 1 to 100 letters, digits, dots, hyphens and underscores, as Pulumi requires",
      }),
      "The name of the Pulumi project, which decides the ownership of its rooms.",
    ),
    defaults: about(
      z
        .strictObject(
          {
            rooms: z.strictObject(roomDefaults, noObject).optional(),
            recordings: z.strictObject(recordingDefaults, noObject).optional(),
          },
          noObject,
        )
        .nullable()
        .default({}),
      "What every room and every recording has that does not say otherwise.",
    ),
    rooms: about(records(roomSchema.nullable(), "rooms").nullable().default({}), "By resource name."),
    recordings: about(
      records(recordingSchema, "recordings").nullable().default({}),
      "By resource name; `room` names one of the rooms above.",
    ),
  },
  {
    error: (issue) =>
      issue.code === "invalid_type" ? "must be an object with apiVersion, project and rooms" : undefined,
  },
);

/** Resource options of a declaration. */
interface Declaration {
  /** Reject its deletion until this is removed. */
  protect?: boolean | undefined;
}

/** A room as a manifest declares it. */
export type DeclaredRoom = RoomResourceInput & Declaration;
/** A recording as a manifest declares it. */
export type DeclaredRecording = RecordingManifestInput & Declaration;

/** The declarations of a manifest. */
export interface Manifest {
  project: string;
  /** By resource name. */
  rooms: Record<string, DeclaredRoom>;
  /** By resource name; each of a room above. */
  recordings: Record<string, DeclaredRecording>;
}

/** The key by which a stack's rooms are compared: two of the same key are one room at the vendor. */
export function roomKey(resource: string, { name = resource, vendor, region }: DeclaredRoom): string {
  return JSON.stringify(["room", vendor, region, name]);
}

/** The key by which a stack's recordings are compared: two of the same key write the same file. */
export function recordingKey({
  room,
  layout = DEFAULT_LAYOUT,
  audioOnly = false,
  outputUri = "",
}: DeclaredRecording): string {
  const composition = audioOnly ? null : layout;
  return JSON.stringify(["recording", room, composition, audioOnly, outputKey(outputUri, audioOnly)]);
}

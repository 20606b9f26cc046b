import { z } from "zod";
import { noObject, recordingManifestInput, roomResourceInput } from "../contract";

/** The most rooms of one series. */
const MOST_IN_SERIES = 10_000;

const protect = z.boolean({ error: "must be true or false" }).optional();
const records = <T extends z.ZodType>(schema: T, what: string) =>
  z.record(z.string(), schema, { error: `must be an object of ${what} by name` });

/** A room: the inputs of the resource, and how the manifest declares it. */
export const roomSchema = roomResourceInput.safeExtend({
  /** Refuse to delete it until this is taken away. Default false. */
  protect,
  /** A numbered series, `name-1` to `name-<count>`, instead of one. */
  count: z
    .int({ error: `must be a whole number from 1 to ${MOST_IN_SERIES}` })
    .min(1, { error: "must be at least 1" })
    .max(MOST_IN_SERIES, { error: `must be at most ${MOST_IN_SERIES}` })
    .optional(),
});

/** A recording; of a series of rooms, one of each. */
export const recordingSchema = recordingManifestInput.safeExtend({
  /** Refuse to delete it until this is taken away. Default false. */
  protect,
});

const { name: _name, count: _count, ...roomDefaults } = roomSchema.shape;
const { room: _room, ...recordingDefaults } = recordingSchema.shape;

/** A manifest: `rtc.yaml`, with its overlay laid over it. */
export const manifestSchema = z.strictObject(
  {
    apiVersion: z.literal("rtc/v1", { error: "must be rtc/v1" }),
    /** The name of the Pulumi project, which decides whose rooms they are. */
    project: z
      .string({ error: "must be the name of the Pulumi project" })
      .min(1, { error: "must not be empty" }),
    /** What every room and every recording has that does not say otherwise. */
    defaults: z
      .strictObject(
        {
          rooms: z.strictObject(roomDefaults, noObject).optional(),
          recordings: z.strictObject(recordingDefaults, noObject).optional(),
        },
        noObject,
      )
      .nullable()
      .default({}),
    /** By resource name. */
    rooms: records(roomSchema.nullable(), "rooms").nullable().default({}),
    /** By resource name; `room` names one of the rooms above. */
    recordings: records(recordingSchema, "recordings").nullable().default({}),
  },
  {
    error: (issue) =>
      issue.code === "invalid_type" ? "must be an object with apiVersion, project and rooms" : undefined,
  },
);

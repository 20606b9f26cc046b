import { z } from "zod";
import { about, flag, noObject, recordingManifestInput, roomResourceInput, whole } from "../contract";

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
    apiVersion: z.literal("rtc/v1", { error: "must be rtc/v1" }),
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

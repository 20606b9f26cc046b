import { z } from "zod";
import { recordingManifestInput, roomResourceInput } from "../contract";

const later = z.undefined({ error: "is not supported in this version" });

/** A manifest: `rtc.yaml`. */
export const manifestSchema = z.strictObject(
  {
    apiVersion: z.literal("rtc/v1", { error: "must be rtc/v1" }),
    /** The name of the Pulumi project, which decides whose rooms they are. */
    project: z
      .string({ error: "must be the name of the Pulumi project" })
      .min(1, { error: "must not be empty" }),
    /** By resource name. */
    rooms: z
      .record(z.string(), roomResourceInput.nullable(), { error: "must be an object of rooms by name" })
      .nullable()
      .default({}),
    /** By resource name; `room` names one of the rooms above. */
    recordings: z
      .record(z.string(), recordingManifestInput, { error: "must be an object of recordings by name" })
      .nullable()
      .default({}),
    defaults: later.optional(),
  },
  {
    error: (issue) =>
      issue.code === "invalid_type" ? "must be an object with apiVersion, project and rooms" : undefined,
  },
);

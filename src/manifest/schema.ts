import { z } from "zod";
import { roomResourceInput } from "../contract";

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
    recordings: later.optional(),
    defaults: later.optional(),
  },
  {
    error: (issue) =>
      issue.code === "invalid_type" ? "must be an object with apiVersion, project and rooms" : undefined,
  },
);

import { z } from "zod";
import { flag, isObject, metadata, noObject, type Shape, text } from "./fields";
import type {
  RecordingFields,
  RecordingInput,
  RecordingListInput,
  RecordingManifestInput,
  RecordingResourceInput,
  RecordingUpdateInput,
} from "./inputs";
import { parseOutputUri } from "./output-uri";
import { LAYOUTS } from "./recordings";

const output = text("outputUri", 4_096).superRefine((uri, context) => {
  const problem = parseOutputUri(uri, true);
  if (typeof problem === "string") context.addIssue({ code: "custom", message: problem });
});

const layout = z.enum(LAYOUTS, { error: `must be one of ${LAYOUTS.join(", ")}` });

const settings = {
  layout: layout.optional(),
  audioOnly: flag.optional(),
  outputUri: output.optional(),
  vendor: text("vendor", 64).optional(),
  metadata: metadata.optional(),
} satisfies Shape<RecordingFields>;

/** An .ogg or .mp3 that is not audio only. It runs beside wrong fields, which tell what is wrong with them themselves. */
function audioFits({ outputUri, audioOnly }: RecordingFields, context: z.RefinementCtx): void {
  if (typeof outputUri !== "string" || audioOnly) return;
  if (typeof parseOutputUri(outputUri, true) === "string") return;
  const problem = parseOutputUri(outputUri, false);
  if (typeof problem === "string")
    context.addIssue({ code: "custom", path: ["outputUri"], message: problem });
}

/** Checks the input of `recording.start`. */
export const recordingInput = z
  .strictObject({ ...settings, room: text("room", 512) } satisfies Shape<RecordingInput>, noObject)
  .superRefine(audioFits, { when: isObject });
const declaration = {
  ...settings,
  restartPolicy: z
    .enum(["never", "onFailure", "always"], { error: "must be never, onFailure or always" })
    .optional(),
  forceDestroy: flag.optional(),
};

/** Checks the inputs of the RtcRecording resource. */
export const recordingResourceInput = z
  .strictObject(
    {
      room: text("room", 512),
      roomSid: text("roomSid", 512).optional(),
      ...declaration,
    } satisfies Shape<RecordingResourceInput>,
    noObject,
  )
  .superRefine(audioFits, { when: isObject });
/** Checks a recording of a manifest: its room is one of the manifest's. */
export const recordingManifestInput = z
  .strictObject({ room: text("room", 256), ...declaration } satisfies Shape<RecordingManifestInput>, noObject)
  .superRefine(audioFits, { when: isObject });
/** Checks the input of `recording.update`. */
export const recordingUpdateInput = z.strictObject({ layout } satisfies Shape<RecordingUpdateInput>);
/** Checks the input of `recording.list`. */
export const recordingListInput = z.strictObject({
  room: text("room", 512).optional(),
  active: flag.default(false),
} satisfies Shape<RecordingListInput>);

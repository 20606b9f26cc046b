import { expect } from "vitest";
import type { Program } from "./engine.ts";
import { ability, rejection, rejects, stackIn } from "./scenes.ts";
import { type Scenes, scene } from "./world.ts";

const OUTPUT = "s3://acme/";

/** What a vendor without recordings answers to whoever wants one. */
export const unrecorded: Scenes = {
  "a room that would be recorded is rejected": rejects("rtc.recording.start", (client, world) =>
    client.room.create({ name: world.freshName(), vendor: world.vendor, enableRecording: true }),
  ),

  "a recording is rejected": rejects("rtc.recording.start", (client, world) =>
    client.recording.start({ room: world.freshName(), vendor: world.vendor, outputUri: OUTPUT }),
  ),

  "rejects a declared recording in the preview, before anything is touched": scene([], async (world) => {
    const name = world.freshName();
    const programs: Program[] = [
      { hall: { name, enableRecording: true } },
      { tape: { room: name, outputUri: OUTPUT } },
      { hall: { name }, tape: { records: "hall", outputUri: OUTPUT } },
    ];
    const { reason } = ability(world.connect(), world.vendor, "rtc.recording.start");
    for (const program of programs) {
      const engine = stackIn(world, { config: { recordingOutput: OUTPUT } });
      const error = await rejection(world, engine.preview(program));
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(error.message).toContain("UNSUPPORTED");
      expect(error.message).toContain(reason);
      expect(world.calls(), "calls to the vendor").toBe(0);
    }
  }),
};

import { expect } from "vitest";
import { Engine } from "./engine.ts";
import { type Cases, type Facet, refusal, refuses } from "./world.ts";

// A vendor that says it can must not pass for want of cases.
const unwritten: Cases = {
  "is covered by this suite": async () => {
    throw new Error("The client has no recordings yet; their cases come with them.");
  },
};

export const recordingStart: Facet = {
  can: unwritten,
  cannot: {
    "a room that would be recorded is refused": refuses("rtc.recording.start", (client, world) =>
      client.room.create({ name: world.freshName(), vendor: world.vendor, enableRecording: true }),
    ),

    "a declared room that would be recorded is refused before anything is touched": async (world) => {
      const engine = new Engine(world.connect);
      const hall = { name: world.freshName(), enableRecording: true };
      const error = await refusal(world, engine.preview({ hall }));
      expect(error.message).toContain("UNSUPPORTED");
      expect(await refusal(world, engine.up({ hall }))).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(world.calls(), "calls to the vendor").toBe(0);
    },
  },
};

export const recordingStop: Facet = {
  can: unwritten,
  cannot: {
    "no vendor is found to stop a recording": refuses("rtc.recording.stop", (client, world) =>
      client.route({ needs: ["rtc.recording.stop"], vendor: world.vendor }),
    ),
  },
};

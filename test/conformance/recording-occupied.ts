import { expect } from "vitest";
import {
  becomes,
  declared,
  engineIn,
  joinAndPublish,
  recorded,
  statuses,
  tapeOf,
} from "./recording-scenes.ts";
import { expectNoChanges, rejection } from "./scenes.ts";
import { scene, scenesOf } from "./world.ts";

const OCCUPIED_ONLY = { emptyRecording: false } as const;

/** Starts of recordings where the vendor records a room only while participants are in it. */
export const startedOccupied = {
  ...scenesOf(OCCUPIED_ONLY, {
    "rejects the recording of an empty room, also in the preview, and starts nothing": scene(
      ["recorder"],
      async (world) => {
        const name = world.freshName();
        const program = recorded(world, name);
        const engine = engineIn(world);
        await engine.preview(program);
        const notes = engine.logs.filter((message) => message.includes("only while participants are in it"));
        expect(notes).toHaveLength(1);
        const error = await rejection(world, engine.up(program));
        expect(error).toMatchObject({ code: "ROOM_EMPTY", retryable: false });
        expect([...engine.state.keys()]).toEqual(["hall"]);
        expect(await statuses(world, name)).toEqual([]);
      },
    ),

    "records an occupied room, which is no drift": scene(["recorder"], async (world) => {
      const { name, engine, program, tape } = await declared(world);
      expect(tape()).toMatchObject({ status: "active", room: `${world.vendor}:${name}` });
      expect(await statuses(world, name)).toEqual(["active"]);
      await expectNoChanges(world, engine, program);
    }),

    "finds the recording when the answer to a start in an occupied room is lost, and does not repeat the start":
      scene(["recorder", "mishaps"], async (world) => {
        const name = world.freshName();
        const program = recorded(world, name);
        const engine = engineIn(world);
        await engine.up({ hall: program.hall });
        await joinAndPublish(world, name);
        world.mishaps.loseNextStart();
        expect(await engine.up(program)).toEqual(["create tape"]);
        expect(await statuses(world, name)).toEqual(["active"]);
        await expectNoChanges(world, engine, program);
      }),
  }),

  "rejects an unsupported layout before anything is started": scene(
    ["recorder"],
    async (world) => {
      const name = world.freshName();
      const engine = engineIn(world);
      const program = recorded(world, name, { layout: "speaker" });
      const error = await rejection(world, engine.preview(program));
      expect(error.issues?.map(({ path }) => path)).toEqual(["layout"]);
      await engine.up({ hall: program.hall });
      const { outputUri } = world.recorder;
      const room = `${world.vendor}:${name}`;
      const start = world.connect().recording.start({ room, layout: "speaker", outputUri });
      expect(await rejection(world, start)).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(await statuses(world, name)).toEqual([]);
    },
    { layouts: false },
  ),

  ...scenesOf(
    { severalRecordings: false },
    {
      "allows a room one recording at a time, since a stop ends all of them": scene(
        ["recorder"],
        async (world) => {
          const { name, tape } = await declared(world);
          const start = world.connect().recording.start({
            room: `${world.vendor}:${name}`,
            outputUri: `${world.recorder.outputUri}other/`,
          });
          const error = await rejection(world, start);
          expect(error.code).toBe("ALREADY_EXISTS");
          expect(error.message).toContain(String(tape()["recording"]));
          expect(await statuses(world, name)).toEqual(["active"]);
        },
      ),
    },
  ),
};

/** Their ends. */
export const endedOccupied = scenesOf(OCCUPIED_ONLY, {
  "repairs a run that was killed after the start in the next run, where the room is declared": scene(
    ["recorder"],
    async (world) => {
      const { name, engine, program, tape } = await declared(world);
      const before = tape()["recording"];
      engine.state.delete("tape"); // what was not written down
      expect(await engine.up(program)).toEqual(["create tape"]);
      expect(tape()["recording"]).toBe(before);
      expect(await statuses(world, name)).toEqual(["active"]);
      await expectNoChanges(world, engine, program);
    },
  ),

  "restarts by policy only while participants are in the room": scene(
    ["recorder", "participants"],
    async (world) => {
      const name = world.freshName();
      const program = recorded(world, name, { restartPolicy: "always" });
      const engine = engineIn(world);
      await engine.up({ hall: program.hall });
      const leave = await joinAndPublish(world, name);
      await engine.up(program);
      await leave();
      await becomes(world, name, "complete");
      await engine.refresh();
      await expectNoChanges(world, engine, program);
      await joinAndPublish(world, name);
      await engine.refresh();
      expect(await engine.up(program)).toEqual(["update tape"]);
      expect(await statuses(world, name)).toEqual(["complete", "active"]);
      await expectNoChanges(world, engine, program);
    },
  ),

  "returns the file of a stopped recording, and accepts a second stop": scene(["recorder"], async (world) => {
    const { name, tape } = await declared(world);
    const client = world.connect();
    const id = String(tape()["recording"]);
    await client.recording.stop(id);
    await becomes(world, name, "complete");
    expect(await client.recording.get(id)).toMatchObject({
      files: [{ recording: id, location: expect.stringMatching(/./) }],
    });
    expect(await client.recording.stop(id)).toMatchObject({ recording: id, status: "complete" });
  }),

  "ends no other recording of the room when an ended one is stopped": scene(["recorder"], async (world) => {
    const { name, tape } = await declared(world);
    const client = world.connect();
    const id = String(tape()["recording"]);
    await client.recording.stop(id);
    await becomes(world, name, "complete");
    const room = `${world.vendor}:${name}`;
    await client.recording.start({ room, outputUri: `${world.recorder.outputUri}other/` });
    await client.recording.stop(id);
    expect(await statuses(world, name)).toEqual(["complete", "active"]);
  }),

  "does not delete a recording while participants are in the room, and ends it with its file afterwards":
    scene(["recorder", "participants"], async (world) => {
      const name = world.freshName();
      const program = recorded(world, name);
      const engine = engineIn(world);
      await engine.up({ hall: program.hall });
      const leave = await joinAndPublish(world, name);
      expect(await engine.up(program)).toEqual(["create tape"]);
      expect(await rejection(world, engine.destroy())).toMatchObject({ code: "ROOM_OCCUPIED" });
      expect(await statuses(world, name)).toEqual(["active"]);
      await leave();
      expect(await engine.destroy()).toEqual(["delete tape", "delete hall"]);
      expect(await statuses(world, name)).toEqual(["complete"]);
      expect(tapeOf(engine)).toEqual({});
    }),

  "ends a recording with participants in the room where forceDestroy is set": scene(
    ["recorder"],
    async (world) => {
      const { name, engine } = await declared(world, { forceDestroy: true }, { forceDestroy: true });
      expect(await engine.destroy()).toEqual(["delete tape", "delete hall"]);
      expect(await statuses(world, name)).toEqual(["complete"]);
    },
  ),
});

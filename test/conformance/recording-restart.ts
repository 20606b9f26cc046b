import { expect } from "vitest";
import { becomes, declared, lastOf, onAir, statuses } from "./recording-scenes.ts";
import { eventually, expectNoChanges } from "./scenes.ts";
import { type Scenes, scene, type WorldWith } from "./world.ts";

/** What the restart policies make of a recording that has ended. */
export const restarts: Scenes = {
  "reports a failed recording and starts no other with restartPolicy never": scene(
    ["recorder", "mishaps"],
    async (world) => {
      const { name, engine, program, tape } = await declared(world);
      await failed(world, name);
      expect(await engine.refresh()).toEqual(["update tape"]);
      expect(tape()).toMatchObject({ status: "failed", error: expect.stringMatching(/./) });
      expect(engine.logs.at(-1)).toContain("is failed");
      await expectNoChanges(world, engine, program);
      expect(await statuses(world, name)).toEqual(["failed"]);
    },
  ),

  "starts another after a failure, and not after a stop, with restartPolicy onFailure": scene(
    ["recorder", "mishaps"],
    async (world) => {
      const { name, engine, program, tape } = await declared(world, { restartPolicy: "onFailure" });
      await failed(world, name);
      await engine.refresh();
      expect(await engine.preview(program)).toEqual(["update tape"]);
      expect(await engine.up(program)).toEqual(["update tape"]);
      expect(await statuses(world, name)).toEqual(["failed", "starting"]);
      expect(tape()).toMatchObject({ status: "starting" });
      await expectNoChanges(world, engine, program);
      await world.connect().recording.stop(String(tape()["recording"]));
      await becomes(world, name, "aborted");
      await engine.refresh();
      await expectNoChanges(world, engine, program);
      expect(await statuses(world, name)).toEqual(["failed", "aborted"]);
    },
  ),

  "always has one recording armed with restartPolicy always, and lists the file of each": scene(
    ["recorder"],
    async (world) => {
      const { name, engine, program, tape } = await declared(world, { restartPolicy: "always" });
      const first = tape()["recording"];
      const leave = await onAir(world, name);
      await world.connect().recording.stop(String(first));
      await becomes(world, name, "complete");
      await leave();
      await engine.refresh();
      expect(await engine.up(program)).toEqual(["update tape"]);
      expect(await statuses(world, name)).toEqual(["complete", "starting"]);
      expect(tape()).toMatchObject({ status: "starting", files: [{ recording: first }] });
      expect(tape()["recording"]).not.toBe(first);
      await expectNoChanges(world, engine, program);
    },
  ),
};

/** What records a room dies. */
async function failed(world: WorldWith<"recorder" | "mishaps">, name: string): Promise<void> {
  const id = await lastOf(world, name);
  await eventually(world, () => world.mishaps.killRecorder(id));
  await becomes(world, name, "failed");
}

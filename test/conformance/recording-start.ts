import { expect } from "vitest";
import { systemClock } from "../../src/support/clock.ts";
import { startedOccupied } from "./recording-occupied.ts";
import { unrecorded } from "./recording-rejections.ts";
import { become, becomes, engineIn, lastOf, onAir, recorded, statuses, tapeOf } from "./recording-scenes.ts";
import { expectNoChanges, rejection } from "./scenes.ts";
import { type Facet, scene, scenesOf } from "./world.ts";

export const recordingStart: Facet = {
  can: {
    "rejects the recording of an absent room": scene(["recorder"], async (world) => {
      const name = world.freshName();
      const program = { tape: { room: name, outputUri: world.recorder.outputUri } };
      const engine = engineIn(world);
      for (const attempt of [
        () => engine.up(program),
        () => world.connect().recording.start({ room: name, outputUri: world.recorder.outputUri }),
      ]) {
        expect(await rejection(world, attempt())).toMatchObject({ code: "NOT_FOUND", retryable: false });
      }
      expect(engine.state.size).toBe(0);
    }),

    "rejects all wrong inputs of a recording at once, without repeating their secrets": scene(
      ["recorder"],
      async (world) => {
        const wrong = { layout: "mosaic", outputUri: "s3://key:hunter2@acme/", restartPolicy: "sometimes" };
        const program = { tape: { room: world.freshName(), ...wrong } };
        const before = world.calls();
        const error = await rejection(world, engineIn(world).up(program as never));
        expect(error.issues?.map(({ path }) => path).sort()).toEqual(Object.keys(wrong).sort());
        expect(error.message).not.toContain("hunter2");
        expect(world.calls(), "calls to the vendor").toBe(before);
      },
    ),

    ...scenesOf(
      { emptyRecording: true },
      {
        "starts a declared recording once, which waits until a participant publishes": scene(
          ["recorder"],
          async (world) => {
            const name = world.freshName();
            const program = recorded(world, name, { metadata: { course: 7 } });
            const engine = engineIn(world);
            expect(await engine.preview(program)).toEqual(["create hall", "create tape"]);
            expect(await world.recorder.list(name), "a preview starts nothing").toEqual([]);
            expect(await engine.up(program)).toEqual(["create hall", "create tape"]);
            expect(await statuses(world, name)).toEqual(["starting"]);
            const id = `${world.vendor}:${await lastOf(world, name)}`;
            expect(engine.state.get("tape")?.id).toBe(`${world.vendor}:${name}/tape`);
            expect(tapeOf(engine)).toMatchObject({
              room: `${world.vendor}:${name}`,
              roomSid: engine.state.get("hall")?.outputs["sid"],
              recording: id,
              status: "starting",
              metadata: { course: 7 },
            });
            expect(await world.connect().recording.get(id)).toMatchObject({
              recording: id,
              room: `${world.vendor}:${name}`,
              audioOnly: true,
            });
            await expectNoChanges(world, engine, program);
          },
        ),

        "records once a participant publishes, which is no drift": scene(["recorder"], async (world) => {
          const name = world.freshName();
          const program = recorded(world, name);
          const engine = engineIn(world);
          await engine.up(program);
          await onAir(world, name);
          expect(await engine.refresh()).toEqual(["update tape"]);
          expect(tapeOf(engine)).toMatchObject({ status: "active" });
          await expectNoChanges(world, engine, program);
        }),

        "starts no second recording when the answer to a start is lost": scene(
          ["recorder", "mishaps"],
          async (world) => {
            const name = world.freshName();
            const program = recorded(world, name);
            const engine = engineIn(world);
            world.mishaps.loseNextStart();
            await engine.up(program).catch(() => undefined); // an adapter may find it itself, or leave it to the next run
            await engine.up(program);
            expect(await statuses(world, name)).toEqual(["starting"]);
            await expectNoChanges(world, engine, program);
          },
        ),

        "completes a run that was killed after the start in the next run": scene(
          ["recorder"],
          async (world) => {
            const name = world.freshName();
            const program = recorded(world, name);
            const engine = engineIn(world);
            await engine.up(program);
            const before = tapeOf(engine);
            engine.state.delete("tape"); // what was not written down
            expect(await engine.up(program)).toEqual(["create tape"]);
            expect(tapeOf(engine)["recording"]).toBe(before["recording"]);
            expect(await statuses(world, name)).toHaveLength(1);
            await expectNoChanges(world, engine, program);
          },
        ),

        "rejects the recording of another owner's room": scene(["recorder"], async (world) => {
          const name = world.freshName();
          const other = engineIn(world, { stack: "other" });
          await other.up(recorded(world, name));
          const program = { tape: { room: name, audioOnly: true, outputUri: world.recorder.outputUri } };
          const engine = engineIn(world);
          expect(await engine.up(program)).toEqual(["create tape"]);
          expect(tapeOf(engine)["recording"]).not.toBe(tapeOf(other)["recording"]);
          expect(await statuses(world, name)).toEqual(["starting", "starting"]);
          await engine.destroy();
          await become(world, name, ["starting", "aborted"]);
          await expectNoChanges(world, other, recorded(world, name));
        }),

        "rejects two declarations of the same recording before anything is touched": scene(
          ["recorder"],
          async (world) => {
            const name = world.freshName();
            const program = recorded(world, name);
            const engine = engineIn(world);
            await engine.up(program);
            const before = world.calls();
            const error = await rejection(world, engine.up({ ...program, duplicate: program.tape }));
            expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
            expect(error.message).toContain("recorded twice");
            expect(world.calls(), "calls to the vendor").toBe(before);
            await expectNoChanges(world, engine, program);
          },
        ),

        "fails where the recording fails at once, and leaves no recording": scene(
          ["recorder", "mishaps"],
          async (world) => {
            const name = world.freshName();
            await world.mishaps.failStarts(
              name,
              `nothing can be done with ${world.recorder.storageKeys.join(" and ")}`,
            );
            const engine = engineIn(world, { clock: systemClock }); // on a busy machine the failure comes later
            const error = await rejection(world, engine.up(recorded(world, name)));
            expect(error.message).toMatch(/failed at once: .*nothing can be done with \[redacted\]/);
            expect([...engine.state.keys()]).toEqual(["hall"]);
          },
        ),

        "reports what the storage rejects without its keys": scene(
          ["rooms", "recorder", "mishaps"],
          async (world) => {
            const name = world.freshName();
            const program = recorded(world, name);
            const engine = engineIn(world);
            await engine.up(program);
            await onAir(world, name);
            await world.mishaps.failStorage(
              name,
              `access denied for ${world.recorder.storageKeys.join(" and ")}`,
            );
            await world.rooms.lose(name);
            await becomes(world, name, "failed");
            await engine.refresh();
            expect(tapeOf(engine)["error"]).toMatch(/access denied for \[redacted\]/);
            const everything = JSON.stringify([[...engine.state], engine.logs]);
            for (const key of world.recorder.storageKeys) expect(everything).not.toContain(key);
          },
        ),
      },
    ),

    "records a room with enableRecording from its first moment": scene(
      ["recorder"],
      async (world) => {
        const name = world.freshName();
        const program = { hall: { name, enableRecording: true } };
        const engine = engineIn(world);
        await engine.up(program);
        expect(await statuses(world, name)).toEqual(["starting"]);
        await expectNoChanges(world, engine, program);
      },
      { roomRecording: true },
    ),

    ...startedOccupied,
  },
  cannot: unrecorded,
};

import { expect } from "vitest";
import { endedOccupied } from "./recording-occupied.ts";
import { restarts } from "./recording-restart.ts";
import {
  become,
  becomes,
  declared,
  engineIn,
  lastOf,
  onAir,
  recorded,
  statuses,
  tapeOf,
} from "./recording-scenes.ts";
import { expectNoChanges, rejection, rejects } from "./scenes.ts";
import { type Facet, scene, scenesOf } from "./world.ts";

export const recordingStop: Facet = {
  can: {
    ...scenesOf(
      { emptyRecording: true },
      {
        "ends a stopped recording with its file": scene(["recorder"], async (world) => {
          const { name, tape } = await declared(world);
          await onAir(world, name);
          const client = world.connect();
          const id = String(tape()["recording"]);
          expect(["ending", "complete"]).toContain((await client.recording.stop(id))?.status);
          await becomes(world, name, "complete");
          const record = await client.recording.get(id);
          expect(record.files).toMatchObject([{ recording: id, location: expect.stringMatching(/./) }]);
          expect(record.endedAt).toMatch(/^\d{4}-\d\d-\d\dT/);
          expect(record.error, "it was cut").toBeDefined();
        }),

        "accepts a second stop, and the stop of an absent recording": scene(
          ["recorder", "mishaps"],
          async (world) => {
            const { name, tape } = await declared(world);
            const client = world.connect();
            const id = String(tape()["recording"]);
            await client.recording.stop(id);
            await becomes(world, name, "aborted");
            expect(await client.recording.stop(id)).toMatchObject({ recording: id, status: "aborted" });
            await world.mishaps.forget(await lastOf(world, name));
            expect(await client.recording.stop(id)).toBeUndefined();
          },
        ),

        "waits for the file in a destroy, and names it": scene(["recorder"], async (world) => {
          const { name, engine } = await declared(world);
          const leave = await onAir(world, name);
          await leave();
          expect(await engine.destroy()).toEqual(["delete tape", "delete hall"]);
          expect(await statuses(world, name)).toEqual(["complete"]);
          expect(engine.logs.at(-1)).toMatch(/is complete, \S*\.ogg/);
          expect(engine.state.size).toBe(0);
        }),

        "neither replaces nor deletes a recording while the room is occupied": scene(
          ["recorder"],
          async (world) => {
            const { name, engine, program, tape } = await declared(world);
            const before = tape()["recording"];
            const leave = await onAir(world, name);
            await engine.refresh();
            const elsewhere = {
              ...program,
              tape: { ...program.tape, outputUri: `${world.recorder.outputUri}other/` },
            };
            const larger = { ...program, hall: { ...program.hall, maxParticipants: 5 } };
            for (const change of [elsewhere, larger]) {
              expect(await engine.preview(change), "a preview only warns").toContain("replace tape");
              expect(await rejection(world, engine.up(change))).toMatchObject({ code: "ROOM_OCCUPIED" });
            }
            for (const attempt of [() => engine.destroy(), () => engine.up({ hall: program.hall })]) {
              const error = await rejection(world, attempt());
              expect(error).toMatchObject({ code: "ROOM_OCCUPIED" });
              expect(error.message).toContain("1 participant is");
            }
            expect(await statuses(world, name), "and nothing was cut").toEqual(["active"]);
            expect(tape()["recording"]).toBe(before);
            await expectNoChanges(world, engine, program);
            await leave();
            expect(await engine.up(elsewhere)).toEqual(["replace tape"]);
            expect(await statuses(world, name)).toEqual(["complete", "starting"]);
            await expectNoChanges(world, engine, elsewhere);
          },
        ),

        "ends a recording in the middle of a call where forceDestroy is set": scene(
          ["recorder"],
          async (world) => {
            const { name, engine } = await declared(world, { forceDestroy: true }, { forceDestroy: true });
            await onAir(world, name);
            expect(await engine.destroy()).toEqual(["delete tape", "delete hall"]);
            expect(await statuses(world, name)).toEqual(["complete"]);
          },
        ),

        "does not interrupt a recording whose resource is only renamed": scene(
          ["recorder"],
          async (world) => {
            const { name, engine, program, tape } = await declared(world);
            const before = tape()["recording"];
            await onAir(world, name);
            await engine.refresh();
            const renamed = { hall: program.hall, band: program.tape };
            expect(await engine.up(renamed)).toEqual(["create band", "delete tape"]);
            expect(engine.state.get("band")?.outputs["recording"]).toBe(before);
            expect(await statuses(world, name)).toEqual(["active"]);
            await expectNoChanges(world, engine, renamed);
          },
        ),

        "records a replaced room again, whatever the policy": scene(["recorder"], async (world) => {
          const { name, engine, program } = await declared(world);
          const larger = { ...program, hall: { ...program.hall, maxParticipants: 5 } };
          expect(await engine.preview(larger)).toEqual(["replace hall", "replace tape"]);
          expect(await engine.up(larger)).toEqual(["replace hall", "replace tape"]);
          await become(world, name, ["aborted", "starting"]);
          await expectNoChanges(world, engine, larger);
        }),

        "records a recreated room again after the vendor has lost it": scene(
          ["rooms", "recorder"],
          async (world) => {
            const { name, engine, program } = await declared(world);
            await world.rooms.lose(name);
            await becomes(world, name, "aborted");
            expect(await engine.refresh()).toEqual(["delete hall", "update tape"]);
            expect(await engine.up(program)).toEqual(["create hall", "replace tape"]);
            expect(await statuses(world, name)).toEqual(["aborted", "starting"]);
            await expectNoChanges(world, engine, program);
          },
        ),

        "ends with its room, and stays in the state with its file, also when it has expired": scene(
          ["rooms", "recorder", "mishaps"],
          async (world) => {
            const { name, engine, program, tape } = await declared(world, {}, { emptyTimeoutSeconds: 600 });
            await onAir(world, name);
            await world.rooms.lose(name);
            await becomes(world, name, "complete");
            expect(await engine.refresh()).toEqual(["update tape"]);
            expect(tape()).toMatchObject({ status: "complete", files: [{ recording: tape()["recording"] }] });
            expect(tape(), "it was not cut").not.toHaveProperty("error");
            await expectNoChanges(world, engine, program);
            const before = structuredClone(tape());
            await world.mishaps.forget(await lastOf(world, name));
            await expectNoChanges(world, engine, program);
            expect(tape()).toEqual(before);
            expect(await engine.destroy()).toEqual(["delete tape", "delete hall"]);
          },
        ),

        "takes a recording that expired before any read for ended, with an unknown result": scene(
          ["rooms", "recorder", "mishaps"],
          async (world) => {
            const { name, engine, program, tape } = await declared(world, {}, { emptyTimeoutSeconds: 600 });
            await world.rooms.lose(name);
            await becomes(world, name, "aborted");
            await world.mishaps.forget(await lastOf(world, name));
            expect(await engine.refresh()).toEqual(["update tape"]);
            expect(tape()["error"]).toContain("expired at the vendor");
            await expectNoChanges(world, engine, program);
          },
        ),

        ...restarts,

        "adopts what a lost stack has orphaned in the next run": scene(["recorder"], async (world) => {
          const name = world.freshName();
          const program = recorded(world, name);
          await engineIn(world).up(program);
          const engine = engineIn(world);
          await engine.up(program);
          expect(await statuses(world, name)).toEqual(["starting"]);
          await engine.destroy();
          expect(await statuses(world, name)).toEqual(["aborted"]);
          expect(tapeOf(engine)).toEqual({});
        }),
      },
    ),

    ...endedOccupied,
  },
  cannot: {
    "what cannot be recorded cannot be stopped": rejects("rtc.recording.stop", (client, world) =>
      client.recording.stop(`${world.vendor}:EG_1`),
    ),
  },
};

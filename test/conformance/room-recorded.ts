import { expect } from "vitest";
import {
  atGateway,
  declared,
  eventually,
  expectNoChanges,
  occupy,
  rejection,
  stackIn,
  takesChanges,
} from "./scenes.ts";
import { type Facet, scene } from "./world.ts";

const EVERYTHING = { maxParticipants: 5, emptyTimeoutSeconds: 600, metadata: { team: "core" } };

/** A declared room at a vendor of on-demand rooms, of which a gateway stores a record. */
export const recordedRooms: Record<"made" | "changed" | "deleted", Pick<Facet, "gatewayRecords">> = {
  made: {
    gatewayRecords: {
      "creates a declared room at the gateway with everything that is declared, whoever is already in it":
        scene(["participants"], async (world) => {
          const { alice, in: inside } = world.participants;
          for (const vendor of [undefined, world.vendor]) {
            const name = world.freshName();
            const program = { hall: { name, ...EVERYTHING, ...(vendor && { vendor }) } };
            const engine = stackIn(world);
            const leave = await occupy(world, name, alice);
            expect(await engine.preview(program)).toEqual(["create hall"]);
            expect(await engine.up(program)).toEqual(["create hall"]);
            const { id, outputs } = engine.state.get("hall") ?? {};
            expect(id).toBe(`${world.vendor}:${name}`);
            expect(await atGateway(world, name)).toMatchObject({ ...EVERYTHING, owner: outputs?.["owner"] });
            expect(outputs?.["owner"]).toEqual(expect.stringMatching(/^[0-9a-f-]{25}$/));
            await expectNoChanges(world, engine, program);
            expect(await inside(name)).toEqual([alice]);
            await leave();
          }
        }),

      "a room that another stack declares is rejected and left alone, and one without an owner is adopted with adopt":
        scene([], async (world) => {
          const { name, engine, program } = await declared(world, EVERYTHING);
          const other = stackIn(world, { stack: "other" });
          expect(await rejection(world, other.up(program))).toMatchObject({ code: "ALREADY_EXISTS" });
          const past = world.connect().room.create({ name, maxParticipants: 6 });
          expect(await rejection(world, past)).toMatchObject({ code: "ALREADY_EXISTS" });
          await expectNoChanges(world, engine, program);

          const hall = { name: world.freshName(), maxParticipants: 5 };
          await world.connect().room.create({ ...hall, metadata: { by: "hand" } });
          expect(await rejection(world, other.up({ hall }))).toMatchObject({ code: "ALREADY_EXISTS" });
          const adopting = { hall: { ...hall, adopt: true } };
          expect(await other.up(adopting)).toEqual(["create hall"]);
          const outputs = other.state.get("hall")?.outputs;
          const found = await atGateway(world, hall.name);
          expect(found).toMatchObject({ maxParticipants: 5, metadata: { by: "hand" } });
          if (takesChanges(world)) expect(found.owner).toBe(outputs?.["owner"]);
          await expectNoChanges(world, other, adopting);
        }),

      "a run that was killed after the room was made is completed by the next, also with other settings":
        scene([], async (world) => {
          for (const settings of [EVERYTHING, { maxParticipants: 6 }]) {
            const { name } = await declared(world, EVERYTHING);
            const program = { hall: { name, ...settings } };
            const again = stackIn(world);
            expect(await again.up(program)).toEqual(["create hall"]);
            await expectNoChanges(world, again, program);
            const { maxParticipants } = await atGateway(world, name);
            expect(maxParticipants).toBe(settings.maxParticipants);
          }
        }),
    },
  },

  changed: {
    gatewayRecords: {
      "restores what was changed at the gateway with a refresh and a run": scene([], async (world) => {
        const { name, engine, program } = await declared(world, EVERYTHING);
        const changed = await world.connect().room.update(name, { metadata: { by: "hand" } });
        expect(changed).toMatchObject({ owner: engine.state.get("hall")?.outputs["owner"] });
        expect(await engine.refresh()).toEqual(["update hall"]);
        expect(await engine.up(program)).toEqual(["update hall"]);
        expect(await atGateway(world, name)).toMatchObject(EVERYTHING);
        await expectNoChanges(world, engine, program);
      }),

      "leaves undeclared metadata unchanged, also when a limit changes": scene([], async (world) => {
        const { name, engine, program } = await declared(world, { maxParticipants: 5 });
        await world.connect().room.update(name, { metadata: { app: "state" } });
        await expectNoChanges(world, engine, program);
        const limited = { hall: { name, maxParticipants: 6 } };
        expect(await engine.up(limited)).toEqual(["update hall"]);
        expect(await atGateway(world, name)).toMatchObject({
          maxParticipants: 6,
          metadata: { app: "state" },
        });
        await expectNoChanges(world, engine, limited);
      }),
    },
  },

  deleted: {
    gatewayRecords: {
      "what is declared otherwise is so at the gateway, and where it can change a room with its participants":
        scene(["participants"], async (world) => {
          const { alice, in: inside } = world.participants;
          const { name, engine } = await declared(world, EVERYTHING);
          const isInPlace = takesChanges(world);
          if (isInPlace) await occupy(world, name, alice);
          const changes = [
            { ...EVERYTHING, metadata: { team: "sales" } },
            { maxParticipants: 6, metadata: { team: "sales" } },
            { emptyTimeoutSeconds: 700 },
            {},
          ];
          for (const change of changes) {
            const program = { hall: { name, ...change } };
            const op = isInPlace ? "update hall" : "replace hall";
            expect(await engine.preview(program)).toEqual([op]);
            expect(await engine.up(program)).toEqual([op]);
            const { maxParticipants, emptyTimeoutSeconds, metadata } = await atGateway(world, name);
            expect({ maxParticipants, metadata }).toEqual({
              maxParticipants: null,
              metadata: {},
              ...("maxParticipants" in change && { maxParticipants: change.maxParticipants }),
              ...("metadata" in change && { metadata: change.metadata }),
            });
            if ("emptyTimeoutSeconds" in change) expect(emptyTimeoutSeconds).toBe(change.emptyTimeoutSeconds);
            else expect(emptyTimeoutSeconds).toBeGreaterThan(2 ** 31);
            await expectNoChanges(world, engine, program);
          }
          expect(await inside(name)).toEqual(isInPlace ? [alice] : []);
        }),

      "recreates a room that was deleted at the gateway with everything that is declared": scene(
        [],
        async (world) => {
          const { name, engine, program } = await declared(world, EVERYTHING);
          await world.connect().room.delete(name);
          expect(await engine.refresh()).toEqual(["delete hall"]);
          expect(await engine.up(program)).toEqual(["create hall"]);
          expect(await atGateway(world, name)).toMatchObject(EVERYTHING);
          await world.connect().room.delete(name);
          const changed = { hall: { name, ...EVERYTHING, maxParticipants: 6 } };
          await engine.up(changed);
          expect(await atGateway(world, name), "without a refresh").toMatchObject(changed.hall);
          await expectNoChanges(world, engine, changed);
        },
      ),

      "neither recreates nor deletes an occupied room; does so with an empty one, and leaves nothing of it":
        scene(["participants"], async (world) => {
          const { alice, in: inside } = world.participants;
          const { name, engine, program } = await declared(world, EVERYTHING);
          const leave = await occupy(world, name, alice);
          const renamed = { hall: { ...EVERYTHING, name: world.freshName() } };
          expect(await engine.preview(renamed), "a preview only warns").toEqual(["replace hall"]);
          for (const attempt of [() => engine.up(renamed), () => engine.destroy()])
            expect(await rejection(world, attempt())).toMatchObject({ code: "ROOM_OCCUPIED" });
          expect(await inside(name)).toEqual([alice]);
          await expectNoChanges(world, engine, program);
          await leave();
          await eventually(world, async () => {
            expect((await world.connect().room.get(name)).numParticipants).toBe(0);
          });
          expect(await engine.up(renamed)).toEqual(["replace hall"]);
          expect(await engine.destroy()).toEqual(["delete hall"]);
          const nothing = { maxParticipants: null, emptyTimeoutSeconds: null, metadata: null, owner: null };
          for (const old of [name, renamed.hall.name])
            expect(await atGateway(world, old)).toMatchObject(nothing);
          const later = await world.connect().room.create({ name });
          expect(later).toMatchObject({ ...nothing, metadata: {} });
        }),

      "deletes nothing where the record is gone, and disconnects no participant": scene(
        ["participants"],
        async (world) => {
          const { alice, in: inside } = world.participants;
          const { name, engine } = await declared(world, EVERYTHING);
          await world.connect().room.delete(name);
          await occupy(world, name, alice);
          expect(await engine.destroy()).toEqual(["delete hall"]);
          expect(await inside(name)).toEqual([alice]);
        },
      ),
    },
  },
};

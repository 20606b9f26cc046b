import { expect } from "vitest";
import { ability, declared, eventually, expectNoChanges, occupy, rejection, stackIn } from "./scenes.ts";
import { type Facet, scene } from "./world.ts";

/** How a declared room ends where rooms are records. */
export const recordsDropped: Pick<Facet, "stateOnly" | "observable" | "unobservable"> = {
  stateOnly: {
    "reports no drift while participants join and leave": scene(["participants"], async (world) => {
      const { name, engine, program } = await declared(world, {
        maxParticipants: 5,
        emptyTimeoutSeconds: 600,
      });
      const leave = await occupy(world, name);
      await expectNoChanges(world, engine, program);
      await leave();
      await expectNoChanges(world, engine, program);
    }),

    "only drops a renamed or destroyed room without force: it closes when it is empty": scene(
      ["participants"],
      async (world) => {
        const { alice, bob, in: inside } = world.participants;
        const { name, engine } = await declared(world);
        await occupy(world, name, alice);
        const renamed = { hall: { name: world.freshName() } };
        const before = world.calls();
        expect(await engine.preview(renamed)).toEqual(["replace hall"]);
        expect(await engine.up(renamed)).toEqual(["replace hall"]);
        await expectNoChanges(world, engine, renamed);
        await occupy(world, renamed.hall.name, bob);
        expect(await engine.destroy()).toEqual(["delete hall"]);
        expect(world.calls(), "calls to the vendor").toBe(before);
        expect(await inside(name)).toEqual([alice]);
        expect(await inside(renamed.hall.name)).toEqual([bob]);
      },
    ),
  },
  observable: {
    "closes a room with its participants by force, and bans no participant from it": scene(
      ["participants"],
      async (world) => {
        const { alice, bob, in: inside } = world.participants;
        const { name, engine } = await declared(world);
        const [other] = [world.freshName()];
        for (const person of [alice, bob]) await occupy(world, name, person);
        await engine.up({ hall: { name, forceDestroy: true } });
        const renamed = { hall: { name: other, forceDestroy: true } };
        expect(await engine.up(renamed)).toEqual(["replace hall"]);
        await eventually(world, async () => expect(await inside(name)).toEqual([]));
        await expectNoChanges(world, engine, renamed);
        await occupy(world, name, alice);
        await occupy(world, other, bob);
        expect(await engine.destroy()).toEqual(["delete hall"]);
        await eventually(world, async () => expect(await inside(other)).toEqual([]));
        expect(await inside(name), "another room is left alone").toEqual([alice]);
        await occupy(world, other, bob);
      },
    ),

    "closes rooms where the whole teardown is forced, and accepts absent ones": scene(
      ["participants"],
      async (world) => {
        const { alice, in: inside } = world.participants;
        const engine = stackIn(world, { config: { forceDestroy: true } });
        const program = { hall: { name: world.freshName() }, lobby: { name: world.freshName() } };
        await engine.up(program);
        await occupy(world, program.hall.name, alice);
        expect(await engine.destroy()).toEqual(["delete lobby", "delete hall"]);
        await eventually(world, async () => expect(await inside(program.hall.name)).toEqual([]));
      },
    ),
  },
  unobservable: {
    "reports in the preview what cannot be forced, and rejects it, with the missing keys": scene(
      ["participants"],
      async (world) => {
        const { alice, in: inside } = world.participants;
        const reason = ability(world.connect(), world.vendor, "rtc.participant.kick").reason ?? "";
        const program = { hall: { name: world.freshName(), forceDestroy: true } };
        const engine = stackIn(world);
        await engine.preview(program);
        expect(engine.logs.filter((message) => message.includes(reason))).toHaveLength(1);
        await engine.up(program);
        await expectNoChanges(world, engine, program);
        await occupy(world, program.hall.name, alice);
        const error = await rejection(world, engine.destroy());
        expect(error).toMatchObject({ code: "NOT_CONFIGURED", retryable: false });
        expect(error.message).toContain(reason);
        const unforced = { hall: { name: program.hall.name } };
        expect(await engine.up(unforced)).toEqual(["update hall"]);
        expect(await engine.destroy()).toEqual(["delete hall"]);
        expect(await inside(program.hall.name)).toEqual([alice]);
        expect(world.calls()).toBe(0);
      },
    ),
  },
};

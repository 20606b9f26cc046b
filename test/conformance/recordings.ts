import { expect } from "vitest";
import {
  becomes,
  begun,
  declared,
  engineIn,
  lastOf,
  onAir,
  statuses,
  stopped,
  tapeOf,
} from "./recording-scenes.ts";
import { expectNoChanges, rejection, rejects } from "./scenes.ts";
import { type Facet, scene, type World } from "./world.ts";

/** No recording of that id can be read. */
async function isAbsent(world: World, id: string): Promise<void> {
  const client = world.connect();
  expect(await rejection(world, client.recording.get(id))).toMatchObject({
    code: "NOT_FOUND",
    retryable: false,
  });
  expect(await client.recording.find(id)).toBeUndefined();
}

export const recordingGet: Facet = {
  can: {
    "answers NOT_FOUND for a recording that has never existed": scene(["recorder"], async (world) =>
      isAbsent(world, `${world.vendor}:EG_made_up`),
    ),

    "answers NOT_FOUND for a recording that has expired": scene(["recorder", "mishaps"], async (world) => {
      const { name } = await declared(world);
      const client = world.connect();
      const id = `${world.vendor}:${await lastOf(world, name)}`;
      await client.recording.stop(id);
      await becomes(world, name, stopped(world));
      expect(await client.recording.get(id)).toMatchObject({ recording: id, status: stopped(world) });
      await world.mishaps.forget(await lastOf(world, name));
      await isAbsent(world, id);
    }),

    "does not take a recording for ended when the vendor does not answer": scene(
      ["faults", "recorder"],
      async (world) => {
        const { engine, program } = await declared(world);
        await engine.refresh();
        const before = structuredClone(engine.state);
        world.faults.break("broken");
        await rejection(world, engine.refresh());
        await rejection(world, engine.destroy());
        expect(engine.state).toEqual(before);
        world.faults.repair();
        await expectNoChanges(world, engine, program);
      },
    ),

    "touches no recording while another address is configured": scene(["recorder"], async (world) => {
      const { name, engine, program } = await declared(world);
      const moved = engineIn({ ...world, connect: world.connectElsewhere });
      for (const [resource, state] of engine.state) moved.state.set(resource, structuredClone(state));
      moved.state.delete("hall");
      const { records: _, ...inputs } = program.tape;
      const changed = { tape: { ...inputs, room: name, metadata: { moved: true } } };
      for (const attempt of [() => moved.up(changed), () => moved.refresh(), () => moved.destroy()]) {
        expect(await rejection(world, attempt())).toMatchObject({
          code: "ENDPOINT_MISMATCH",
          retryable: false,
        });
      }
      expect(await statuses(world, name)).toEqual([begun(world)]);
      await expectNoChanges(world, engine, program);
    }),
  },
  cannot: {
    "rejects the read of a recording": rejects("rtc.recording.get", (client, world) =>
      client.recording.get(`${world.vendor}:EG_1`),
    ),
  },
};

export const recordingList: Facet = {
  can: {
    "lists the recordings of one room, or of all": scene(["recorder"], async (world) => {
      const [first, second] = [await declared(world), await declared(world)];
      const client = world.connect();
      const listed = async (room?: string) => {
        const { items } = await client.recording.list(room === undefined ? {} : { room });
        return items.map(({ recording }) => recording);
      };
      const [a, b] = [first, second].map(({ engine }) => String(tapeOf(engine)["recording"]));
      expect(await listed(first.name)).toEqual([a]);
      expect(await listed(`${world.vendor}:${second.name}`)).toEqual([b]);
      expect(await listed(world.freshName())).toEqual([]);
      expect(await listed()).toEqual(expect.arrayContaining([a, b]));
    }),

    "leaves ended recordings out of a listing of active ones": scene(["recorder"], async (world) => {
      const { name, tape } = await declared(world);
      const client = world.connect();
      const listed = async (active: boolean) => (await client.recording.list({ room: name, active })).items;
      expect(await listed(true)).toHaveLength(1);
      await client.recording.stop(String(tape()["recording"]));
      await becomes(world, name, stopped(world));
      expect(await listed(true)).toEqual([]);
      expect(await listed(false)).toMatchObject([{ status: stopped(world) }]);
    }),
  },
  cannot: {
    "recordings cannot be listed": rejects("rtc.recording.list", (client) => client.recording.list()),
  },
};

export const recordingUpdate: Facet = {
  can: {
    "changes the layout in place, within the same recording": scene(["recorder"], async (world) => {
      const { name, engine, program, tape } = await declared(world, { audioOnly: false });
      const before = tape()["recording"];
      await onAir(world, name);
      await engine.refresh();
      const changed = { ...program, tape: { ...program.tape, layout: "speaker-dark" } };
      expect(await engine.preview(changed)).toEqual(["update tape"]);
      expect(await engine.up(changed)).toEqual(["update tape"]);
      expect(tape()).toMatchObject({ recording: before, layout: "speaker-dark", status: "active" });
      expect(await statuses(world, name)).toEqual(["active"]);
      await expectNoChanges(world, engine, changed);
    }),

    "changes metadata, policy and forceDestroy without a call": scene(["recorder"], async (world) => {
      const { engine, program, tape } = await declared(world);
      const before = tape()["recording"];
      const more = { metadata: { course: 7 }, restartPolicy: "onFailure", forceDestroy: true } as const;
      const changed = { ...program, tape: { ...program.tape, ...more } };
      const calls = world.calls();
      expect(await engine.up(changed)).toEqual(["update tape"]);
      expect(world.calls(), "calls to the vendor").toBe(calls);
      expect(tape()).toMatchObject({ recording: before, ...more });
      await expectNoChanges(world, engine, changed);
    }),

    "only stores a layout that is declared after the end": scene(["rooms", "recorder"], async (world) => {
      const { name, engine, program, tape } = await declared(
        world,
        { audioOnly: false },
        { emptyTimeoutSeconds: 600 },
      );
      await world.rooms.lose(name);
      await becomes(world, name, "aborted");
      const changed = { ...program, tape: { ...program.tape, layout: "speaker" } };
      expect(await engine.up(changed), "before the end is observed").toEqual(["update tape"]);
      await engine.refresh();
      const calls = world.calls();
      expect(await engine.up(program)).toEqual(["update tape"]);
      expect(world.calls(), "calls to the vendor").toBe(calls);
      expect(tape()).toMatchObject({ status: "aborted" });
      expect(await statuses(world, name)).toEqual(["aborted"]);
      await expectNoChanges(world, engine, program);
    }),

    "answers NOT_FOUND for the layout of an absent recording": scene(["recorder"], async (world) => {
      const update = world.connect().recording.update(`${world.vendor}:EG_made_up`, { layout: "grid" });
      expect(await rejection(world, update)).toMatchObject({ code: "NOT_FOUND" });
    }),
  },
  cannot: {
    "a layout cannot be changed": rejects("rtc.recording.update", (client, world) =>
      client.recording.update(`${world.vendor}:EG_1`, { layout: "grid" }),
    ),
  },
};

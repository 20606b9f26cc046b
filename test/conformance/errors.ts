import { expect } from "vitest";
import type { ErrorCode } from "../../src/contract/index.ts";
import type { Fault } from "./memory.ts";
import { declared, expectNoChanges, movedEngine, rejection, stackIn } from "./scenes.ts";
import { type Facet, type Scenes, scene } from "./world.ts";

const EXPECTED: Record<Fault, { code: ErrorCode; retryable: boolean }> = {
  denied: { code: "UNAUTHENTICATED", retryable: false },
  throttled: { code: "RATE_LIMITED", retryable: true },
  broken: { code: "VENDOR_ERROR", retryable: true },
  garbled: { code: "VENDOR_ERROR", retryable: true },
  unreachable: { code: "UNAVAILABLE", retryable: true },
  misdirected: { code: "VENDOR_ERROR", retryable: false },
};
const FAULTS = Object.keys(EXPECTED) as Fault[];

const distinguished: Scenes = Object.fromEntries(
  FAULTS.map((fault) => [
    `a vendor that is ${fault} is distinguished from the others`,
    scene(["faults"], async (world) => {
      world.faults.break(fault);
      const client = world.connect();
      const name = world.freshName();
      for (const call of [() => client.room.get(name), () => client.room.delete(name)]) {
        expect(await rejection(world, call())).toMatchObject({ ...EXPECTED[fault], vendor: world.vendor });
      }
    }),
  ]),
);

/** What must hold for every vendor, whatever it can. */
export const failures: Facet = {
  can: {
    "touches nothing while another address is configured": scene([], async (world) => {
      const { engine, program } = await declared(world, { maxParticipants: 5 });
      const before = structuredClone(engine.state);
      const elsewhere = movedEngine(world, engine, world.connectElsewhere);
      const changed = { hall: { ...program.hall, maxParticipants: 6 } };
      const calls = world.calls();
      for (const attempt of [
        () => elsewhere.up(changed),
        () => elsewhere.refresh(),
        () => elsewhere.destroy(),
      ]) {
        expect(await rejection(world, attempt())).toMatchObject({
          code: "ENDPOINT_MISMATCH",
          retryable: false,
        });
      }
      expect(elsewhere.state).toEqual(before);
      expect(world.calls(), "calls to the vendor").toBe(calls);
      await expectNoChanges(world, engine, program);
    }),
  },
  persistent: {
    ...distinguished,

    "does not take a room for gone when the vendor does not answer": scene(["faults"], async (world) => {
      const { engine, program } = await declared(world);
      const before = structuredClone(engine.state);
      world.faults.break("broken");
      await rejection(world, engine.refresh());
      await rejection(world, engine.destroy());
      expect(engine.state).toEqual(before);
      world.faults.repair();
      await expectNoChanges(world, engine, program);
    }),
  },
  stateOnly: {
    "declares, changes, refreshes and drops a room while the vendor does not answer": scene(
      ["faults"],
      async (world) => {
        const program = { hall: { name: world.freshName(), metadata: { version: 1 } } };
        const changed = { hall: { ...program.hall, metadata: { version: 2 } } };
        const client = world.connect();
        for (const fault of FAULTS) {
          world.faults.break(fault);
          const engine = stackIn(world);
          expect(await engine.up(program)).toEqual(["create hall"]);
          expect(await engine.up(changed)).toEqual(["update hall"]);
          await expectNoChanges(world, engine, changed);
          await client.token.issue({ room: `${world.vendor}:${program.hall.name}`, identity: "alice" });
          expect(await engine.destroy()).toEqual(["delete hall"]);
        }
        expect(world.calls()).toBe(0);
      },
    ),
  },
  observable: distinguished,
  unobservable: {
    "makes no call to the vendor, so that none can fail": scene(["faults"], async (world) => {
      world.faults.break("unreachable");
      const client = world.connect();
      const name = world.freshName();
      expect(await client.room.get(name)).toMatchObject({ state: "pending" });
      await client.room.delete(name);
      expect(world.calls()).toBe(0);
    }),
  },
  cannot: {},
};

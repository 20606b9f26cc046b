import { expect } from "vitest";
import type { ErrorCode } from "../../src/contract/index.ts";
import { Engine } from "./engine.ts";
import type { Fault } from "./memory.ts";
import { type Cases, refusal, settled } from "./world.ts";

const EXPECTED: Record<Fault, { code: ErrorCode; retryable: boolean }> = {
  denied: { code: "UNAUTHENTICATED", retryable: false },
  throttled: { code: "RATE_LIMITED", retryable: true },
  broken: { code: "VENDOR_ERROR", retryable: true },
  garbled: { code: "VENDOR_ERROR", retryable: true },
  unreachable: { code: "UNAVAILABLE", retryable: true },
};

/** What must hold for every vendor, whatever it can. */
export const failures: Cases = {
  ...Object.fromEntries(
    Object.entries(EXPECTED).map(([fault, expected]): [string, Cases[string]] => [
      `a vendor that is ${fault} is told from the others`,
      async (world) => {
        world.break(fault as Fault);
        const client = world.connect();
        const name = world.freshName();
        for (const call of [() => client.room.get(name), () => client.room.delete(name)]) {
          expect(await refusal(world, call())).toMatchObject({ ...expected, vendor: world.vendor });
        }
      },
    ]),
  ),

  "a room is not gone because the vendor did not answer": async (world) => {
    const program = { hall: { name: world.freshName() } };
    const engine = new Engine(world.connect);
    await engine.up(program);
    const before = structuredClone(engine.state);
    world.break("broken");
    await refusal(world, engine.refresh());
    await refusal(world, engine.destroy());
    expect(engine.state).toEqual(before);
    world.mend();
    await settled(engine, program);
  },

  "with another address configured, nothing is touched": async (world) => {
    const program = { hall: { name: world.freshName(), metadata: { version: 1 } } };
    const engine = new Engine(world.connect);
    await engine.up(program);
    const before = structuredClone(engine.state);
    const moved = new Engine(world.connectElsewhere);
    for (const [name, resource] of before) moved.state.set(name, resource);
    const changed = { hall: { ...program.hall, metadata: { version: 2 } } };
    for (const attempt of [() => moved.up(changed), () => moved.refresh(), () => moved.destroy()]) {
      expect(await refusal(world, attempt())).toMatchObject({ code: "ENDPOINT_MISMATCH", retryable: false });
    }
    expect(moved.state).toEqual(before);
    await settled(engine, program);
  },
};

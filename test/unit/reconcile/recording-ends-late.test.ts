import { describe, expect, it } from "vitest";
import type { VendorAdapter } from "../../../src/contract/adapter.ts";
import { type Recording, RtcError } from "../../../src/contract/index.ts";
import type { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { TestStack } from "./fixture.ts";
import { of, record, recorded, recordings, reportsOf } from "./recording-fixture.ts";

describe("delete of a recording whose end the vendor reports before it is observable", () => {
  it("waits until it is observable, so that what is recreated does not adopt the old one", async () => {
    const { stack, hall, tape } = await recorded({}, { stack: showingLate(3) });
    await stack.recording.delete(tape.id, tape.outs);
    const recreated = await record(stack, of(hall));
    expect(recreated.outs).toMatchObject({ recording: "memory:EG_2", status: "starting" });
    expect(recordings(stack)).toMatchObject([{ status: "aborted" }, { status: "starting" }]);
  });

  it("takes the vendor's word for it after ten seconds", async () => {
    const { stack, tape } = await recorded({}, { stack: showingLate(Number.POSITIVE_INFINITY) });
    const began = stack.clock.now();
    await stack.recording.delete(tape.id, tape.outs);
    expect(stack.clock.now() - began).toBeGreaterThan(10_000);
    expect(stack.clock.now() - began).toBeLessThan(11_000);
  });
});

describe("delete of a recording whose end the vendor reports, and nothing later", () => {
  const blind: Record<string, () => Promise<undefined>> = {
    "forgets it at once": async () => undefined,
    "cannot be asked": () => Promise.reject(new RtcError("UNAVAILABLE", "down")),
  };
  it.each(Object.entries(blind))("names the result, where the vendor %s", async (_name, observe) => {
    const vendors = (vendor: MemoryVendor) => ({ memory: () => after(memoryAdapter(vendor), observe) });
    const { stack, tape } = await recorded({}, { stack: new TestStack({ vendors }) });
    await stack.recording.delete(tape.id, tape.outs);
    expect(reportsOf(stack).join()).toMatch(/recording memory:EG_1 is aborted, without a file/);
  });
});

/** A stack at a vendor that reports a stopped recording as running for so many reads. */
function showingLate(reads: number): TestStack {
  return new TestStack({ vendors: (vendor) => ({ memory: () => late(memoryAdapter(vendor), reads) }) });
}

/** Once a recording was stopped, `observe` answers its reads. */
function after(adapter: VendorAdapter, observe: () => Promise<undefined>): VendorAdapter {
  const { recordings } = adapter;
  if (!recordings) return adapter;
  let isStopped = false;
  return {
    ...adapter,
    recordings: {
      ...recordings,
      stop: async (region, id) => {
        isStopped = true;
        const stopped = await recordings.stop(region, id);
        return stopped && { ...stopped, error: "no participant joined" };
      },
      get: (region, id) => (isStopped ? observe() : recordings.get(region, id)),
    },
  };
}

function late(adapter: VendorAdapter, reads: number): VendorAdapter {
  const { recordings } = adapter;
  if (!recordings) return adapter;
  const before = new Map<string, { shown: Recording; left: number }>();
  const lookAt = (one: Recording): Recording => {
    const old = before.get(one.recording);
    return old && old.left-- > 0 ? old.shown : one;
  };
  return {
    ...adapter,
    recordings: {
      ...recordings,
      stop: async (region, id) => {
        const shown = await recordings.get(region, id);
        if (shown) before.set(shown.recording, { shown, left: reads });
        return recordings.stop(region, id);
      },
      get: async (region, id) => {
        const one = await recordings.get(region, id);
        return one && lookAt(one);
      },
      list: async (region, { room, active }) => {
        const all = (await recordings.list(region, { room, active: false })).map(lookAt);
        return active ? all.filter(({ status }) => status === "starting" || status === "active") : all;
      },
    },
  };
}

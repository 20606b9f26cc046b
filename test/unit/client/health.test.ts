import { beforeEach, describe, expect, it } from "vitest";
import { newClient } from "../../../src/client/create.ts";
import { localClient } from "../../../src/client/local.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import { Health } from "../../../src/routing/circuit-breaker.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter, withoutRecorder } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter, renamed } from "../../conformance/memory-vendors.ts";

let now: number;
let first: MemoryVendor;
let second: MemoryVendor;
let client: RtcClient;
beforeEach(() => {
  now = Date.parse("2026-01-01T00:00:00Z");
  [first, second] = [new MemoryVendor(), new MemoryVendor()];
  const registry = {
    first: () => renamed(memoryAdapter(first, ["eu"]), "first"),
    second: () => renamed(withoutRecorder(memoryAdapter(second, ["eu"])), "second"),
    third: () => fleetingAdapter(new MemoryVendor(), { vendor: "third" }),
  };
  client = localClient({}, registry, new Health(() => now));
});

let made = 0;
/** The vendor of a new room that names none, or the code of its failure. */
const create = async (region?: string) => {
  made += 1;
  const room = client.room.create({ name: `room-${made}`, ...(region === undefined ? {} : { region }) });
  return room.then(
    ({ vendor }) => vendor,
    ({ code }) => code,
  );
};
const fail = async (times: number) => {
  first.fault = "unreachable";
  for (let n = 0; n < times; n += 1)
    await expect(client.room.get("first:hall")).rejects.toMatchObject({ code: "UNAVAILABLE" });
};
const explained = () => client.explainRoute({ needs: ["rtc.room.create"] });

describe("a vendor whose calls keep failing, in a process that runs on,", () => {
  it("is skipped for new rooms after the fifth, and the explanation reports it", async () => {
    await fail(4);
    expect(await create()).toBe("UNAVAILABLE");
    expect(await create()).toBe("second");
    expect(explained()).toEqual({
      vendor: "second",
      candidates: [
        {
          vendor: "first",
          fits: true,
          reason:
            "its last 5 calls have failed (UNAVAILABLE): its circuit breaker is open until a call succeeds, for at most 30 seconds",
        },
        { vendor: "second", fits: true },
        { vendor: "third", fits: true },
      ],
    });
  });

  it("is chosen again as soon as a call succeeds, be it with a rejection", async () => {
    await fail(5);
    first.fault = undefined;
    await expect(client.room.get("first:hall")).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await create()).toBe("first");
  });

  it("is retried after half a minute, and skipped again after one more failure", async () => {
    await fail(5);
    now += 29_000;
    expect(await create()).toBe("second");
    now += 1_000;
    expect(await create()).toBe("UNAVAILABLE");
    expect(await create()).toBe("second");
    now += 30_000;
    first.fault = undefined;
    expect(await create()).toBe("first");
  });

  it("is not one whose failures lie apart, or are of another kind", async () => {
    for (let n = 0; n < 10; n += 1) {
      await fail(1);
      now += 61_000;
    }
    first.fault = "throttled";
    for (let n = 0; n < 10; n += 1)
      await expect(client.room.get("first:hall")).rejects.toMatchObject({ code: "RATE_LIMITED" });
    first.fault = undefined;
    expect(explained().vendor).toBe("first");
    first.make({ region: null, name: "hall" });
    first.recorder.startFailure = "no worker";
    await client.recording.start({ room: "first:hall", outputUri: "s3://acme/" });
    first.fault = "unreachable";
    for (let n = 0; n < 10; n += 1) await client.recording.list().catch(() => undefined);
    expect(explained().vendor, "a recorder is not the server").toBe("first");
  });

  it("still gets what names it, the calls about its own rooms, and the rooms of its other deployments", async () => {
    await fail(5);
    const explicit = client.room.create({ name: "hall", vendor: "first" });
    await expect(explicit).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(client.room.delete("first:hall")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(client.explainRoute({ needs: ["rtc.token.issue"] }).vendor).toBe("first");
    first.fault = undefined;
    expect(await create("eu")).toBe("first");
  });

  it("is tried all the same where all that fit fail", async () => {
    const registry = { first: () => renamed(memoryAdapter(first), "first") };
    client = localClient({}, registry, new Health(() => now));
    await fail(6);
    first.fault = undefined;
    expect(await create()).toBe("first");
  });
});

it("A client of newClient counts, and one of a Pulumi program or provider does not.", async () => {
  const broken = { livekitUrl: "ws://127.0.0.1:1", livekitApiKey: "key", livekitApiSecret: "secret" };
  const problemOf = async (each: RtcClient) => {
    await Promise.all(Array.from({ length: 5 }, () => each.room.get("livekit:hall").catch(() => undefined)));
    return each.explainRoute({ needs: ["rtc.room.create"] }).candidates[0]?.reason;
  };
  expect(await problemOf(newClient(broken))).toMatch(/^its last 5 calls have failed \(UNAVAILABLE\)/);
  expect(await problemOf(localClient(broken))).toBeUndefined();
});

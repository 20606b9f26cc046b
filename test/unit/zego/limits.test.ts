import { describe, expect, it, vi } from "vitest";
import { exchange } from "../../../src/support/http.ts";
import { zego } from "../../../src/vendors/zego/adapter.ts";
import type { Zego } from "../../emulators/zego.ts";
import { inVirtualTime, place, zegoWith } from "./fixture.ts";

vi.mock("../../../src/support/http.ts", { spy: true });

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** The return codes that a server has given. */
const codes = (server: Zego) =>
  server.calls.map(({ answer }) => (answer?.body as { Code?: number } | undefined)?.Code);

describe("ZEGO's limits", () => {
  it("let fifty occupied rooms be closed at once, one a second, without a rejection", async () => {
    vi.mocked(exchange).mockClear();
    await inVirtualTime(async () => {
      const { adapter, server } = await zegoWith();
      const names = upTo(50).map((index) => `room-${index}`);
      for (const name of names) server.join(name, `user-of-${name}`);
      const began = Date.now();
      await Promise.all(names.map((name) => adapter.deleteRoom(place(name))));
      for (const name of names) expect(server.participants(name)).toEqual([]);
      expect(codes(server)).toEqual(Array(50).fill(0));
      const seconds = (Date.now() - began) / 1_000;
      expect(seconds).toBeGreaterThan(49);
      expect(seconds).toBeLessThan(70);
    });
    // Each had all of its time, however long it waited for its turn.
    expect(vi.mocked(exchange).mock.calls.map(([{ seconds }]) => seconds)).toEqual(Array(50).fill(10));
  });

  it("hold for all clients of an app together, whatever their region", async () => {
    await inVirtualTime(async () => {
      const { server, config } = await zegoWith();
      const adapters = [zego.adapter(config), zego.adapter(config), zego.adapter(config)];
      await Promise.all(
        adapters.map((adapter, index) =>
          adapter.deleteRoom({ region: adapter.regions()[index] ?? null, name: `room-${index}` }),
        ),
      );
      const times = server.calls.map(({ time }) => time).sort();
      expect(times).toHaveLength(3);
      expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(2_000);
    });
  });

  it("are an app's own", async () => {
    await inVirtualTime(async () => {
      const [one, other] = [await zegoWith(), await zegoWith()];
      const began = Date.now();
      await Promise.all([one, other].map(({ adapter }) => adapter.deleteRoom(place("hall"))));
      expect(Date.now() - began).toBeLessThan(1_000);
    });
  });

  it("let the participants of one room be listed once a second, and those of others meanwhile", async () => {
    await inVirtualTime(async () => {
      const { adapter, server } = await zegoWith();
      const began = Date.now();
      const finished: Record<string, number[]> = {};
      await Promise.all(
        ["hall", "hall", "hall", "lobby", "attic"].map(async (name) => {
          await adapter.listParticipants(place(name));
          finished[name] = [...(finished[name] ?? []), Date.now() - began];
        }),
      );
      expect(codes(server)).toEqual([0, 0, 0, 0, 0]);
      expect(finished["hall"]?.at(-1)).toBeGreaterThanOrEqual(2_000);
      expect(finished["lobby"]?.[0]).toBeLessThan(1_000);
      expect(finished["attic"]?.[0]).toBeLessThan(1_000);
    });
  });

  it("hold for reads of many rooms", async () => {
    await inVirtualTime(async () => {
      const { adapter, server } = await zegoWith();
      const names = upTo(300).map((index) => `room-${index}`);
      server.join("room-299", "alice");
      expect(await adapter.listRooms(null, names)).toHaveLength(1);
      expect(codes(server)).toEqual(Array(30).fill(0));
    });
  });

  it.each([7, 206, 207] as const)(
    "that another process has used up (%i) are waited for, a second and more",
    async (code) => {
      await inVirtualTime(async () => {
        const { adapter, server } = await zegoWith();
        const body = { Code: code, Message: "slow down", RequestId: "1" };
        server.faults.plan({ kind: "answer", status: 200, body }, { times: 2 });
        server.join("hall", "alice");
        await adapter.deleteRoom(place("hall"));
        expect(server.participants("hall")).toEqual([]);
        const times = server.calls.map(({ time }) => time);
        expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
        expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(1_000);
      });
    },
  );
});

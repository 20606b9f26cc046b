import { describe, expect, it, vi } from "vitest";
import { report } from "../../support/reliability.ts";
import { type Answer, hurry } from "../../support/twirp.ts";
import { adapterOnTwirp, wireRoom } from "./fixture.ts";

vi.setConfig({ testTimeout: 60_000 }); // a loaded machine is slow

type Wanted = (of: Awaited<ReturnType<typeof adapterOnTwirp>>) => Promise<unknown>;

const METHODS = ["ListRooms", "StopEgress", "ListEgress"];
const AWAY = { status: 503, body: { code: "unavailable", msg: "shutting down" } } satisfies Answer;

describe("a call that fails", () => {
  it("is retried, with longer pauses, until it succeeds", async () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0.5); // pauses differ, so that clients do not come back as one
    const pauses = hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", AWAY, "cut", { body: wireRoom });
    const room = await adapter.createRoom({ region: null, name: "hall" });
    expect(room.name).toBe("hall");
    expect(server.methods()).toEqual(["CreateRoom", "CreateRoom", "CreateRoom"]);
    expect(server.calls[2]).toEqual(server.calls[0]);
    expect(pauses).toEqual([300, 600]);
    random.mockRestore();
  });

  it("makes at most 1.4 calls for each that was wanted in a total outage, one after another or at the same time", async ({
    task,
  }) => {
    hurry();
    const calls: number[] = [];
    const soon: Answer = { ...AWAY, status: 429, headers: { "retry-after": "0" } };
    for (const outage of [AWAY, soon, "cut"] satisfies Answer[]) {
      for (const wanted of [
        ({ adapter }) => adapter.listRooms(null),
        ({ recordings }) => recordings.stop(null, "EG_abc"),
      ] satisfies Wanted[]) {
        for (const atOnce of [1, 100]) {
          const of = await adapterOnTwirp();
          for (const method of METHODS) of.server.on(method, outage);
          for (let made = 0; made < 100; made += atOnce) {
            const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, () => wanted(of)));
            expect(outcomes.map(({ status }) => status)).not.toContain("fulfilled");
          }
          calls.push(of.server.calls.length);
        }
      }
    }
    expect(Math.min(...calls)).toBeGreaterThan(100);
    expect(Math.max(...calls)).toBeLessThanOrEqual(140);
    report(task, {
      promise: "In a total outage a hundred calls that are wanted make at most 140, retries included",
      figure: `${Math.max(...calls)} calls in the worst of ${calls.length} outages`,
    });
  });

  it("may be retried again once calls have succeeded", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", AWAY);
    for (let wanted = 0; wanted < 20; wanted++) await adapter.listRooms(null).catch(() => undefined);
    server.on("ListRooms", {});
    for (let wanted = 0; wanted < 10; wanted++) await adapter.listRooms(null);
    const before = server.calls.length;
    server.on("ListRooms", AWAY, {});
    await adapter.listRooms(null);
    expect(server.calls.length - before).toBe(2);
  });

  it("is repeated for one deployment though another is out", async () => {
    hurry();
    const [away, well] = [await adapterOnTwirp(), await adapterOnTwirp()];
    away.server.on("ListRooms", AWAY);
    for (let wanted = 0; wanted < 20; wanted++) await away.adapter.listRooms(null).catch(() => undefined);
    well.server.on("ListRooms", "cut", {});
    expect(await well.adapter.listRooms(null)).toEqual([]);
  });
});

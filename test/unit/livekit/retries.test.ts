import { describe, expect, it, vi } from "vitest";
import { type Answer, hurry } from "../../support/twirp.ts";
import { adapterOnTwirp, wireRoom } from "./fixture.ts";

const AWAY: Answer = { status: 503, body: { code: "unavailable", msg: "shutting down" } };

describe("a call that fails", () => {
  it("is tried again, with longer pauses, until it succeeds", async () => {
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

  it("makes at most 1.4 calls for one that was wanted, in a total outage of a hundred", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", AWAY);
    for (let wanted = 0; wanted < 100; wanted++) {
      await expect(adapter.listRooms(null)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    }
    expect(server.calls.length).toBeGreaterThan(100);
    expect(server.calls.length).toBeLessThanOrEqual(140);
  });

  it("is not repeated past the budget by calls at the same time either", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", AWAY);
    await Promise.allSettled(Array.from({ length: 100 }, () => adapter.listRooms(null)));
    expect(server.calls.length).toBeLessThanOrEqual(140);
  });

  it("is worth tries again once calls have succeeded", async () => {
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

import { describe, expect, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import { failure, zegoWith } from "./fixture.ts";

describe("a client of ZEGO alone", () => {
  it("declares a room, admits, lists and removes a participant, and ends the room", async () => {
    const { server, config, actions } = await zegoWith();
    const client = localClient(config);
    const room = await client.room.create({ name: "hall", metadata: { team: "core" } });
    expect(room).toMatchObject({ room: "zego:hall", state: "pending", metadata: { team: "core" } });
    expect(await client.room.get("hall")).toMatchObject({ state: "pending", numParticipants: 0 });
    expect(await client.participant.list("hall")).toEqual({ items: [] });

    const { token } = await client.token.issue({ room, identity: "alice" });
    server.joinWith(token);
    expect(await client.room.get("hall")).toMatchObject({ state: "open", numParticipants: 1 });
    expect(() => server.join("lobby", "alice", { token })).toThrow("It is for another room");

    await client.participant.kick({ room: "hall", identity: "alice" });
    expect(server.participants("hall")).toEqual([]);
    server.joinWith(token);
    await client.room.delete("hall");
    expect(server.participants("hall")).toEqual([]);
    expect(actions()).toEqual([
      "DescribeUserNum",
      "DescribeUserList",
      "DescribeUserNum",
      "KickoutUser",
      "CloseRoom",
    ]);
  });

  it("reports what it cannot, and what can", async () => {
    const { server, config } = await zegoWith();
    const client = localClient(config);
    const list = await failure(client.room.list());
    expect(list).toMatchObject({ code: "UNSUPPORTED" });
    expect(list.message).toContain("zego: cannot rtc.room.list: ZEGO lists rooms only where");
    const start = client.recording.start({ room: "zego:hall", outputUri: "s3://acme/" });
    const recording = await failure(start);
    expect(recording).toMatchObject({ code: "UNSUPPORTED" });
    expect(recording.message).toContain("LiveKit");
    const { vendors } = await client.discover("rtc.token.issue");
    expect(vendors).toContainEqual({ vendor: "zego", available: true });
    expect(server.calls).toEqual([]);
  });
});

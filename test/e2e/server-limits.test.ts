import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { type Proxy as LivekitProxy, type Rewrite, startProxy } from "../support/proxy.ts";
import { leave } from "../support/recordings.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { UPDATE } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn, type LivingRoom, roomsOf } from "../support/world.ts";

const HOUR = 3_600;

/** Lets a server answer as hosted ones may: with no timeout above an hour. */
function capTimeouts(proxy: LivekitProxy): void {
  const cap = (room: Record<string, unknown>) => ({
    ...room,
    empty_timeout: Math.min(Number(room["empty_timeout"]), HOUR),
    departure_timeout: Math.min(Number(room["departure_timeout"]), HOUR),
  });
  const capAll: Rewrite = ({ rooms }) => ({ rooms: (rooms as Record<string, unknown>[]).map(cap) });
  proxy.rewrite("CreateRoom", cap);
  proxy.rewrite("UpdateRoomMetadata", cap);
  proxy.rewrite("ListRooms", capAll);
}

describe("A server with limits of its own", () => {
  const rooms = (metadata: object) =>
    declaring({
      open: { metadata },
      long: { emptyTimeoutSeconds: 90_000, metadata },
      short: { emptyTimeoutSeconds: 600, metadata },
      smaller: { maxParticipants: 5, metadata },
      larger: { maxParticipants: 80, metadata },
    });
  const ran = {} as Record<"made" | "refreshed" | "updated" | "repaired" | "settled", Result>;
  const at = {} as Record<"made" | "repaired", Record<string, LivingRoom>>;
  let state: Record<string, StateResource>;

  beforeAll(async () => {
    const server = await startLivekit({
      config: { room: { max_participants: 50, departure_timeout: 600, empty_timeout: 600 } },
    });
    const proxy = await startProxy(server.url);
    capTimeouts(proxy);
    const env = await server.envWith({ LIVEKIT_URL: proxy.url });
    const stack = await newStack({ program: rooms({ team: "core" }), env });
    ran.made = await stack.up();
    [at.made, state] = [await roomsOf(server), await roomsInState(stack)];
    ran.refreshed = await stack.up(["--refresh"]);
    stack.write(rooms({ team: "sales" }));
    ran.updated = await stack.up();

    const bringBack = async (name: string) => {
      await server.service.deleteRoom(name);
      await leave(server, name, await joinPlainly(server, name, "alice"));
    };
    await Promise.all(["open", "smaller"].map(bringBack));
    ran.repaired = await stack.up(["--refresh"]);
    at.repaired = await roomsOf(server);
    ran.settled = await stack.expectNoChanges(["--refresh"], { code: "any" });
  });

  test("that caps timeouts gives a warning", () => {
    const { output, counts } = ran.made;
    expect(counts.create).toBe(5);
    expect(output).toContain(
      "warning: the server created room livekit:open with other settings: emptyTimeoutSeconds is 3600",
    );
    expect(output).toContain("warning: the server created room livekit:long with other settings");
    expect(output).not.toContain("room livekit:short otherwise");
  });

  test("that limits participants does so in rooms without a limit, which the state does not show", () => {
    expect(at.made).toMatchObject({
      open: { maxParticipants: 50 },
      smaller: { maxParticipants: 5 },
      larger: { maxParticipants: 80 },
    });
    expect(state["open"]?.outputs).not.toHaveProperty("maxParticipants");
  });

  test("causes no endless diff, with a refresh and without", () => {
    const nothing = { create: 0, update: 0, replace: 0, delete: 0 };
    expect(ran.refreshed.counts).toEqual({ ...nothing, same: 5 });
    expect(ran.updated.counts).toEqual({ ...nothing, same: 0, [UPDATE]: 5 });
    expect(ran.settled.code).toBe(0);
  });

  test("gives its limit to a room that a join brings back, which is drift where another is declared", () => {
    expect(changesIn(ran.repaired).sort()).toEqual(["replace open", "replace smaller"]);
    expect(at.repaired["smaller"]).toMatchObject({ maxParticipants: 5 });
  });
});

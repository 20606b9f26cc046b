import { expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { type Proxy as LivekitProxy, type Rewrite, startProxy } from "../support/proxy.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { UPDATE } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";

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

test("a server that caps timeouts gives a warning, and no endless diff", async () => {
  const server = await startLivekit();
  const proxy = await startProxy(server.url);
  capTimeouts(proxy);
  const rooms = (metadata: object) =>
    declaring({
      lasting: { metadata },
      long: { emptyTimeoutSeconds: 90_000, metadata },
      short: { emptyTimeoutSeconds: 600, metadata },
    });
  const env = await server.envWith({ LIVEKIT_URL: proxy.url });
  const stack = await newStack({ program: rooms({ team: "core" }), env });

  const { output, counts } = await stack.up();

  expect(counts.create).toBe(3);
  expect(output).toContain(
    "warning: the server has made room livekit:lasting otherwise: emptyTimeoutSeconds is 3600",
  );
  expect(output).toContain("warning: the server has made room livekit:long otherwise");
  expect(output).not.toContain("room livekit:short otherwise");
  await stack.expectNoChanges();
  await stack.expectNoChanges(["--refresh"]);
  expect((await stack.up(["--refresh"])).counts).toMatchObject({ same: 3, replace: 0, update: 0 });

  stack.write(rooms({ team: "sales" }));
  expect((await stack.up()).counts).toMatchObject({ update: 0, replace: 0, [UPDATE]: 3 });
  await stack.expectNoChanges(["--refresh"]);
});

test("a server with a participant limit of its own causes no endless diff", async () => {
  const server = await startLivekit({
    config: { room: { max_participants: 50, departure_timeout: 600, empty_timeout: 600 } },
  });
  const rooms = declaring({ open: {}, smaller: { maxParticipants: 5 }, larger: { maxParticipants: 80 } });
  const stack = await newStack({ program: rooms, env: server.env });

  await stack.up();

  expect(await roomAt(server, "open")).toMatchObject({ maxParticipants: 50 });
  expect(await roomAt(server, "smaller")).toMatchObject({ maxParticipants: 5 });
  expect(await roomAt(server, "larger")).toMatchObject({ maxParticipants: 80 });
  expect((await remembered(stack))["open"]?.outputs).not.toHaveProperty("maxParticipants");
  await stack.expectNoChanges();
  await stack.expectNoChanges(["--refresh"]);
  expect((await stack.up(["--refresh"])).counts).toMatchObject({ same: 3, replace: 0, update: 0 });

  // Brought back by a join, a room without a limit has the server's again; one with a limit is drift.
  for (const name of ["open", "smaller"]) {
    await server.service.deleteRoom(name);
    const alice = await joinPlainly(server, name, "alice");
    await alice.leave();
    await expect.poll(() => server.service.listParticipants(name)).toEqual([]);
  }
  expect((await stack.up(["--refresh"])).counts.replace).toBe(2);
  expect(await roomAt(server, "smaller")).toMatchObject({ maxParticipants: 5 });
  await stack.expectNoChanges(["--refresh"]);
});

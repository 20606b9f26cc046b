import { expect, test } from "vitest";
import { createdIn } from "../support/calls.ts";
import { startProxy } from "../support/proxy.ts";
import { report } from "../support/reliability.ts";
import type { Result } from "../support/stack-types.ts";
import { declare, newWorld, program } from "../support/world.ts";

const ROOMS = 300;
const LATENCY_MS = 50;

test("Three hundred rooms at a vendor 50 ms away are made once, refreshed in five calls, previewed in none, and deleted", async ({
  task,
}) => {
  const names = Array.from({ length: ROOMS }, (_, index) => `room-${index}`);
  const declared = names.map((name, index) => declare(name, { maxParticipants: 12, metadata: { index } }));
  const { server, stack, rooms } = await newWorld(program(...declared));
  const proxy = await startProxy(server.url);
  proxy.delay(LATENCY_MS);
  stack.setEnv({ LIVEKIT_URL: proxy.url });
  const figures: string[] = [];
  const measured = async (what: string, run: () => Promise<Result>) => {
    const before = proxy.calls.length;
    const start = Date.now();
    const { counts } = await run();
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    const calls = proxy.calls.slice(before);
    figures.push(`${what} ${seconds} s (calls: ${calls.length})`);
    return { calls, counts };
  };

  const up = await measured("up", () => stack.up());
  expect(up.counts.create).toBe(ROOMS);
  expect(Object.keys(await rooms()).sort()).toEqual(names.toSorted());

  const preview = await measured("second preview", () => stack.expectNoChanges());
  expect(preview.calls).toEqual([]);

  const refresh = await measured("refresh", () => stack.refresh(["--expect-no-changes"]));
  expect(new Set(refresh.calls)).toEqual(new Set(["ListRooms"]));
  expect(refresh.calls.length).toBeLessThanOrEqual(5);
  await stack.expectNoChanges();

  const destroy = await measured("destroy", () => stack.destroy());
  expect(destroy.counts.delete).toBe(ROOMS);
  expect(await rooms()).toEqual({});

  expect(createdIn(proxy.traffic).sort()).toEqual(names.toSorted());
  report(task, {
    promise: `${ROOMS} rooms at a vendor ${LATENCY_MS} ms away: none is made twice, and a refresh takes 5 calls at most`,
    figure: figures.join(", "),
  });
}, 600_000);

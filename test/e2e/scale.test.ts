import { expect, test } from "vitest";
import { startProxy } from "../support/proxy.ts";
import type { Result } from "../support/stack-types.ts";
import { declare, newWorld, program } from "../support/world.ts";

const ROOMS = 100;
/** How long readers share one listing. */
const SHARED_MS = 500;

test("A hundred rooms are made, refreshed with a handful of vendor calls, previewed with none, and deleted", async () => {
  const many = Array.from({ length: ROOMS }, (_, index) =>
    declare(`room-${index}`, { maxParticipants: 12, metadata: { index } }),
  );
  const { server, stack, rooms } = await newWorld(program(...many));
  const proxy = await startProxy(server.url);
  stack.setEnv({ LIVEKIT_URL: proxy.url });
  const figures: string[] = [];
  const measured = async (what: string, run: () => Promise<Result>) => {
    const before = proxy.calls.length;
    const start = Date.now();
    const result = await run();
    const ms = Date.now() - start;
    const calls = proxy.calls.slice(before);
    figures.push(`${what} ${(ms / 1000).toFixed(1)} s and ${calls.length} calls`);
    return { calls, ms, counts: result.counts };
  };

  const up = await measured("up", () => stack.up());
  expect(up.counts.create).toBe(ROOMS);
  expect(Object.keys(await rooms())).toHaveLength(ROOMS);

  const preview = await measured("preview", () => stack.expectNoChanges());
  expect(preview.calls).toEqual([]);

  const refresh = await measured("refresh", () => stack.refresh());
  expect(new Set(refresh.calls)).toEqual(new Set(["ListRooms"]));
  expect(refresh.calls.length).toBeLessThanOrEqual(1 + refresh.ms / SHARED_MS);
  expect(refresh.calls.length).toBeLessThan(ROOMS / 5);
  await stack.expectNoChanges();

  const destroy = await measured("destroy", () => stack.destroy());
  expect(destroy.counts.delete).toBe(ROOMS);
  expect(await rooms()).toEqual({});
  console.log(`${ROOMS} rooms: ${figures.join(", ")}`);
});

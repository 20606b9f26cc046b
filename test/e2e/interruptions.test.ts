import { expect, test } from "vitest";
import { interrupt, runUntil } from "../support/interrupt.ts";
import { startProxy } from "../support/proxy.ts";
import { report } from "../support/reliability.ts";
import { changesIn, declare, newWorld, program } from "../support/world.ts";

test("While one up runs, another gets the lock error; ^C lets the first finish what it started, and the next one continues", async ({
  task,
}) => {
  const first = `const first = ${declare("first", { maxParticipants: 12 })}`;
  const { server, stack, rooms } = await newWorld(
    program(first, declare("second", {}, "{ dependsOn: first }")),
  );
  const proxy = await startProxy(server.url);
  stack.setEnv(await server.envWith({ LIVEKIT_URL: proxy.url }));
  const heldCall = proxy.hold("CreateRoom", "before", { times: 1 });
  const run = await runUntil(stack, "up", heldCall.caught);

  const rejected = await stack.up([], { code: "any" });
  expect(rejected.code).not.toBe(0);
  expect(rejected.output).toMatch(/currently locked by 1 lock.*pulumi cancel/s);
  expect(rejected.output).toContain(`(pid ${run.pid})`);

  await interrupt(run, "SIGINT", "its process group");
  heldCall.release();
  const interrupted = await run.result;
  expect(interrupted.code).toBe(1);
  expect(changesIn(interrupted)).toEqual(["create first"]);

  const next = await stack.up();
  expect(changesIn(next)).toEqual(["create second"]);
  expect(Object.keys(await rooms()).sort()).toEqual(["first", "second"]);
  const made = proxy.calls.filter((call) => call === "CreateRoom").length;
  expect(made).toBe(2);
  report(task, {
    promise:
      "A second `up` on one stack reports the lock and the process that owns it; the first one continues",
    figure: `${made} rooms made by ${made} calls`,
  });
});

test("A room whose creation is answered with an error exists once, with its tag, and the next up changes nothing", async ({
  task,
}) => {
  const { server, stack, rooms } = await newWorld(program(declare("hall", { maxParticipants: 12 })));
  const proxy = await startProxy(server.url);
  stack.setEnv(await server.envWith({ LIVEKIT_URL: proxy.url }));
  const unavailable = { status: 503, body: "upstream connect error" };
  proxy.fail("CreateRoom", unavailable, { when: "after", times: 100 });
  const failed = await stack.up([], { code: "any" });
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("UNAVAILABLE");
  const made = (await rooms())["hall"];
  expect(made?.owner).toMatch(/^[0-9a-f]{12}-[0-9a-f]{12}$/);

  proxy.reset();
  expect(changesIn(await stack.up())).toEqual(["create hall"]);
  const second = await stack.expectNoChanges(["--refresh"], { code: "any" });
  expect(second.code).toBe(0);
  expect(await rooms()).toEqual({ hall: made });
  report(task, {
    promise: "A room whose creation is answered with 503 is adopted by the next up: one room, with its tag",
    figure: "1 room, same sid and tag; the run after that changes nothing",
  });
});

import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { startZego } from "../emulators/zego.ts";
import { report } from "../support/reliability.ts";
import { newStack } from "../support/stack.ts";
import { declare, program } from "../support/world.ts";

const ROOMS = 50;

test("Fifty occupied rooms at ZEGO, which closes one a second, are closed by one destroy, and none is rejected", async ({
  task,
}) => {
  const [appId, serverSecret] = [1_234_567_890, randomBytes(16).toString("hex")];
  const zego = await startZego({ appId, serverSecret });
  const names = Array.from({ length: ROOMS }, (_, index) => `room-${index}`);
  const stack = await newStack({
    program: program(...names.map((name) => declare(name, { vendor: "zego", forceDestroy: true }))),
    env: { ZEGO_APP_ID: String(appId), ZEGO_SERVER_SECRET: serverSecret, ZEGO_BASE_URL: zego.url },
  });
  expect((await stack.up()).counts.create).toBe(ROOMS);
  await stack.expectNoChanges(["--refresh"]);
  expect(zego.calls).toEqual([]);

  for (const [index, name] of names.entries()) zego.join(name, `person-${index}`);
  const start = Date.now();
  const { counts } = await stack.destroy();
  const seconds = Math.round((Date.now() - start) / 1_000);
  expect(counts.delete).toBe(ROOMS);
  expect(names.flatMap((name) => zego.participants(name))).toEqual([]);
  // Each room is closed once, and ZEGO never has to say that it was asked too often.
  const asked = zego.calls.map(({ api, answer }) => [api, JSON.stringify(answer?.body).slice(0, 9)]);
  expect(asked).toEqual(names.map(() => ["CloseRoom", '{"Code":0']));
  report(task, {
    promise: `${ROOMS} occupied rooms at ZEGO, which closes one a second, are destroyed by one run, without a rejection`,
    figure: `${zego.calls.length} calls in ${seconds} s`,
  });
}, 600_000);

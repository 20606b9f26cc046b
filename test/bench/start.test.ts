import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { measured } from "../support/measures.ts";
import { median, paired, time } from "../support/paired.ts";
import { RtcFolder } from "../support/rtc-folder.ts";

/** What the package costs, each beside what it is compared with, in the same run: see `npm run bench`. */

const MINUTES = 60_000;

test("the start of the command line, and Node's own", { timeout: 5 * MINUTES }, async ({ task }) => {
  const folder = new RtcFolder({});
  const node = async () => {
    const [code] = await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
    expect(code).toBe(0);
    return undefined;
  };
  const help = async () => {
    await folder.run(0, "--help");
    return undefined;
  };
  const shown = await paired({ name: "rtc --help", run: help }, { name: "node -e 0", run: node }, 15);
  folder.manifest("rooms:", "  room: { count: 10 }");
  const validate = async () => {
    await folder.run(0, "validate");
    return undefined;
  };
  const valid = await paired(
    { name: "rtc validate, 10 rooms", run: validate },
    { name: "node -e 0", run: node },
    15,
  );
  for (const [what, { a, b }, most] of [
    ["rtc --help", shown, 1.6],
    ["rtc validate of 10 rooms", valid, 3],
  ] as const)
    measured(task, {
      ...{ what, unit: "s", ours: median(a), beside: { "node -e 0": median(b) } },
      targets: { "node -e 0": most },
    });
});

test("a manifest of 10,000 rooms, and one of 1,000", { timeout: 5 * MINUTES }, async () => {
  const validating = (rooms: number) => {
    const folder = new RtcFolder({});
    const room = (_: unknown, index: number) =>
      `  room-${index}: { maxParticipants: ${(index % 50) + 1}, metadata: { team: core, index: ${index} } }`;
    folder.manifest("rooms:", ...Array.from({ length: rooms }, room));
    return async () => {
      await folder.run(0, "validate");
      return undefined;
    };
  };
  const { a, b } = await paired(
    { name: "rtc validate, 10,000 rooms", run: validating(10_000) },
    { name: "rtc validate, 1,000 rooms", run: validating(1_000) },
    5,
  );
  console.log(`  a room: ${time((median(a) - median(b)) / 9_000)}`);
  expect(median(a), "seconds").toBeLessThan(2);
});

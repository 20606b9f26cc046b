import { join } from "node:path";
import { expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { measured } from "../support/measures.ts";
import { median } from "../support/paired.ts";
import { startPulumi } from "../support/pulumi.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { AS_FOR_USERS } from "../support/short-lived.mts";

/** What a command line costs that calls no engine and no vendor, beside Node itself. */

const MINUTES = 60_000;
const ROUNDS = 21;
const ROUNDS_OF_LARGE = 5;

/** What a command has cost. */
interface Cost {
  seconds: number;
  /** User and system time, in seconds. */
  cpu: number;
}

/** As the shell's `time` counts. */
const TIMED = 'TIMEFORMAT="cpu %3U %3S"; time "$0" "$@" >/dev/null';

/** Runs Node in the folder of a manifest. */
async function costOf(folder: RtcFolder, ...args: string[]): Promise<Cost> {
  const began = performance.now();
  const run = startPulumi("bash", ["-c", TIMED, process.execPath, ...args], folder.dir, {
    ...folder.env,
    ...AS_FOR_USERS,
  });
  const { code, output, stderr } = await run.finished;
  expect(code, output).toBe(0);
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(stderr) ?? [];
  return { seconds: (performance.now() - began) / 1_000, cpu: Number(user) + Number(system) };
}

/** The costs of commands that are run in turn, after one run of each that is not counted. */
async function costsOf<Name extends string>(
  folder: RtcFolder,
  commands: Record<Name, string[]>,
  rounds: number,
): Promise<Record<Name, Cost>> {
  const names = Object.keys(commands) as Name[];
  const all = new Map<Name, Cost[]>();
  for (let round = 0; round <= rounds; round++)
    for (const name of names) {
      const cost = await costOf(folder, ...commands[name]);
      if (round > 0) all.set(name, [...(all.get(name) ?? []), cost]);
    }
  const middle = (name: Name): Cost => {
    const costs = all.get(name) ?? [];
    return { seconds: median(costs.map((one) => one.seconds)), cpu: median(costs.map((one) => one.cpu)) };
  };
  return Object.fromEntries(names.map((name) => [name, middle(name)])) as Record<Name, Cost>;
}

const main = join(repo, "dist/cli/main.js");

test("the start of the command line, and Node's own", { timeout: 5 * MINUTES }, async ({ task }) => {
  const folder = new RtcFolder({});
  folder.manifest("rooms:", "  room: { count: 10 }");
  const node = ["-e", "0"];
  const costs = await costsOf(folder, { node, help: [main, "--help"], validate: [main, "validate"] }, ROUNDS);
  for (const [what, ours, most] of [
    ["rtc --help", costs.help, 1.6],
    ["rtc validate of 10 rooms", costs.validate, 3],
  ] as const)
    for (const [field, unit] of [["seconds", "s"] as const, ["cpu", "s CPU"] as const])
      measured(task, {
        ...{ what, unit, ours: ours[field], beside: { "node -e 0": costs.node[field] } },
        targets: { "node -e 0": most },
      });
});

test("a manifest of 10,000 rooms, and what parses its YAML", { timeout: 5 * MINUTES }, async ({ task }) => {
  const folder = new RtcFolder({});
  const room = (_: unknown, index: number) =>
    `  room-${index}: { maxParticipants: ${(index % 50) + 1}, metadata: { team: core, index: ${index} } }`;
  folder.manifest("rooms:", ...Array.from({ length: 10_000 }, room));
  const yaml = JSON.stringify(join(repo, "node_modules/yaml"));
  const parse = ["-e", `require(${yaml}).parse(require("fs").readFileSync("rtc.yaml", "utf8"))`];
  const commands = { parse, validate: [main, "validate"], render: [main, "render"] };
  const costs = await costsOf(folder, commands, ROUNDS_OF_LARGE);
  for (const command of ["validate", "render"] as const)
    measured(task, {
      ...{ what: `rtc ${command} of 10,000 rooms`, unit: "s CPU", ours: costs[command].cpu },
      ...{ beside: { "the package yaml": costs.parse.cpu }, targets: {}, most: costs.parse.cpu + 0.6 },
    });
});

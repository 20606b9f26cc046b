import { readdirSync, readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { expect, inject, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { measured } from "../support/measures.ts";
import { median } from "../support/paired.ts";
import { startPulumi } from "../support/pulumi.ts";
import { AS_FOR_USERS } from "../support/short-lived.mts";
import { newStack, type Stack } from "../support/stack.ts";
import { program } from "../support/world.ts";

/*
 * What a stack costs by its number of rooms, for docs/scale.md: RTC_SCALE_ROOMS=200,1000,5000 npm run bench -- scale
 */

const SIZES = (process.env["RTC_SCALE_ROOMS"] ?? "50,200,500").split(",").map(Number);
const ROUNDS = Number(process.env["RTC_SCALE_ROUNDS"] ?? 1);
/** The commands, in the order in which a stack lives; `same` is an up without a change. */
const COMMANDS = {
  up: ["up", "--yes", "--skip-preview"],
  preview: ["preview", "--expect-no-changes"],
  same: ["up", "--yes", "--skip-preview"],
  refresh: ["refresh", "--yes", "--skip-preview"],
  destroy: ["destroy", "--yes", "--skip-preview"],
} as const;

interface Measured {
  seconds: number;
  /** Of all its processes, user and system. */
  cpuSeconds: number;
  /** The most memory of all its processes at one moment. */
  peakMb: number;
}

const UNITS = [
  ["seconds", "s"],
  ["cpuSeconds", "s CPU"],
  ["peakMb", "MB"],
] as const;

/** Runs the CLI in a shell that reports the processor time of its children. */
async function measure(stack: Stack, args: readonly string[]): Promise<Measured> {
  const began = performance.now();
  const script = '"$@"; code=$?; times >&2; exit $code';
  const command = ["-c", script, "measure", inject("engines").pulumi, "--non-interactive", ...args];
  const running = startPulumi("bash", command, stack.dir, stack.env);
  let peakMb = 0;
  const polling = setInterval(() => {
    peakMb = Math.max(peakMb, memoryOf(running.pid));
  }, 250);
  const { code, output, stderr } = await running.finished;
  clearInterval(polling);
  expect(code, output.slice(-2_000)).toBe(0);
  const seconds = (performance.now() - began) / 1_000;
  const times = [
    ...stderr
      .trimEnd()
      .split("\n")
      .slice(-1)
      .join()
      .matchAll(/(\d+)m([\d.]+)s/g),
  ];
  const cpuSeconds = times.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  return { seconds, cpuSeconds, peakMb };
}

/** The resident memory of a process and all its descendants, in MB. */
function memoryOf(pid: number): number {
  const parents = new Map<number, number>();
  const pages = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      // After the name of the program, which may hold anything.
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      parents.set(Number(name), Number(fields[1]));
      pages.set(Number(name), Number(fields[21]));
    } catch {} // It has ended.
  }
  const isOurs = (one: number): boolean => one === pid || (parents.has(one) && isOurs(parents.get(one) ?? 0));
  const ours = [...pages].filter(([one]) => isOurs(one));
  return Math.round((ours.reduce((sum, [, count]) => sum + count, 0) * 4_096) / 2 ** 20);
}

test.for(SIZES)("what a stack of %d rooms costs", { timeout: 60 * 60_000 }, async (rooms, { task }) => {
  const server = await startLivekit();
  const declared = `for (let n = 0; n < ${rooms}; n++) new rtc.RtcRoom("room-" + n, { maxParticipants: 12, metadata: { team: "core" } });`;
  const stack = await newStack({ program: program(declared), env: server.env, project: "acme" });
  stack.setEnv(AS_FOR_USERS);
  const costs: Record<string, Measured[]> = {};
  let stateBytes = 0;
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, args] of Object.entries(COMMANDS)) {
      costs[name] = [...(costs[name] ?? []), await measure(stack, args)];
      if (name === "same") stateBytes = JSON.stringify(stack.state()).length;
    }
  const cpu = cpus();
  console.log(
    `${rooms} rooms, ${ROUNDS} rounds, ${cpu.length} x ${cpu[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB, state ${(stateBytes / 1e6).toFixed(2)} MB`,
  );
  for (const [name, all] of Object.entries(costs))
    for (const [field, unit] of UNITS)
      measured(task, {
        ...{ what: `${name === "same" ? "up without a change" : name}, ${rooms} rooms alone`, unit },
        ...{ ours: median(all.map((one) => one[field])), beside: {}, targets: {} },
        plot: { name: `${unit} by the number of rooms`, x: rooms, xUnit: "rooms", line: name },
      });
  expect((await server.service.listRooms()).length).toBe(0);
});

import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { measured } from "../support/measures.ts";
import { median } from "../support/paired.ts";
import { processesIn, startPulumi } from "../support/pulumi.ts";
import { AS_FOR_USERS } from "../support/short-lived.mts";
import { newStack, type Stack } from "../support/stack.ts";

/*
 * What a stack costs beside two others that declare the same rooms: `ordinary` is a dynamic resource of closures over
 * livekit-server-sdk, as one writes it for a single project, and `floor` is one that does nothing.
 */

const ROOMS = (process.env["RTC_BENCH_ROOMS"] ?? "200").split(",").map(Number);
const ROUNDS = Number(process.env["RTC_BENCH_ROUNDS"] ?? 5);
const HOURS = 3_600_000;

const KINDS = ["ours", "ordinary", "floor"] as const;
type Kind = (typeof KINDS)[number];

const STEPS = {
  up: ["up", "--yes", "--skip-preview"],
  "up without a change": ["up", "--yes", "--skip-preview"],
  preview: ["preview"],
  refresh: ["refresh", "--yes", "--skip-preview"],
  destroy: ["destroy", "--yes", "--skip-preview"],
};
type Step = keyof typeof STEPS;

/** The ratios that are aimed at. */
const TARGETS: Record<Step, { ordinary: number; floor: number }> = {
  up: { ordinary: 0.6, floor: 1.25 },
  "up without a change": { ordinary: 0.85, floor: 1.15 },
  preview: { ordinary: 0.85, floor: 1.15 },
  refresh: { ordinary: 0.8, floor: 1.2 },
  destroy: { ordinary: 0.8, floor: 1.2 },
};

interface Cost {
  seconds: number;
  cpu: number;
  /** Of all its processes together, at their most. */
  megabytes: number;
}

test.for(ROOMS)(
  "a stack of %i rooms, beside an ordinary resource and one that does nothing",
  {
    timeout: 4 * HOURS,
  },
  async (rooms, { task }) => {
    const server = await startLivekit();
    const costs = {} as Record<Kind, Record<Step, Cost[]>>;
    const bytes = {} as Record<Kind, number>;
    for (const kind of KINDS)
      costs[kind] = { up: [], "up without a change": [], preview: [], refresh: [], destroy: [] };
    const stacks = {} as Record<Kind, Stack>;
    for (const kind of KINDS) stacks[kind] = await stackOf(kind, rooms, server);

    // The first round compiles what all later ones find compiled, and is not counted.
    for (let round = 0; round <= ROUNDS; round++)
      for (const step of Object.keys(STEPS) as Step[])
        for (const kind of KINDS) {
          const cost = await costOf(stacks[kind], STEPS[step]);
          if (round > 0) costs[kind][step].push(cost);
          if (step === "up") bytes[kind] = bytesOfRoom(stacks[kind]);
        }
    expect(await server.service.listRooms()).toEqual([]);

    const middle = (kind: Kind, step: Step, what: keyof Cost) =>
      median(costs[kind][step].map((cost) => cost[what]));
    for (const step of Object.keys(STEPS) as Step[])
      for (const [what, unit] of [["seconds", "s"] as const, ["cpu", "s CPU"] as const])
        measured(task, {
          what: `${step}, ${rooms} rooms`,
          unit,
          ours: middle("ours", step, what),
          beside: { ordinary: middle("ordinary", step, what), floor: middle("floor", step, what) },
          targets: TARGETS[step],
          plot: { name: `${step}: ${unit} by the number of rooms`, x: rooms, xUnit: "rooms" },
        });
    measured(
      task,
      {
        what: `memory of a preview, ${rooms} rooms`,
        unit: "MB",
        ours: middle("ours", "preview", "megabytes"),
        beside: {
          ordinary: middle("ordinary", "preview", "megabytes"),
          floor: middle("floor", "preview", "megabytes"),
        },
        targets: { ordinary: 1 },
      },
      {
        what: `state of a room, ${rooms} rooms`,
        unit: "bytes",
        ours: bytes.ours,
        beside: { ordinary: bytes.ordinary, floor: bytes.floor },
        targets: {},
      },
    );
  },
);

async function stackOf(kind: Kind, rooms: number, server: LivekitServer): Promise<Stack> {
  const stack = await newStack({ program: PROGRAMS[kind](rooms), env: server.env, project: kind });
  stack.setEnv(AS_FOR_USERS);
  symlinkSync(
    join(repo, "node_modules/livekit-server-sdk"),
    join(stack.dir, "node_modules/livekit-server-sdk"),
  );
  return stack;
}

/** As the shell's `time` counts: the CLI, and every process that it has waited for. */
const TIMED = 'TIMEFORMAT="cpu %U %S"; time "$0" "$@"';

async function costOf(stack: Stack, args: readonly string[]): Promise<Cost> {
  const began = performance.now();
  const all = ["-c", TIMED, inject("engines").pulumi, "--non-interactive", ...args];
  const run = startPulumi("bash", all, stack.dir, stack.env);
  let megabytes = 0;
  const sampling = setInterval(() => {
    megabytes = Math.max(megabytes, residentMb(stack.dir));
  }, 200);
  const { code, output, stderr } = await run.finished;
  clearInterval(sampling);
  if (code !== 0) throw new Error(output);
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(stderr) ?? [];
  return { seconds: (performance.now() - began) / 1_000, cpu: Number(user) + Number(system), megabytes };
}

/** What the processes of a folder have of the machine's memory. */
function residentMb(folder: string): number {
  const kilobytes = processesIn(folder).map(({ pid }) => {
    try {
      return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      return 0; // ended meanwhile
    }
  });
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** The mean of a stack's rooms, as the state holds them. */
function bytesOfRoom(stack: Stack): number {
  const rooms = stack.state().deployment.resources.filter(({ type }) => type.includes("dynamic"));
  return Math.round(JSON.stringify(rooms).length / rooms.length);
}

/** Rooms with two inputs each; those of a plain dynamic resource need their name as well. */
const declared = (rooms: number, kind: Kind) => `
for (let index = 0; index < ${rooms}; index++) {
  const name = "${kind}-" + index;
  new Room(name, { ${kind === "ours" ? "" : "name, "}maxParticipants: 12, emptyTimeoutSeconds: 3600 });
}`;

const PROGRAMS: Record<Kind, (rooms: number) => string> = {
  ours: (rooms) =>
    `const { RtcRoom: Room } = require("pulumi-rtc");
${declared(rooms, "ours")}`,
  ordinary: (rooms) =>
    `const pulumi = require("@pulumi/pulumi");
const service = () => {
  const { RoomServiceClient } = require("livekit-server-sdk");
  return new RoomServiceClient(process.env.LIVEKIT_URL, process.env.LIVEKIT_API_KEY, process.env.LIVEKIT_API_SECRET);
};
const provider = {
  async create({ name, maxParticipants, emptyTimeoutSeconds }) {
    const made = await service().createRoom({ name, maxParticipants, emptyTimeout: emptyTimeoutSeconds });
    return { id: name, outs: { name, maxParticipants, emptyTimeoutSeconds, sid: made.sid } };
  },
  async diff(_id, olds, news) {
    const replaces = ["name", "maxParticipants", "emptyTimeoutSeconds"].filter((key) => olds[key] !== news[key]);
    return { changes: replaces.length > 0, replaces, deleteBeforeReplace: true };
  },
  async read(id, props) {
    const [room] = await service().listRooms([id]);
    return room ? { id, props: { ...props, maxParticipants: room.maxParticipants, sid: room.sid } } : {};
  },
  async delete(id) {
    await service().deleteRoom(id);
  },
};
class Room extends pulumi.dynamic.Resource {
  constructor(name, inputs, options) {
    super(provider, name, { sid: undefined, ...inputs }, options);
  }
}
${declared(rooms, "ordinary")}`,
  floor: (rooms) =>
    `const pulumi = require("@pulumi/pulumi");
const provider = { create: async (inputs) => ({ id: inputs.name, outs: inputs }) };
class Room extends pulumi.dynamic.Resource {
  constructor(name, inputs, options) {
    super(provider, name, inputs, options);
  }
}
${declared(rooms, "floor")}`,
};

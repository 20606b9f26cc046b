import { inspect, isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { callsFor, type Point, pointsOf, roomOf, runsOf } from "./crash-points.ts";
import { programOf, scenes } from "./crash-scenes.ts";
import { type End, endOf, type Stage, startProxyOf, wantedEnd } from "./crash-stage.ts";
import { killDuring, pendingOf, type Victim } from "./kill.ts";
import type { LivekitServer } from "./livekit.ts";
import type { Proxy as LivekitProxy } from "./proxy.ts";
import { activate, egressesOf, expectStatus, leave } from "./recordings.ts";
import { newStack, type Stack } from "./stack.ts";

/** Enough for all that one run holds. */
const PARALLEL = ["--parallel", "64"];
/** How many stacks are killed at once: most of the time of each is waiting. */
const LANES = 4;

/** A room that is in a scene. */
type Actor = Pick<Point, "scene" | "name">;

/** How the killing went. */
export interface Outcome {
  /** After how many of the points the next run has made everything as declared. */
  converged: number;
  /** What went wrong at the others. */
  failures: string[];
}

/** Every point of every scene: before and after each call that a run makes when nobody kills it. */
export async function findPoints({ server }: Stage): Promise<Point[]> {
  const cast = scenes.map((scene) => ({ scene, name: `undisturbed-${scene.key}` }));
  const { stack, proxy } = await prepared(server, cast);
  const start = proxy.traffic.length;
  // It compares, and does nothing.
  await stack.preview();
  const from = proxy.traffic.length;
  await stack.up(PARALLEL);
  const rooms = proxy.traffic.slice(from).map((call) => roomOf(call, proxy.traffic));
  // A call that were nobody's would be missing in the matrix.
  expect(new Set(rooms)).toEqual(new Set(cast.map(({ name }) => name)));
  return cast.flatMap(({ scene, name }) => {
    const inDiff = callsFor(name, proxy.traffic.slice(0, from), start).length;
    return pointsOf(scene, callsFor(name, proxy.traffic, from), inDiff);
  });
}

/** Kills runs at these points, and lets the next run heal what each has left. */
export async function killAt(points: readonly Point[], stage: Stage): Promise<Outcome> {
  const outcome: Outcome = { converged: 0, failures: [] };
  const runs = runsOf(points);
  const lane = async () => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      try {
        for (const [point, end] of await crash(stage, run)) {
          const { name } = point;
          const wanted = wantedEnd(point);
          if (isDeepStrictEqual(end, wanted)) outcome.converged += 1;
          else outcome.failures.push(`${name}: ${inspect(end)} instead of ${inspect(wanted)}`);
        }
      } catch (error) {
        outcome.failures.push(`${run.map(({ name }) => name).join(", ")}: ${inspect(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcome;
}

/**
 * Kills one run, which is held at some points, and lets the next one heal what is left.
 *
 * @returns how each room is then
 * @throws where the run did not come to all of the points, or the next one does not heal it or leaves something to do
 */
async function crash(stage: Stage, points: readonly Point[]): Promise<(readonly [Point, End])[]> {
  const { stack, proxy } = await prepared(stage.server, points);
  const theirs = await stage.theirs();

  const victim = points[0]?.victim ?? "CLI";
  const killed = await heldAndKilled(stack, proxy, points, victim);
  if (victim === "CLI") await stack.run(["cancel", "--yes"]);
  const healed = await stack.up(["--refresh", ...PARALLEL]);
  if ((await pendingOf(stack)).length > 0) await stack.refresh(["--clear-pending-creates"]);

  expect(await pendingOf(stack)).toEqual([]);
  await stack.expectNoChanges(["--refresh"]);
  expect(await stage.theirs()).toEqual(theirs);
  const state = await stack.state();
  const said = killed.output + healed.output;
  return Promise.all(
    points.map(async (point) => [point, await endOf(stage, point.name, state, said)] as const),
  );
}

/** A stack in which the scenes are about to be played. */
async function prepared(
  server: LivekitServer,
  cast: readonly Actor[],
): Promise<{ stack: Stack; proxy: LivekitProxy }> {
  const { proxy, env } = await startProxyOf(server);
  const program = (when: "before" | "after") =>
    programOf(cast.map(({ scene, name }) => ({ name, declared: scene[when] })));
  const stack = await newStack({ program: program("before"), env });
  await stack.up(PARALLEL);
  await Promise.all(cast.map((actor) => film(server, actor)));
  if (cast.some(({ scene }) => scene.ended)) await stack.refresh();
  stack.write(program("after"));
  return { stack, proxy };
}

/** Somebody publishes in a room and leaves it, and its recording ends, if the scene begins like that. */
async function film(server: LivekitServer, { scene, name }: Actor): Promise<void> {
  if (!scene.filmed) return;
  const [egress] = await egressesOf(server, name);
  if (!egress) throw new Error(`Nobody records ${name}.`);
  await leave(server, name, await activate(server, name, egress.egressId));
  if (!scene.ended) return;
  await server.recordings.stopEgress(egress.egressId);
  await expectStatus(server, egress.egressId, "EGRESS_COMPLETE");
}

/** Starts a run, holds it at every point, and kills it there. */
async function heldAndKilled(
  stack: Stack,
  proxy: LivekitProxy,
  points: readonly Point[],
  victim: Victim,
): Promise<{ output: string }> {
  const from = proxy.traffic.length;
  const isAt = ({ name, call }: Point) => callsFor(name, proxy.traffic, from).length === call + 1;
  const holds = points.map((point) =>
    proxy.hold((call) => roomOf(call, proxy.traffic) === point.name && isAt(point), point.when),
  );
  const caught = Promise.all(holds.map((held) => held.caught));
  const killed = await killDuring(stack, victim, caught, { args: PARALLEL }).catch((cause: unknown) => {
    const missed = points.filter((point) => !isAt(point)).map(({ name }) => name);
    throw new Error(`the run did not come to ${missed.join(", ")}`, { cause });
  });
  // None has given up waiting and gone on.
  expect(points.filter((point) => !isAt(point))).toEqual([]);
  points.forEach(({ when }, index) => {
    when === "before" ? holds[index]?.drop() : holds[index]?.release();
  });
  return killed;
}

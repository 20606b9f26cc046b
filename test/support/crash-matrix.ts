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

/**
 * Every point of every scene: before and after each call that a run makes when it is not killed.
 *
 * @param diffs whether it includes the calls of diff, none of which changes anything; takes a run of its own
 */
export async function findPoints(stage: Stage, { diffs = true } = {}): Promise<Point[]> {
  const cast = scenes.map((scene) => ({ scene, name: `undisturbed-${scene.key}` }));
  const { stack, proxy } = await prepared(stage, cast);
  await stagePoints(stage.server, stack, cast);
  stack.write(programAt(cast, cast));
  const start = proxy.traffic.length;
  // It compares, and does nothing; what a preview alone asks is left out.
  if (diffs) await stack.preview([], { env: { RTC_OFFLINE_PREVIEW: "true" } });
  const from = proxy.traffic.length;
  await stack.up(PARALLEL);
  const rooms = proxy.traffic.slice(from).map((call) => roomOf(call, proxy.traffic));
  // A call without an owner would be missing in the matrix.
  expect(new Set(rooms)).toEqual(new Set(cast.map(({ name }) => name)));
  return cast.flatMap(({ scene, name }) => {
    const inDiff = callsFor(name, proxy.traffic.slice(0, from), start).length;
    return pointsOf(scene, callsFor(name, proxy.traffic, from), inDiff);
  });
}

/**
 * Kills runs at these points, and lets the next run repair what each has left.
 *
 * @param stacks one for all runs, which is cheaper; or one each, so that no failure is another's
 */
export async function killAt(
  points: readonly Point[],
  stage: Stage,
  { stacks = "each" }: { stacks?: "one" | "each" } = {},
): Promise<Outcome> {
  const outcome: Outcome = { converged: 0, failures: [] };
  const runs = runsOf(points);
  const shares = stacks === "one" ? [runs] : runs.map((run) => [run]);
  const lane = async () => {
    for (let share = shares.shift(); share !== undefined; share = shares.shift()) {
      try {
        for (const [point, end] of await crash(stage, share)) {
          const { name } = point;
          const wanted = wantedEnd(point);
          if (isDeepStrictEqual(end, wanted)) outcome.converged += 1;
          else outcome.failures.push(`${name}: ${inspect(end)} instead of ${inspect(wanted)}`);
        }
      } catch (error) {
        outcome.failures.push(
          `${share
            .flat()
            .map(({ name }) => name)
            .join(", ")}: ${inspect(error)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcome;
}

/**
 * Kills runs of one stack, each of which is paused at some points, and lets the next one repair the rest.
 *
 * @returns how each room is then
 * @throws where a run did not come to all of its points, or the next one does not repair it or leaves something to do
 */
async function crash(stage: Stage, runs: readonly Point[][]): Promise<(readonly [Point, End])[]> {
  const points = runs.flat();
  const { stack, proxy } = await prepared(stage, points);
  const theirs = await stage.theirs();

  const played: Point[] = [];
  let output = "";
  for (const run of runs) {
    await stagePoints(stage.server, stack, run);
    played.push(...run);
    stack.write(programAt(points, played));
    const victim = run[0]?.victim ?? "CLI";
    const killed = await heldAndKilled(stack, proxy, run, victim);
    if (victim === "CLI") await stack.run(["cancel", "--yes"]);
    const repaired = await stack.up(["--refresh", ...PARALLEL]);
    output += killed.output + repaired.output;
  }
  if ((await pendingOf(stack)).length > 0) await stack.refresh(["--clear-pending-creates"]);

  expect(await pendingOf(stack)).toEqual([]);
  await stack.expectNoChanges(["--refresh"]);
  expect(await stage.theirs()).toEqual(theirs);
  const state = stack.state();
  return Promise.all(
    points.map(async (point) => [point, await endOf(stage, point.name, state, output)] as const),
  );
}

/** A stack that has what the scenes begin with, and goes through a proxy. */
async function prepared(
  stage: Stage,
  cast: readonly Actor[],
): Promise<{ stack: Stack; proxy: LivekitProxy }> {
  const { proxy, env } = await startProxyOf(stage);
  const stack = await newStack({ program: programAt(cast, []), env });
  await stack.up(PARALLEL);
  return { stack, proxy };
}

/** The program when the scenes of some rooms are played, and those of the others are not yet. */
function programAt(cast: readonly Actor[], played: readonly Actor[]): string {
  return programOf(
    cast.map((actor) => ({
      name: actor.name,
      declared: actor.scene[played.includes(actor) ? "after" : "before"],
    })),
  );
}

/** Brings rooms to where their scenes are about to be played: not earlier, since any run starts again what has ended. */
async function stagePoints(server: LivekitServer, stack: Stack, actors: readonly Actor[]): Promise<void> {
  await Promise.all(actors.map((actor) => film(server, actor)));
  if (actors.some(({ scene }) => scene.ended)) await stack.refresh();
}

/** A participant publishes in a room and leaves it, and its recording ends, if the scene begins like that. */
async function film(server: LivekitServer, { scene, name }: Actor): Promise<void> {
  if (!scene.filmed) return;
  const [egress] = await egressesOf(server, name);
  if (!egress) throw new Error(`Nothing records ${name}.`);
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
  const caught = Promise.all(holds.map((heldCall) => heldCall.caught));
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

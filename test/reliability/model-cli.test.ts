import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { type Lane, newLane } from "../model/cli-lane.ts";
import { CliStage } from "../model/cli-stage.ts";
import { found } from "../model/found.ts";
import { liveliest } from "../model/liveliest.ts";
import { play, type Tally } from "../model/play.ts";
import { printed, type Step } from "../model/steps.ts";
import { report } from "../support/reliability.ts";

const COUNT = 20;
/** As many at once as two cores can bear: a command waits as much as it works. */
const LANES = 3;
/** To see a failure again: `MODEL_SEED=… npx vitest run --project reliability model-cli`. */
const SEED = Number(process.env["MODEL_SEED"] ?? randomInt(2 ** 31));

test("twenty histories of rooms and recordings end as declared through the real CLI, on a real server", {
  timeout: 25 * 60_000,
}, async ({ task }) => {
  const { histories, tally: inMemory } = await liveliest(COUNT, SEED, Object.values(found));
  expect(histories).toHaveLength(COUNT);
  const waiting = [...histories];
  const tally: Tally = {};
  const failures: Error[] = [];
  let commands = 0;
  const playAll = async (lane: Lane) => {
    for (let history = waiting.shift(); history; history = waiting.shift()) {
      const stage = await CliStage.open(lane);
      try {
        await play(stage, history, tally);
      } catch (reason) {
        failures.push(failed(history, reason));
      }
      await stage.close();
      commands += stage.commands;
    }
  };
  const lanes = await Promise.all(Array.from({ length: LANES }, newLane));
  await Promise.all(lanes.map(playAll)).catch((reason: unknown) => failures.push(Error(String(reason))));

  if (failures.length > 0)
    throw new AggregateError(failures, failures.map(({ message }) => message).join("\n\n"));
  // A run through the CLI may be killed elsewhere than in memory, so that one thing or another does not happen here.
  const missed = Object.keys(inMemory).filter((what) => !(what in tally));
  expect(missed.length, `this never happened: ${missed.join(", ")}`).toBeLessThanOrEqual(3);
  const kills = Object.entries(tally).reduce(
    (sum, [what, times]) => (what.endsWith("killed") ? sum + times : sum),
    0,
  );
  expect(kills).toBeGreaterThan(0);
  report(task, {
    promise:
      "Whatever happens to rooms and recordings, the real CLI and a real server with real participants end the same way: as declared after one `up --refresh`, with nothing to do for a second, and gone after `destroy`",
    figure: `${histories.length} histories of up to 20 steps with ${commands} commands, ${kills} of them killed, seed ${SEED}`,
  });
});

function failed(history: readonly Step[], reason: unknown): Error {
  const why = reason instanceof Error ? reason.message : String(reason);
  return new Error(`${why}\nSeed ${SEED}. This one fails:\n${printed(history)}`, { cause: reason });
}

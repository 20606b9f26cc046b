import { describe, expect, it } from "vitest";
import { found } from "../../model/found.ts";
import { playMany } from "../../model/many.ts";
import { MemoryStage } from "../../model/memory-stage.ts";
import { play } from "../../model/play.ts";
import { saboteurs } from "../../model/saboteurs.ts";
import { report } from "../../support/reliability.ts";

/** To reproduce a failure, or to search longer: `MODEL_SEED=… MODEL_RUNS=… npm run test:unit -- model`. */
const { MODEL_SEED, MODEL_RUNS = "500" } = process.env;
const RUNS = Number(MODEL_RUNS);

/** All that can happen, most of it far oftener than this. */
const HAPPENS = [
  ...["up", "up --refresh", "refresh", "preview", "destroy"],
  ...["up, killed", "up --refresh, killed", "destroy, killed", "rotate keys", "restart the server"],
  ...["time passes", "a day passes", "edit by hand", "delete by hand", "all participants leave", "join"],
  ...["make by hand", "record by hand", "stop by hand", "the recorder dies"],
  ...["ROOM_OCCUPIED", "ALREADY_EXISTS", "NOT_FOUND", "ENDPOINT_MISMATCH", "UNAUTHENTICATED"],
];

describe("whatever has happened to rooms and recordings, by us, by others, and in the middle of a run", () => {
  it("one reconcile makes the world as declared, and a second does nothing", {
    timeout: 60_000 + RUNS * 200,
  }, async ({ task }) => {
    const seed = MODEL_SEED === undefined ? undefined : Number(MODEL_SEED);
    const known = Object.values(found);
    const played = await playMany(() => new MemoryStage(), { runs: RUNS, seed, known });

    if (played.failure) throw played.failure;
    const { count, tally } = played;
    for (const what of HAPPENS) expect(tally[what], what).toBeGreaterThan(0);
    const kills = Object.entries(tally).reduce(
      (sum, [what, n]) => (what.endsWith("killed") ? sum + n : sum),
      0,
    );
    report(task, {
      promise:
        "Whatever happens to rooms and recordings (edits, deletions, expiry, restarts, re-creation, killed runs), one `up --refresh` makes the world as declared, and a second does nothing",
      figure: `${count} histories of 20 steps with ${kills} killed runs, seed ${played.seed}`,
    });
  });

  it.each(Object.entries(found))("it is not so any more that %s", async (_what, history) => {
    await play(new MemoryStage(), history);
  });
});

describe("the histories find", () => {
  // The same ones each time: which of them finds what is a matter of luck.
  it.each(Object.entries(saboteurs))("%s", { timeout: 60_000 }, async (_what, sabotage) => {
    const { failure } = await playMany(() => new MemoryStage(sabotage), {
      runs: 500,
      seed: 42,
      shrinks: false,
    });
    expect(failure?.message).toContain("This one fails");
  });

  it("something short that can be read and stored", async () => {
    const sabotage = saboteurs["a room that has closed by itself is taken for gone"];
    const { failure } = await playMany(() => new MemoryStage(sabotage), { runs: 500, seed: 42 });
    const [, steps = ""] = failure?.message.split(/^Seed 42, after \d+ histories. This one fails:$/m) ?? [];
    expect(steps).toContain("{ do: 'declare', room: 'hall', with: { emptyTimeoutSeconds: 600 } }");
    expect(steps.trim().split("\n").length, steps).toBeLessThanOrEqual(5);
  });
});

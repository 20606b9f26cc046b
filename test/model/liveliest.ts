import fc from "fast-check";
import { MemoryStage } from "./memory-stage.ts";
import { play, type Tally } from "./play.ts";
import { histories, type Step } from "./steps.ts";

/** How many histories the chosen ones are chosen from. */
const SAMPLED = 400;
/** What a run through the real CLI may take: more commands than this take too long. */
const COMMANDS = 5;

/** Histories, and what happens in them. */
export interface Chosen {
  histories: (readonly Step[])[];
  /** In how many of them each thing happens. */
  tally: Tally;
}

/**
 * Known histories, and of many random ones those in which most happens, with not too many commands: each is played in
 * memory first. What happens in few of the chosen counts more.
 */
export async function liveliest(
  count: number,
  seed: number,
  known: readonly (readonly Step[])[],
): Promise<Chosen> {
  const sampled = fc.sample(histories, { numRuns: SAMPLED, seed });
  const others = sampled.filter((history) => history.filter(isCommand).length <= COMMANDS);
  const waiting = new Map<readonly Step[], string[]>();
  for (const history of [...known, ...others]) waiting.set(history, await happeningsOf(history));
  const chosen: Chosen = { histories: [], tally: {} };
  const choose = (history: readonly Step[]) => {
    for (const what of waiting.get(history) ?? []) chosen.tally[what] = (chosen.tally[what] ?? 0) + 1;
    waiting.delete(history);
    chosen.histories.push(history);
  };
  for (const history of known) choose(history);
  const worth = (history: readonly Step[]) =>
    (waiting.get(history) ?? []).reduce((sum, what) => sum + 1 / (1 + (chosen.tally[what] ?? 0)) ** 2, 0);
  while (chosen.histories.length < count) {
    const [best] = [...waiting.keys()]
      .map((history) => ({ history, is: worth(history) }))
      .sort((a, b) => b.is - a.is);
    if (!best) break;
    choose(best.history);
  }
  return chosen;
}

async function happeningsOf(history: readonly Step[]): Promise<string[]> {
  const tally: Tally = {};
  await play(new MemoryStage(), history, tally);
  return Object.keys(tally);
}

function isCommand({ do: what }: Step): boolean {
  return /^(up|up --refresh|refresh|preview|destroy|configure another server)$/.test(what);
}

import { describe, expect, it } from "vitest";
import { memorySubject, type Sabotage } from "./memory-world.ts";
import { honest, saboteurs } from "./saboteurs.ts";
import { conformance } from "./suite.ts";

describe("the conformance suite", () => {
  it("has no two cases of the same name", () => {
    const names = casesOf().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("passes an adapter that does what it says", async () => {
    expect(await failing()).toEqual([]);
  });

  it.each([
    ["kick", "nobody can be kicked", "whoever is kicked leaves, and nobody else"],
    ["record", "a recording is refused", "it records once somebody publishes, which is no drift"],
  ])(
    "passes an adapter that says that it cannot %s, and asks it other questions",
    async (what, asked, not) => {
      expect(await failing(honest[what])).toEqual([]);
      const names = casesOf(honest[what]).map(({ name }) => name);
      expect(names).toContain(asked);
      expect(names).not.toContain(not);
    },
  );

  it.each(Object.entries(saboteurs))("catches one that %s", async (_name, { caughtBy, ...sabotage }) => {
    expect(await failing(sabotage)).toContain(caughtBy);
  });
});

/** The suite's cases for a subject, not run yet. */
function casesOf(sabotage: Sabotage = {}) {
  const cases: { name: string; run: () => Promise<void> }[] = [];
  const runner = {
    group: (_name: string, body: () => void) => body(),
    test: (name: string, run: () => Promise<void>) => void cases.push({ name, run }),
  };
  conformance(runner, memorySubject(sabotage));
  return cases;
}

/** The names of the cases that a subject fails. */
async function failing(sabotage: Sabotage = {}): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of casesOf(sabotage)) await run().catch(() => failed.push(name));
  return failed;
}

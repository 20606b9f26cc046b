import { describe, expect, it } from "vitest";
import { agoraSubject } from "./agora-world.ts";
import { plainAdapter, plainSaboteurs } from "./memory-plain.ts";
import { memorySubject } from "./memory-world.ts";
import { recordSaboteurs } from "./record-saboteurs.ts";
import { honest, saboteurs } from "./saboteurs.ts";
import { conformance, type Subject } from "./suite.ts";
import { zegoSubject } from "./zego-world.ts";

describe("the conformance suite", () => {
  const tokensOnly = () => agoraSubject({ without: ["agoraCustomerId", "agoraCustomerSecret"] });
  it.each(Object.entries({ memorySubject, agoraSubject, tokensOnly, zegoSubject }))(
    "plays no scene twice: %s",
    (_name, subject) => {
      const names = casesOf(subject()).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    },
  );

  it("passes an adapter that has what it advertises", async () => {
    expect(await failing(memorySubject())).toEqual([]);
  });

  it.each([
    [
      "kick",
      "no participant can be kicked",
      "removes the kicked participant and no other, and does not ban them",
    ],
    ["record", "a recording is rejected", "records once a participant publishes, which is no drift"],
  ])("passes an adapter that cannot %s, and plays other scenes", async (what, asked, not) => {
    const subject = memorySubject(honest[what]);
    expect(await failing(subject)).toEqual([]);
    const names = casesOf(subject).map(({ name }) => name);
    expect(names).toContain(asked);
    expect(names).not.toContain(not);
  });

  it("reports by name which scenes it does not play, and why", () => {
    const notes = notesOf(zegoSubject());
    expect(notes).toContain('"recreates a room that the vendor has lost"');
    expect(notes).toContain("its rooms are on demand");
    expect(notes).toContain("UNSUPPORTED, cannot rtc.room.list: ZEGO lists rooms only where");
    expect(notes).toContain('"all of rtc.room.list"');
    expect(notesOf(tokensOnly())).toMatch(/AGORA_CUSTOMER_ID.*"all of rtc.participant.kick"/);
  });

  it.each(Object.entries(saboteurs))(
    "catches an adapter that %s",
    async (_name, { caughtBy, ...sabotage }) => {
      expect(await failing(memorySubject(sabotage))).toContain(caughtBy);
    },
  );

  it("passes a vendor with persistent rooms unlike LiveKit's, and plays the scenes that only it has", async () => {
    const subject = memorySubject({}, plainAdapter);
    expect(await failing(subject)).toEqual([]);
    const names = casesOf(subject).map(({ name }) => name);
    for (const { caughtBy } of Object.values(plainSaboteurs)) expect(names).toContain(caughtBy);
    expect(names).not.toContain("signs a token without a call");
  });

  it.each(Object.entries(plainSaboteurs))(
    "catches an adapter of other persistent rooms that %s",
    async (_name, { caughtBy, ...sabotage }) => {
      expect(await failing(memorySubject(sabotage, plainAdapter))).toContain(caughtBy);
    },
  );

  it.concurrent.each(Object.entries(recordSaboteurs))(
    "catches an adapter of on-demand rooms that %s",
    async (_name, { of, caughtBy, without = [], ...sabotage }) => {
      const [good, bad] = [of({ without }), of({ without, sabotage })].map((subject) =>
        casesOf(subject).find(({ name }) => name === caughtBy),
      );
      await good?.run();
      await expect(bad?.run()).rejects.toThrow();
    },
  );
});

/** What a run of the suite would do: its cases, not run yet, and its notes. */
function planOf(subject: Subject) {
  const cases: { name: string; run: () => Promise<void> }[] = [];
  const notes: string[] = [];
  const runner = {
    group: (_name: string, body: () => void) => body(),
    test: (name: string, run: () => Promise<void>) => void cases.push({ name, run }),
    note: (text: string) => void notes.push(text),
  };
  conformance(runner, subject);
  return { cases, notes };
}

function casesOf(subject: Subject) {
  return planOf(subject).cases;
}

function notesOf(subject: Subject): string {
  return planOf(subject).notes.join("\n");
}

/** The names of the cases that a subject fails. */
async function failing(subject: Subject): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of casesOf(subject)) await run().catch(() => failed.push(name));
  return failed;
}

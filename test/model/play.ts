import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { type ErrorCode, isEnded } from "../../src/contract/index.ts";
import type { Program } from "../conformance/engine.ts";
import { type Done, keepsTheLaws } from "./laws.ts";
import { Notes } from "./notes.ts";
import { isOurs, nameOf, type Observation, tapeIdOf, tapesIn } from "./observation.ts";
import { inTheWay, isAsDeclared } from "./oracle.ts";
import type { Ran, Run, Stage } from "./stage.ts";
import { type Command, edited, type Step } from "./steps.ts";
import { moves } from "./tape-oracle.ts";

/** What happened in histories, so that an empty one does not pass for a good one. */
export type Tally = Record<string, number>;

/** Plays a history, and the end that each has: one reconcile makes the world as declared, a second does nothing. */
export async function play(stage: Stage, history: readonly Step[], tally: Tally = {}): Promise<void> {
  const player = new Player(stage, tally);
  for (const step of history) await player.take(step);
  await player.end();
}

class Player {
  readonly #stage: Stage;
  readonly #tally: Tally;
  readonly #notes = new Notes();
  #program: Program = {};
  /** Why the configuration that the engine has stored, and uses where no program runs, may be rejected. */
  readonly #outdated = new Set<ErrorCode>();

  constructor(stage: Stage, tally: Tally) {
    this.#stage = stage;
    this.#tally = tally;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "declare":
      case "record":
      case "remove":
        this.#program = edited(this.#program, step);
        return;
      case "up":
      case "up --refresh":
      case "refresh":
      case "preview":
      case "destroy":
        await this.#run(step.do, { program: this.#program, killed: step.killed });
        return;
      case "configure another server":
        await this.#goElsewhere(step.and);
        return;
      default:
        await this.#happen(step);
    }
  }

  async end(): Promise<void> {
    for (const room of Object.keys((await this.#stage.observe()).rooms)) await this.#at(room, EMPTIES);
    await this.#stage.finished();
    if (Object.keys(this.#program).length === 0 && this.#outdated.size > 0) this.#program = { hall: {} };
    await this.#clearTheWay();
    const { ran, after } = await this.#reconcile();
    expect(ran.rejected, "the reconcile").toEqual([]);
    const again = await this.#reconcile();
    expect(again.ran, "a second reconcile").toEqual(NOTHING);
    expect(again.after, "after a second reconcile").toEqual(after);
    await this.#findOrphans(after);
    await this.#takeDown();
    const known = JSON.stringify(after.state) + this.#stage.logs();
    for (const file of this.#notes.files)
      expect(known.includes(file), `the file ${file} is known, or was reported`).toBe(true);
  }

  /** What runs in the stack's rooms and no state has can be found: a killed run may have left it. */
  async #findOrphans(observation: Observation): Promise<void> {
    const known = tapesIn(observation);
    const orphans = observation.tapes.filter(({ id, room, sid, status }) => {
      const { owner = null, sid: living } = observation.rooms[room] ?? {};
      return !isEnded(status) && !known.has(id) && sid === living && isOurs(owner, this.#stage.stack);
    });
    expect((await this.#stage.orphans()).sort(), "orphaned recordings").toEqual(
      orphans.map(({ id }) => id).sort(),
    );
  }

  /** A destroy leaves nothing of what the state knew; that nothing else is touched is a law. */
  async #takeDown(): Promise<void> {
    const { ran, after } = await this.#run("destroy", { program: this.#program });
    expect({ rejected: ran.rejected, state: after.state }, "a destroy").toEqual({ rejected: [], state: {} });
  }

  /** What others must do first. Until then the reconcile is rejected with the reason. */
  async #clearTheWay(): Promise<void> {
    const { foreign, away } = inTheWay(this.#program, await this.#stage.observe(), this.#stage.stack);
    if (foreign.length + away.length === 0) return;
    const { ran } = await this.#reconcile();
    expect(ran.rejected, "rejected, since something is in the way").not.toEqual([]);
    const codes = [foreign.length > 0 ? "ALREADY_EXISTS" : "", away.length > 0 ? "NOT_FOUND" : ""];
    expect(codes, "rejected, since something is in the way").toEqual(expect.arrayContaining(ran.rejected));
    for (const room of foreign) await this.#at(room, { do: "delete by hand", room: "hall" });
    for (const resource of away) {
      const room = nameOf(resource, await this.#stage.observe(), this.#program);
      const join = { do: "join", room: "hall", token: "of the resource", publishing: false } as const;
      await this.#at(room, join);
      await this.#at(room, EMPTIES);
    }
  }

  /**
   * `up --refresh`, with the configuration of now where the stored one may be rejected. With `--run-program` Pulumi 3.250
   * writes a state that it cannot read where a recording leaves a room that is recreated: a plain `up` goes first then.
   */
  async #reconcile(): Promise<{ ran: Ran; after: Observation }> {
    const program = this.#program;
    if (this.#outdated.size > 0 && moves(program, await this.#stage.observe()))
      await this.#run("up", { program });
    return this.#run("up --refresh", { program, runProgram: this.#outdated.size > 0 });
  }

  async #run(command: Command, run: Run): Promise<{ ran: Ran; after: Observation }> {
    const before = await this.#stage.observe();
    const isProgramRun = command === "up" || command === "preview" || run.runProgram === true;
    // A program that declares nothing brings no configuration either.
    const usesStored = !isProgramRun || Object.keys(run.program).length === 0;
    const outdated = usesStored ? [...this.#outdated] : [];
    const ran = await this.#stage.run(command, run);
    const after = await this.#stage.observe();
    const done: Done = { command, run, ran, before, after, outdated };
    keepsTheLaws(done, this.#notes, this.#stage);
    this.#notes.note(after);
    if (command.startsWith("up") && !ran.killed && ran.rejected.length === 0) {
      if (command === "up --refresh")
        isAsDeclared({ program: run.program, before, after }, this.#notes, this.#stage.stack);
      const plan = this.#stage.isQuick ? await this.#stage.run("preview", { program: run.program }) : NOTHING;
      expect(plan, `a preview after ${command}`).toEqual(NOTHING);
    }
    const isStored = command.startsWith("up") && Object.keys(run.program).length > 0;
    if (isStored && !ran.rejected.some((code) => outdated.some((one) => one === code)))
      this.#outdated.clear();
    this.#count(ran.killed ? `${command}, killed` : command);
    for (const code of ran.rejected) this.#count(code);
    return { ran, after };
  }

  /** With another server configured all that the state has is rejected, and going back is fine. */
  async #goElsewhere(command: Command): Promise<void> {
    const { state } = await this.#stage.observe();
    // Only what the state has: what is new would be made at the other server, rightly.
    const known = Object.entries(this.#program).filter(
      ([name, declared]) => name in state && (!("records" in declared) || declared.records in state),
    );
    const program = Object.fromEntries(known);
    if (Object.keys(program).length === 0) return;
    const runProgram = command !== "up" && command !== "preview";
    const { ran } = await this.#run(command, { program, elsewhere: true, runProgram });
    expect([...new Set(ran.rejected)], `${command}, with another server configured`).toEqual([
      "ENDPOINT_MISMATCH",
    ]);
    expect(ran.writes, `${command}, with another server configured`).toEqual([]);
    this.#outdated.add("ENDPOINT_MISMATCH");
  }

  async #happen(step: Step): Promise<void> {
    const observation = await this.#stage.observe();
    const resource = "room" in step ? step.room : "hall";
    const tape = "tape" in step ? tapeIdOf(observation.state[step.tape]) : undefined;
    await this.#at(nameOf(resource, observation, this.#program), step, tape);
  }

  async #at(room: string, step: Step, tape?: string): Promise<void> {
    const before = await this.#stage.observe();
    await this.#stage.happen(step, { room, tape });
    const after = await this.#stage.observe();
    const isNew = after.tapes.filter(({ id }) => before.tapes.every((old) => old.id !== id));
    if (step.do === "record by hand") for (const { id } of isNew) this.#notes.theirs.add(id);
    if (step.do === "rotate keys") this.#outdated.add("UNAUTHENTICATED");
    if (step.do === "a day passes") {
      const known = JSON.stringify(after.state) + this.#stage.logs();
      for (const file of this.#notes.files) if (!known.includes(file)) this.#notes.files.delete(file);
    }
    this.#notes.note(after);
    if (step.do === "rotate keys" || !isDeepStrictEqual(before, after)) this.#count(step.do);
  }

  #count(what: string): void {
    this.#tally[what] = (this.#tally[what] ?? 0) + 1;
  }
}

/** At a place that is given, whichever room it names. */
const EMPTIES: Step = { do: "all participants leave", room: "hall" };
const NOTHING: Ran = { rejected: [], killed: false, changed: false, writes: [] };

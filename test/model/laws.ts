import { expect } from "vitest";
import type { ErrorCode } from "../../src/contract/index.ts";
import type { Notes } from "./notes.ts";
import { isForeign, nameOf, type Observation, resourceOf, tapeIdOf } from "./observation.ts";
import { placeOf } from "./room-oracle.ts";
import type { Ran, Run, Stage } from "./stage.ts";
import type { Command } from "./steps.ts";

/** A command, and what there was before and after it. */
export interface Done {
  command: Command;
  run: Run;
  ran: Ran;
  before: Observation;
  after: Observation;
  /** What reads only, or everything, has used a key that is no longer taken, or another server's address. */
  outdated: ErrorCode[];
}

/** What no command may do, whatever has happened before. */
export function keepsTheLaws(done: Done, notes: Notes, stage: Stage): void {
  const { command, run, ran, before, after } = done;
  const what = run.killed ? `${command}, killed` : command;
  expect(allowed(done, stage), `${what}: rejected, and there is a reason`).toEqual(
    expect.arrayContaining(ran.rejected),
  );
  if (command === "refresh" || command === "preview") expect(ran.writes, what).toEqual([]);
  if (command === "preview" || run.elsewhere) expect(after.state, `${what}: the state`).toEqual(before.state);
  leavesOthersAlone(what, done, notes, stage);
  interruptsNobody(what, done);
  losesNothing(what, done, notes, stage);
}

/** The rejections that the documents describe, where there is a reason for them. */
function allowed({ command, run, before, outdated }: Done, { stack }: Stage): ErrorCode[] {
  const { program } = run;
  if (run.elsewhere) return ["ENDPOINT_MISMATCH"];
  const codes: ErrorCode[] = [...outdated];
  if (Object.values(before.rooms).some(({ participants }) => participants > 0)) codes.push("ROOM_OCCUPIED");
  const wanted = [
    ...Object.keys(program).map((name) => placeOf(name, program, before, stack)),
    ...Object.values(before.state).map(({ outputs }) => String(outputs["name"])),
  ];
  if (wanted.some((name) => before.rooms[name] && isForeign(name, before, stack)))
    codes.push("ALREADY_EXISTS");
  const away = Object.values(program).some((declared) => {
    if (!("records" in declared)) return false;
    const room = program[declared.records];
    const isMadeAgain = command === "up --refresh" && !(room && "emptyTimeoutSeconds" in room);
    return before.rooms[nameOf(declared.records, before, program)] === undefined && !isMadeAgain;
  });
  if (away && command !== "refresh" && command !== "destroy") codes.push("NOT_FOUND");
  return codes;
}

/** What is not ours stays as it is. */
function leavesOthersAlone(what: string, { before, after }: Done, notes: Notes, { stack }: Stage): void {
  for (const [name, room] of Object.entries(before.rooms)) {
    if (isForeign(name, before, stack))
      expect(after.rooms[name], `${what}: room ${name} of another owner`).toEqual(room);
  }
  for (const tape of before.tapes) {
    if (!notes.theirs.has(tape.id)) continue;
    const observed = after.tapes.find(({ id }) => id === tape.id);
    const isOpen = after.rooms[tape.room]?.sid === tape.sid;
    if (isOpen) expect(observed, `${what}: a recording of another owner`).toEqual(tape);
  }
}

/** Participants stay in a room, and its recording continues, unless the program or the state requires otherwise. */
function interruptsNobody(what: string, done: Done): void {
  const { run, before, after } = done;
  for (const [name, { participants, sid }] of Object.entries(before.rooms)) {
    const resource = resourceOf(name, before) ?? declaring(name, run, before);
    if (participants === 0 || (resource !== undefined && isForced(resource, done))) continue;
    expect(after.rooms[name], `${what}: the room ${name}, with ${participants} participants`).toMatchObject({
      sid,
      participants,
    });
    for (const [tape, kept] of Object.entries(before.state)) {
      const observed = before.tapes.find(({ id }) => id === tapeIdOf(kept));
      if (observed?.sid !== sid || observed.status !== "active" || isForced(tape, done)) continue;
      const { status } = after.tapes.find(({ id }) => id === observed.id) ?? {};
      expect(status, `${what}: recording ${tape}, with ${participants} participants`).toBe("active");
    }
  }
}

/** What is declared now goes before what the state remembers; a destroy and what is not declared any more have the state alone. */
function isForced(resource: string, { command, run, before }: Done): boolean {
  const declared = command === "destroy" ? undefined : run.program[resource];
  return (declared ?? before.state[resource]?.outputs)?.["forceDestroy"] === true;
}

function declaring(name: string, { program }: Run, before: Observation): string | undefined {
  return Object.keys(program).find((resource) => nameOf(resource, before, program) === name);
}

/** The state has what we have created, unless the run was killed. */
function losesNothing(
  what: string,
  { command, run, ran, before, after }: Done,
  notes: Notes,
  stage: Stage,
): void {
  const { rooms, tapes } = notes.orphans(after, stage.stack);
  if (ran.killed) {
    for (const sid of rooms) notes.leftovers.add(sid);
    for (const id of tapes) notes.orphanedTapes.add(id);
    for (const { id, layout } of before.tapes)
      if (after.tapes.some((tape) => tape.id === id && tape.layout !== layout)) notes.retold.add(id);
  }
  expect([...notes.leftovers], `${what}: rooms that no state has`).toEqual(expect.arrayContaining(rooms));
  expect([...notes.orphanedTapes], `${what}: recordings that no state has`).toEqual(
    expect.arrayContaining(tapes),
  );
  if (command !== "refresh" && !run.elsewhere) return;
  for (const [name, { kind, outputs }] of Object.entries(before.state)) {
    const room = String(outputs["name"]);
    if (kind === "room" && (!after.rooms[room] || isForeign(room, before, stage.stack))) continue;
    expect(after.state, `${what}: the state has ${name}`).toHaveProperty([name]);
  }
}

import { expect, test } from "vitest";
import { Failure, Locked } from "../../../src/cli/exit-codes.ts";
import { whenUnlocked } from "../../../src/cli/wait.ts";

/** A command that meets a lock so many times, and what it reports. */
function command(locks: number) {
  const notes: string[] = [];
  let tries = 0;
  const run = async () => {
    tries += 1;
    if (tries <= locks) throw new Locked("created by ann@build", "pulumi cancel acme", 1);
    return tries;
  };
  const io = { note: (text: string) => void notes.push(text) };
  return { run, io, notes, tries: () => tries };
}

test("A command is run again until the stack is unlocked, and the wait is reported once", async () => {
  const { run, io, notes } = command(2);
  expect(await whenUnlocked(60, io, run)).toBe(3);
  expect(notes).toEqual(["waiting for another run on this stack (created by ann@build), 60 s at most"]);
});

test("A command fails as LOCKED when the time is over, after a last try", async () => {
  const { run, io, tries } = command(Number.POSITIVE_INFINITY);
  await expect(whenUnlocked(0.2, io, run)).rejects.toMatchObject({
    ...{ code: "LOCKED", exit: 1 },
    // --wait is not suggested to a command that has waited.
    message:
      'another run is in progress on this stack (created by ann@build), also after a wait of 0.2 s: run this again when it has ended, or wait longer. If that run was killed, remove its lock with "pulumi cancel acme"',
  });
  expect(tries()).toBeGreaterThanOrEqual(2);
});

test("Any other failure is not repeated", async () => {
  const failure = new Failure("TOO_MANY_DELETES", "too many", 2);
  await expect(whenUnlocked(60, { note: () => {} }, () => Promise.reject(failure))).rejects.toBe(failure);
});

test("A wait ends with a signal, as INTERRUPTED", async () => {
  const { run } = command(Number.POSITIVE_INFINITY);
  const note = () => void setImmediate(() => process.emit("SIGINT"));
  const stopped = whenUnlocked(60, { note }, run);
  await expect(stopped).rejects.toMatchObject({ code: "INTERRUPTED", exit: 8 });
  expect(process.listenerCount("SIGINT")).toBe(0);
});

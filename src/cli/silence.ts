import type { Io } from "./io";

/** Milliseconds without output after which a command reports what it waits for. */
const SILENCE_MS = 3_000;

/** What the parts of this process's command wait for, the innermost last. */
const waits: (() => string | undefined)[] = [];

/**
 * Runs a command, and reports what it waits for whenever it has shown nothing for three seconds.
 *
 * @param name the command, e.g. `rooms list`
 */
export async function breakingSilence<T>(name: string, io: Io, run: (io: Io) => Promise<T>): Promise<T> {
  // Not performance.now(), which loads more of Node than the rest of this file.
  const began = process.hrtime.bigint();
  const timer = setInterval(() => {
    const wait = waits.at(-1);
    const what = wait === undefined ? "an answer" : wait();
    const seconds = Math.round(Number(process.hrtime.bigint() - began) / 1e9);
    if (what !== undefined && !waits.includes(nothing))
      io.note(`${name}: waiting for ${what} (${seconds} s)`);
  }, SILENCE_MS);
  const heard =
    <Args extends unknown[]>(show: (...args: Args) => void) =>
    (...args: Args) => {
      timer.refresh();
      show(...args);
    };
  const { result, data, lines, note, stream, warn } = io;
  try {
    return await run({
      ...{ result: heard(result), data: heard(data), lines: heard(lines) },
      ...{ note: heard(note), stream: heard(stream), warn: heard(warn) },
    });
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a part of a command that waits for something else than the answer of a vendor.
 *
 * @param what asked whenever it is shown; undefined where nothing is to be reported, as while the user is asked
 * @example await waitingFor(() => undefined, () => confirm("Delete these 3 rooms?"))
 */
export async function waitingFor<T>(what: () => string | undefined, run: () => Promise<T>): Promise<T> {
  waits.push(what);
  try {
    return await run();
  } finally {
    waits.splice(waits.lastIndexOf(what), 1);
  }
}

/**
 * What a command does not report: the user's answer, or that time passes. Nor what is waited for inside of that.
 */
export const nothing = (): undefined => undefined;

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Io } from "../../../src/cli/io.ts";
import { breakingSilence, nothing, waitingFor } from "../../../src/cli/silence.ts";
import { withPlainErrors } from "../../../src/cli/stack/pulumi-errors.ts";

/* What a command reports while it waits. */

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function played(run: (io: Io) => Promise<void>): { notes: string[]; done: Promise<void> } {
  const notes: string[] = [];
  const show = () => {};
  const io = { result: show, data: show, lines: show, stream: show, warn: show };
  const done = breakingSilence("rooms list", { ...io, note: (text) => void notes.push(text) }, run);
  return { notes, done };
}

const pause = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));

it("reports after three seconds without output, and then every three, what it waits for", async () => {
  const { notes, done } = played(() => pause(7));
  await vi.advanceTimersByTimeAsync(2_900);
  expect(notes).toEqual([]);
  await vi.advanceTimersByTimeAsync(6_000);
  await done;
  expect(notes).toEqual([
    "rooms list: waiting for an answer (3 s)",
    "rooms list: waiting for an answer (6 s)",
  ]);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(notes).toHaveLength(2);
});

it("reports nothing while there is output", async () => {
  const { notes, done } = played(async (io) => {
    for (let shown = 0; shown < 5; shown++) {
      await pause(2);
      io.stream("room hall created\n");
    }
  });
  await vi.advanceTimersByTimeAsync(10_000);
  await done;
  expect(notes).toEqual([]);
});

it("names what a part of it waits for, and prints nothing while the user is asked", async () => {
  const { notes, done } = played(async () => {
    await waitingFor(
      () => "room hall",
      () => pause(4),
    );
    await waitingFor(nothing, () => pause(8.5));
    await pause(4);
    await withPlainErrors(pause(2));
  });
  await vi.advanceTimersByTimeAsync(18_500);
  await done;
  expect(notes).toEqual([
    "rooms list: waiting for room hall (3 s)",
    "rooms list: waiting for an answer (15 s)",
    "rooms list: waiting for Pulumi (18 s)",
  ]);
});

it("says nothing of what is waited for inside of a wait that it says nothing of, as in a watch", async () => {
  const { notes, done } = played(() =>
    waitingFor(nothing, () =>
      waitingFor(
        () => "Pulumi",
        () => pause(7),
      ),
    ),
  );
  await vi.advanceTimersByTimeAsync(7_000);
  await done;
  expect(notes).toEqual([]);
});

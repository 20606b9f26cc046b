import type { Stack } from "./stack.ts";
import type { Running, RunOptions } from "./stack-types.ts";

/** Starts a command and comes back once something has happened; fails with its output when it ends before. */
export async function runUntil(
  stack: Stack,
  command: "up" | "destroy",
  happened: Promise<unknown>,
  options: RunOptions = {},
): Promise<Running> {
  const run = stack.spawn([command, "--yes", "--skip-preview"], options);
  await Promise.race([happened, run.result.then(({ output }) => Promise.reject(new Error(output)))]);
  return run;
}

/** Whom a signal reaches: a terminal's ^C reaches the whole process group. */
export type Reach = "the CLI alone" | "its process group";

/** Sends a signal to a running command, and waits until the CLI reports it. */
export async function interrupt(
  { pid, waitForOutput }: Running,
  signal: "SIGINT" | "SIGTERM",
  reach: Reach,
  word = "cancelling",
): Promise<void> {
  process.kill(reach === "the CLI alone" ? pid : -pid, signal);
  await waitForOutput(`${signal === "SIGINT" ? "^C" : signal} received; ${word}`);
}

const tasks: (() => Promise<void> | void)[] = [];

/**
 * Runs `task` when the test file has ended, last one first. Not at the end of the test: with concurrent tests vitest
 * does not get which one asked.
 */
export function atEndOfFile(task: () => Promise<void> | void): void {
  tasks.push(task);
}

const kills: (() => unknown)[] = [];

/** Runs `kill` when the test file has ended, also when a signal ends this process. */
export function killAtTheEnd(kill: () => unknown): void {
  if (kills.length === 0) {
    process.once("exit", killAll);
    tasks.unshift(killAll); // last, after everything was asked to stop
  }
  kills.push(kill);
}

function killAll(): void {
  for (const kill of kills.splice(0)) {
    try {
      kill();
    } catch {
      // it is gone already
    }
  }
  process.removeListener("exit", killAll);
}

/** Called by the setup file. Every task runs, even when an earlier one fails. */
export async function cleanUp(): Promise<void> {
  const errors: unknown[] = [];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    try {
      await task();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, "Cleaning up after the tests failed.");
}

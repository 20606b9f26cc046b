import { expect, vi } from "vitest";
import { processesIn } from "./pulumi.ts";
import type { Stack } from "./stack.ts";
import type { Result, Running } from "./stack-types.ts";

/** The two processes of a running command. */
export type Victim = "CLI" | "provider";

/**
 * The provider's processes of a command that is running. `up --refresh` has two, and one of them may be idle: then it
 * has never loaded the package, which would end it with the CLI.
 */
function providersOf(stack: Stack): number[] {
  const found = processesIn(stack.dir).filter(({ command }) => command.includes("dynamic-provider"));
  if (found.length === 0) throw new Error("There is no provider process.");
  return found.map(({ pid }) => pid);
}

/** Kills the CLI or the provider of a command that is running, and waits until the provider is gone. */
export async function kill(stack: Stack, what: Victim, run: Running): Promise<Result> {
  const providers = providersOf(stack);
  for (const pid of what === "CLI" ? [run.pid] : providers) process.kill(pid, "SIGKILL");
  const result = await run.result;
  const left = () => processesIn(stack.dir).filter(({ pid }) => providers.includes(pid));
  await vi.waitFor(() => expect(left().length).toBeLessThan(providers.length), { timeout: 20_000 });
  for (const { pid } of left()) killIfAlive(pid);
  return result;
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended meanwhile
  }
}

/** Runs a command until something has happened, kills one of its processes, and waits until the provider is gone. */
export async function killDuring(
  stack: Stack,
  what: Victim,
  caught: Promise<unknown>,
  {
    command = "up",
    args = [],
    env = {},
  }: { command?: "up" | "destroy"; args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<{ output: string }> {
  const run = stack.spawn([command, "--yes", "--skip-preview", ...args], { env });
  await Promise.race([caught, run.result.then(({ output }) => Promise.reject(new Error(output)))]);
  return kill(stack, what, run);
}

/** The types of the operations that a killed run has left in the state. */
export async function pendingOf(stack: Stack): Promise<string[]> {
  return (stack.state().deployment.pending_operations ?? []).map(({ type }) => type);
}

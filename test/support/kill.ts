import { expect, vi } from "vitest";
import { commandLineOf } from "../../scripts/lib/process.mts";
import { processesIn } from "./pulumi.ts";
import type { Stack } from "./stack.ts";

/** The two processes of a running command. */
export type Victim = "CLI" | "provider";

/** The provider's process of a command that is running. */
function providerOf(stack: Stack): number {
  const found = processesIn(stack.dir).find(({ command }) => command.includes("dynamic-provider"));
  if (!found) throw new Error("There is no provider process.");
  return found.pid;
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
  const provider = providerOf(stack);
  process.kill(what === "CLI" ? run.pid : provider, "SIGKILL");
  const result = await run.result;
  await vi.waitFor(async () => expect(await commandLineOf(provider)).toBeUndefined(), { timeout: 20_000 });
  return result;
}

/** The types of the operations that a killed run has left in the state. */
export async function pendingOf(stack: Stack): Promise<string[]> {
  return ((await stack.state()).deployment.pending_operations ?? []).map(({ type }) => type);
}

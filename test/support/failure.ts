import { expect } from "vitest";
import type { Stack } from "./stack.ts";
import type { RunOptions } from "./stack-types.ts";

/** What every JWT that LiveKit's SDK signs begins with. */
export const JWT = "eyJhbGciOiJIUzI1NiJ9";

/** The output of a command that must fail, and has no stack trace and no token in its output. */
export async function failure(stack: Stack, args: string[], options: RunOptions = {}): Promise<string> {
  const yes = args[0] === "preview" ? [] : ["--yes", "--skip-preview"];
  const { output } = await stack.run([...args, ...yes], { code: 1, ...options });
  expect(output).not.toMatch(/^\s+at \S/m);
  expect(output).not.toContain("node_modules");
  expect(output).not.toContain(JWT);
  return output;
}

import { spawn } from "node:child_process";
import { join } from "node:path";
import { repo } from "./clone.ts";
import { SHORT_LIVED } from "./short-lived.mts";

/** How a command ended, and what it wrote where. */
export interface RtcResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What a command has written, without the lines that say what it waits for: how many there are is up to the machine. */
export function withoutWaits(text: string): string {
  return text.replaceAll(/^[a-z -]+: waiting for .+ \(\d+ s\)\r?\n/gm, "");
}

/** Runs the built `rtc` in a folder, with no other environment than the one that is given and the PATH. */
export function rtc(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string | undefined> },
): Promise<RtcResult> {
  const child = spawn(process.execPath, [join(repo, "dist/cli/main.js"), ...args], {
    cwd,
    env: { PATH: process.env["PATH"], ...SHORT_LIVED, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...text, code, stderr: withoutWaits(text.stderr) }));
  });
}

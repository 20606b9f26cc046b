import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { killAtTheEnd } from "./cleanup.ts";

/** A running command of the Pulumi CLI. */
export interface PulumiRun {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Resolves as soon as the output contains `text`; rejects when the command ends before. */
  waitForOutput(text: string): Promise<void>;
  readonly finished: Promise<{ code: number | null; stdout: string; stderr: string; output: string }>;
}

/** Starts the CLI as the head of a process group of its own, so that nothing that it starts can outlive the test. */
export function startPulumi(
  binary: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string | undefined>,
): PulumiRun {
  const child = spawn(binary, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${binary} cannot be started.`);
  const text = { stdout: "", stderr: "", output: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      text.output += chunk;
      child.emit("output");
    });
  }
  killAtTheEnd(() => process.kill(-pid, "SIGKILL"));
  const finished = new Promise<{ code: number | null } & typeof text>((resolve) => {
    const end = () => resolve({ code: child.exitCode, ...text });
    child.once("close", end);
    // After a kill -9 of the CLI its provider still holds the pipes, so they are not waited for.
    child.once("exit", (_code, signal) => signal && end());
  });
  const waitForOutput = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (text.output.includes(wanted)) resolve();
      };
      child.on("output", check);
      check();
      void finished.then(() => reject(new Error(`It ended without saying ${wanted}:\n${text.output}`)));
    });
  return { child, pid, waitForOutput, finished };
}

/** The processes that work in a folder, with their command lines: the dynamic provider is one. Linux only. */
export function processesIn(folder: string): { pid: number; command: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (readlinkSync(`/proc/${name}/cwd`) !== folder) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return command === "" ? [] : [{ pid: Number(name), command }];
    } catch {
      return []; // ended meanwhile
    }
  });
}

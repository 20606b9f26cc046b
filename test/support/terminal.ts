import { spawn } from "node:child_process";
import { join } from "node:path";
import { killAtTheEnd } from "./cleanup.ts";
import { repo } from "./clone.ts";
import { withoutWaits } from "./rtc.ts";

/** A command at a terminal. */
export interface AtTerminal {
  /** Types keys. */
  type(keys: string): void;
  /** All that the terminal has shown. */
  shown(): string;
  /** Resolves with the exit code. */
  readonly finished: Promise<number | null>;
}

/** Where a command runs, and with which environment. */
interface Place {
  dir: string;
  env: Record<string, string | undefined>;
}

/** Runs `rtc` at a terminal of its own. */
export function rtcAtTerminal(line: string, place: Place): AtTerminal {
  return atTerminal([process.execPath, join(repo, "dist/cli/main.js"), line].join(" "), place);
}

/** Runs a command at a terminal of its own, in which stdin, stdout and stderr are one. Linux only. */
export function atTerminal(command: string, { dir, env }: Place): AtTerminal {
  const child = spawn("script", ["--quiet", "--return", "--command", `exec ${command}`, "/dev/null"], {
    cwd: dir,
    env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  killAtTheEnd(() => child.kill("SIGKILL"));
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  const finished = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return { type: (keys) => void child.stdin.write(keys), shown: () => withoutWaits(shown), finished };
}

import { spawn } from "node:child_process";
import { expect, vi } from "vitest";
import { run } from "../../scripts/lib/process.mts";
import { killAtTheEnd } from "./cleanup.ts";

/** A shell that stays open from one block of a document to the next: what one exports is there for the others. */
export class OpenShell {
  readonly #folder: string;
  readonly #env: Record<string, string | undefined>;

  constructor(folder: string, env: Record<string, string | undefined>) {
    this.#folder = folder;
    this.#env = env;
  }

  /**
   * Runs commands until one fails; returns what they have written to stdout.
   *
   * @throws with all output, when one fails
   */
  async type(commands: string): Promise<string> {
    const args = ["-e", "-c", withExports(commands)];
    const { code, stdout, stderr } = await run("bash", args, { cwd: this.#folder, env: this.#env });
    if (code !== 0) throw new Error(`Exit code ${code} of:\n${commands}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Leaves a server running, in a process group of its own, until the end of the file; returns when it answers. */
  async serve(commands: string, address: string): Promise<void> {
    const { pid = 0 } = spawn("bash", ["-e", "-c", withExports(commands)], {
      cwd: this.#folder,
      env: this.#env,
      detached: true,
      stdio: "ignore",
    });
    killAtTheEnd(() => process.kill(-pid, "SIGKILL"));
    const answers = () => fetch(address).then(({ ok }) => ok);
    await vi.waitFor(async () => expect(await answers()).toBe(true), { timeout: 60_000 });
  }
}

function withExports(commands: string): string {
  return `if [ -f .exported ]; then . ./.exported; fi\n${commands}\nexport -p > .exported\n`;
}

import { mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect, inject } from "vitest";
import { repo } from "./clone.ts";
import { type PulumiRun, startPulumi } from "./pulumi.ts";
import { type RtcResult, rtc } from "./rtc.ts";
import { SHORT_LIVED } from "./short-lived.mts";

/** A folder with nothing but manifests, and a Pulumi backend of its own beside it. */
export class RtcFolder {
  readonly dir: string;
  /** Where Pulumi stores the stacks and their locks. */
  readonly backend: string;
  readonly env: Record<string, string>;
  /** Where the command `rtc` is. */
  readonly bin: string;

  constructor(env: Record<string, string>) {
    const root = mkdtempSync(join(inject("scratch"), "rtc-"));
    const made = (name: string) => {
      mkdirSync(join(root, name));
      return join(root, name);
    };
    this.dir = made("folder");
    this.backend = made("backend");
    this.bin = made("bin");
    const command = `exec "${process.execPath}" "${join(repo, "dist/cli/main.js")}" "$@"`;
    writeFileSync(join(this.bin, "rtc"), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    this.env = {
      PATH: [inject("engines").path, process.env["PATH"] ?? ""].filter(Boolean).join(delimiter),
      HOME: made("home"),
      TMPDIR: made("tmp"),
      PULUMI_BACKEND_URL: `file://${this.backend}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: "correct horse battery staple",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_STACK: "dev",
      ...SHORT_LIVED,
      ...env,
    };
  }

  /** Writes the manifest of the project `acme`. */
  manifest(...lines: string[]): void {
    this.write("rtc.yaml", ["apiVersion: rtc/v1", "project: acme", ...lines, ""].join("\n"));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }

  /** All files that commands have written: in the folder, the backend, the home folder and that of temporary files. */
  files(): string[] {
    const root = dirname(this.dir);
    const isFile = (name: string) => statSync(join(root, name), { throwIfNoEntry: false })?.isFile();
    const names = readdirSync(root, { recursive: true, encoding: "utf8" });
    // What makes a folder a backend belongs to no stack.
    return names.filter((name) => isFile(name) && name !== "backend/.pulumi/meta.yaml").sort();
  }

  /** Runs a command line; fails, with all its output, when it exits otherwise than expected, or shows a stack trace. */
  async run(code: number, line: string, env: Record<string, string | undefined> = {}): Promise<RtcResult> {
    const result = await rtc(line.split(" "), { cwd: this.dir, env: { ...this.env, ...env } });
    const { stdout, stderr } = result;
    expect(result.code, `rtc ${line}:\n${stderr}\n${stdout}`).toBe(code);
    expect(`${stderr}${stdout}`).not.toMatch(/^\s+at .+[:)]\d*/m);
    return result;
  }

  /** Starts a command line as the head of a process group, for tests that stop it, or act while it runs. */
  start(line: string, env: Record<string, string | undefined> = {}): PulumiRun {
    const args = [join(repo, "dist/cli/main.js"), ...line.split(" ")];
    return startPulumi(process.execPath, args, this.dir, { ...this.env, ...env });
  }

  /** Runs commands of a shell in the folder, `rtc` among them; fails, with all their output, when one does. */
  async shell(commands: string, env: Record<string, string | undefined> = {}): Promise<string> {
    const all = { ...this.env, PATH: `${this.bin}${delimiter}${this.env["PATH"]}`, ...env };
    const { code, output } = await startPulumi("bash", ["-e", "-c", commands], this.dir, all).finished;
    expect(code, `${commands}:\n${output}`).toBe(0);
    return output;
  }

  /** The same with `--json`, and its result. */
  async json<T>(code: number, line: string, env: Record<string, string | undefined> = {}): Promise<T> {
    return JSON.parse((await this.run(code, `${line} --json`, env)).stdout) as T;
  }
}

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { inject } from "vitest";
import { atEndOfFile } from "./cleanup.ts";
import { countsOf, operationsOf, readEvents } from "./events.ts";
import { startPulumi } from "./pulumi.ts";
import { SHORT_LIVED } from "./short-lived.mts";
import type { ConfigValue, Result, Running, RunOptions, StackOptions, State } from "./stack-types.ts";

/** The commands of Pulumi that print what a stack stores: its state, outputs, history and configuration. */
export const PRINTING: readonly string[][] = [
  ["stack", "export"],
  ["stack", "output", "--json"],
  ["stack", "history", "--json"],
  ["config"],
];

const repo = resolve(__dirname, "../..");

/** An isolated Pulumi project with one stack: own home, backend, passphrase and node_modules, all below `dir`. */
export class Stack {
  readonly dir = mkdtempSync(join(inject("scratch"), "stack-"));
  readonly project: string;
  readonly name: string;
  readonly env: Record<string, string>;
  #runs = 0;

  private constructor(options: StackOptions) {
    this.project = options.project ?? `p${Math.random().toString(36).slice(2, 10)}`;
    this.name = options.stack ?? "dev";
    const path = [inject("engines").path, join(repo, "node_modules/.bin"), process.env["PATH"] ?? ""];
    this.env = {
      PATH: path.filter(Boolean).join(delimiter),
      HOME: this.#folder("home"),
      TMPDIR: this.#folder("tmp"),
      PULUMI_HOME: this.#folder("pulumi-home"),
      // Without the parameter a kill -9 at the wrong instant leaves an empty side file, and state cannot be read.
      PULUMI_BACKEND_URL: `file://${this.#folder("backend")}?metadata=skip`,
      ...inject("keeper").env,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DEBUG_COMMANDS: "true", // offers --event-log
      ...SHORT_LIVED,
      NO_COLOR: "1",
      ...options.env,
    };
  }

  /** See {@link newStack}. */
  static async create(options: StackOptions): Promise<Stack> {
    const stack = new Stack(options);
    atEndOfFile(() => stack.dispose());
    const config = Object.entries(options.config ?? {});
    stack.#writeProject(config.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
    stack.write(options.program);
    await stack.init();
    const secrets = config.flatMap(([key, value]) =>
      typeof value === "string" ? [] : ["--secret", `${key}=${value.secret}`],
    );
    if (secrets.length > 0) await stack.run(["config", "set-all", ...secrets]);
    return stack;
  }

  /** Makes the stack, also again after a `stack rm`. */
  init(): Promise<Result> {
    return this.run(["stack", "init", this.name, "--secrets-provider", inject("keeper").provider]);
  }

  /** `pulumi up`, without its preview. */
  up(args: readonly string[] = [], options?: RunOptions): Promise<Result> {
    return this.run(["up", "--yes", "--skip-preview", ...args], options);
  }

  preview(args: readonly string[] = [], options?: RunOptions): Promise<Result> {
    return this.run(["preview", ...args], options);
  }

  /** `pulumi refresh`, without its preview unless `--preview-only` asks for nothing else. */
  refresh(args: readonly string[] = [], options?: RunOptions): Promise<Result> {
    const how = args.includes("--preview-only") ? [] : ["--yes", "--skip-preview"];
    return this.run(["refresh", ...how, ...args], options);
  }

  /** `pulumi destroy`, without its preview. */
  destroy(args: readonly string[] = [], options?: RunOptions): Promise<Result> {
    return this.run(["destroy", "--yes", "--skip-preview", ...args], options);
  }

  /** Fails when a preview would change anything. */
  expectNoChanges(args: readonly string[] = [], options?: RunOptions): Promise<Result> {
    return this.preview(["--expect-no-changes", ...args], options);
  }

  /** Runs any command of the CLI to its end. Throws, with all its output, when it exits otherwise than expected. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const result = await this.spawn(args, options).result;
    const expected = options.code ?? 0;
    // Pulumi 3.217 fails with 255 where newer ones do with 1.
    const code = result.code === 255 ? 1 : result.code;
    if (expected !== "any" && code !== expected) {
      throw new Error(
        `pulumi ${args.join(" ")} exited with ${result.code} instead of ${expected}:\n${result.output}`,
      );
    }
    return result;
  }

  /** Starts a command and returns at once, for tests that kill it, or act while it runs. */
  spawn(args: readonly string[], options: RunOptions = {}): Running {
    const log = join(this.#folder("event-logs"), `${this.#runs++}-${args[0]}.json`);
    const isOperation = ["up", "preview", "refresh", "destroy"].includes(args[0] ?? "");
    const all = ["--non-interactive", ...args, ...(isOperation ? ["--event-log", log] : [])];
    const running = startPulumi(inject("engines").pulumi, all, this.dir, { ...this.env, ...options.env });
    const result = running.finished.then((finished) => {
      const events = readEvents(log);
      const operations = operationsOf(events);
      return { ...finished, events, operations, counts: countsOf(operations) };
    });
    return { ...running, result };
  }

  /** Replaces the program. */
  write(program: string): void {
    writeFileSync(join(this.dir, "index.js"), program);
  }

  /** Sets variables for all later commands; undefined takes one away. */
  setEnv(variables: Record<string, string | undefined>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete this.env[name];
      else this.env[name] = value;
    }
  }

  async setConfig(key: string, value: ConfigValue): Promise<void> {
    const [kind, text] = typeof value === "string" ? ["--plaintext", value] : ["--secret", value.secret];
    // A value that begins with a hyphen is no option.
    await this.run(["config", "set", kind, key, "--", text]);
  }

  /** The state as it is stored, with encrypted secrets: what `pulumi stack export` prints, without starting the CLI. */
  state(): State {
    const file = join(this.dir, "backend/.pulumi/stacks", this.project, `${this.name}.json`);
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint: { latest: State["deployment"] };
    };
    return { deployment: checkpoint.latest };
  }

  /** The stack's outputs, secrets in plain text. */
  async outputs(): Promise<Record<string, unknown>> {
    const { stdout } = await this.run(["stack", "output", "--json", "--show-secrets"]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** Names of the files below `dir` that contain a text, node_modules and the program left out. */
  filesWith(text: string): string[] {
    const names = readdirSync(this.dir, { recursive: true, encoding: "utf8" });
    return names.filter((name) => {
      if (name.startsWith("node_modules") || name === "index.js") return false;
      const file = join(this.dir, name);
      return (
        statSync(file, { throwIfNoEntry: false })?.isFile() === true && readFileSync(file).includes(text)
      );
    });
  }

  /** Deletes the folder, and nothing at any vendor. Called at the end of the test file at the latest. */
  dispose(): void {
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #writeProject(config: readonly (readonly [string, string])[]): void {
    const write = (name: string, content: object) =>
      writeFileSync(join(this.dir, name), JSON.stringify(content));
    // The programs are JavaScript: a compiler would be loaded in each run, and compile nothing.
    const runtime = { name: "nodejs", options: { typescript: false } };
    write("Pulumi.yaml", { name: this.project, runtime, main: "index.js" });
    write("package.json", { name: this.project, private: true });
    write(`Pulumi.${this.name}.yaml`, { config: Object.fromEntries(config) });
    const packages = inject("packages");
    symlinkSync(packages.package, join(this.#folder("node_modules"), "pulumi-rtc"));
    symlinkSync(packages.sdk, join(this.#folder("node_modules/@pulumi"), "pulumi"));
  }

  #folder(name: string): string {
    const folder = join(this.dir, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

/** Makes a project and its stack; nothing is deployed yet. */
export function newStack(options: StackOptions): Promise<Stack> {
  return Stack.create(options);
}

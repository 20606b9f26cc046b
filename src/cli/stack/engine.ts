import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type * as automation from "@pulumi/pulumi/automation";
import { z } from "zod";
import { type RtcConfig, readConfig } from "../../client/config";
import { clientOf } from "../../client/create";
import type { RtcClient } from "../../client/types";
import { RtcError } from "../../contract";
import { EXIT, Failure } from "../exit-codes";
import { type Operation, type Outcome, operate, type Progress } from "./operation";
import { failureOf, isCommandError, isLockGone, withPlainErrors } from "./pulumi-errors";

/** The stack to open. */
export interface StackChoice {
  folder: string;
  /** Default: that of the folder's Pulumi.yaml, which it must be the same as. */
  project?: string | undefined;
  /** Default: the selected one, where the folder is a Pulumi project. */
  stack?: string | undefined;
}

/** A stack of the real engine. */
export interface Engine {
  /** As given: `dev`, or `organisation/project/dev`. */
  readonly name: string;
  readonly project: string;
  /** Whether the stack exists. */
  readonly exists: boolean;
  /** Whether the stack's configuration has an encrypted value, which was decrypted. */
  readonly hasSecretConfig: boolean;
  /** A setting of the stack's configuration, `rtc:<key>`. */
  config(key: string): string | undefined;
  /** The stack's configuration, and the environment for keys that it does not set. */
  settings(): RtcConfig;
  /** A client with these settings. */
  client(): RtcClient;
  /** Sets a flag of the configuration for later runs of the engine. */
  set(flag: "RTC_FORCE_DESTROY" | "RTC_OFFLINE_PREVIEW"): void;
  /** Whether the configuration sets `forceDestroy`. */
  isForced(): boolean;
  /** Creates the stack; false where another run has created it meanwhile. */
  init(): Promise<boolean>;
  /** The stack's state. */
  state(): Promise<Deployment>;
  /** The last run of the engine; undefined where there was none, or the backend stores no history. */
  lastRun(): Promise<LastRun | undefined>;
  /** Runs the engine with a program. */
  run(declared: Program, operation: Operation, io?: Progress): Promise<Outcome>;
  /** Gives a resource of the state another name. */
  rename(urn: string, name: string): Promise<void>;
  /** Removes the stack, its history and its backups; its settings file in the folder is the user's. */
  remove(): Promise<void>;
}

/** A run of the engine in the stack's history. */
export interface LastRun {
  /** `up`, `refresh`, `destroy`, or another command of Pulumi. */
  command: string;
  /** `succeeded`, `failed`, or what else the backend reports. */
  result: string;
  /** When it began and ended, RFC 3339; null where it has not ended. */
  startedAt: string;
  endedAt: string | null;
}

/** A Pulumi program of this process. */
export type Program = () => Promise<Record<string, unknown>>;

/** The part of an exported state that is read. */
export interface Deployment {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
}

/** A resource of the state. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  protect?: boolean;
  external?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** Runs a callback with a stack of the engine, as {@link openStack} does. */
export async function withStack<T>(choice: StackChoice, run: (engine: Engine) => Promise<T>): Promise<T> {
  const { engine, close } = await openStack(choice);
  try {
    return await run(engine);
  } finally {
    close();
  }
}

/**
 * Opens a stack of the engine, which selects, creates and changes nothing, until it is closed.
 *
 * @throws NOT_CONFIGURED where there is no Pulumi CLI; INVALID_ARGUMENT where it is another project, or no stack is named
 */
export async function openStack(choice: StackChoice): Promise<{ engine: Engine; close(): void }> {
  const { LocalWorkspace, PulumiCommand, Stack, StackNotFoundError } = await import(
    "@pulumi/pulumi/automation/index.js"
  );
  const pulumiCommand = await PulumiCommand.get().catch(() => {
    throw noPulumi();
  });
  const opened = openWorkspace(choice.folder, choice.project);
  try {
    const workspace = await LocalWorkspace.create({ workDir: opened.dir, pulumiCommand });
    const project = (await workspace.projectSettings()).name;
    assertSameProject(project, choice.project);
    const name = choice.stack ?? (await selectedStack(workspace, opened.own));
    const settings = await withPlainErrors(workspace.getAllConfig(name)).catch((error: unknown) => {
      if (error instanceof Failure && error.cause instanceof StackNotFoundError) return undefined;
      throw error;
    });
    // Opening a stack would select it, for every later `pulumi` of this user.
    workspace.selectStack = async () => {};
    const stack = await Stack.select(name, workspace);
    // After each run the Automation API would read both, the outputs with their secrets, which are not used here.
    stack.outputs = async () => ({});
    stack.info = async () => undefined;
    const pulumi = (...args: string[]) =>
      runPulumi(pulumiCommand.command, [...args, "--stack", name, "--non-interactive"], opened.dir);
    const config = (key: string) => settings?.[`rtc:${key}`]?.value;
    const engine: Engine = {
      name,
      project,
      exists: settings !== undefined,
      hasSecretConfig: Object.values(settings ?? {}).some(({ secret }) => secret === true),
      config,
      settings: () => readConfig({}, config),
      client: () => clientOf(readConfig({}, config)),
      set: (flag) => {
        workspace.envVars = { ...workspace.envVars, [flag]: "true" };
      },
      isForced: () => readConfig({}, config).forceDestroy === true,
      init: () => withPlainErrors(initStack(pulumi)),
      state: async () => (await withPlainErrors(stack.exportStack())).deployment as Deployment,
      lastRun: async () => {
        const pages = ["--json", "--page-size", "1", "--page", "1"];
        const shown = await withPlainErrors(pulumi("stack", "history", ...pages));
        return historySchema.parse(JSON.parse(shown || "[]"))[0];
      },
      run: (declared, operation, io) => {
        stack.workspace.program = declared;
        return operate(stack, operation, io);
      },
      rename: async (urn, to) => {
        await withPlainErrors(pulumi("state", "rename", urn, to, "--yes"));
      },
      remove: () => withPlainErrors(removeStack(pulumi)),
    };
    return { engine, close: opened.close };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function noPulumi(): RtcError {
  return new RtcError(
    "NOT_CONFIGURED",
    "there is no pulumi on the PATH: install the Pulumi CLI (https://www.pulumi.com/docs/install/)",
  );
}

/**
 * The configuration of a stack, without its engine; undefined where there is no such stack, or none is selected, as without
 * a Pulumi CLI or a login.
 *
 * @throws what Pulumi reports where it cannot read it
 */
export async function readSettings(
  choice: StackChoice,
): Promise<((key: string) => string | undefined) | undefined> {
  const opened = openWorkspace(choice.folder, choice.project);
  const stack = choice.stack === undefined ? [] : ["--stack", choice.stack];
  const show = ["config", "--show-secrets", "--json", "--non-interactive", ...stack];
  try {
    const found = settingsSchema.parse(JSON.parse(await runPulumi("pulumi", show, opened.dir)));
    return (key) => found[`rtc:${key}`]?.value;
  } catch (error) {
    const isUnused = choice.stack === undefined;
    if (!isCommandError(error)) {
      if (isUnused && RtcError.isInstance(error) && error.code === "NOT_CONFIGURED") return undefined;
      throw error;
    }
    const { stderr } = error.commandResult;
    if (/no stack (named|selected)/.test(stderr)) return undefined;
    if (isUnused && stderr.includes("PULUMI_ACCESS_TOKEN must be set")) return undefined;
    throw failureOf(error);
  } finally {
    opened.close();
  }
}

/** What `pulumi config --json` prints: a key without a value is a secret that is not shown. */
const settingsSchema = z.record(z.string(), z.object({ value: z.string().optional() }));

/** What `pulumi stack history --json` prints, of which an `up` is an update. */
const historySchema = z.array(
  z
    .object({ kind: z.string(), result: z.string(), startTime: z.string(), endTime: z.string().optional() })
    .transform(({ kind, result, startTime, endTime = null }): LastRun => {
      return { command: kind === "update" ? "up" : kind, result, startedAt: startTime, endedAt: endTime };
    }),
);

/** Creates a stack without the Automation API, which would select it for every later `pulumi` of this user. */
async function initStack(pulumi: (...args: string[]) => Promise<string>): Promise<boolean> {
  try {
    await pulumi("stack", "init", "--no-select");
    return true;
  } catch (error) {
    if (!isCommandError(error)) throw error;
    const { stderr } = error.commandResult;
    if (/stack '[^'\n]+' already exists/.test(stderr)) return false;
    // Another run creates the stack now, and releases its lock while the backend reads it.
    if (isLockGone(stderr)) return initStack(pulumi);
    throw error;
  }
}

/** Removes a stack without the Automation API, which keeps the backups of a file backend. */
async function removeStack(pulumi: (...args: string[]) => Promise<string>): Promise<void> {
  const remove = ["stack", "rm", "--yes", "--preserve-config"];
  try {
    await pulumi(...remove, "--remove-backups");
  } catch (error) {
    // An older Pulumi cannot remove them.
    if (!isCommandError(error) || !/unknown flag/.test(error.commandResult.stderr)) throw error;
    await pulumi(...remove);
  }
}

/** Runs the CLI, and fails as the Automation API does. Returns what it prints. @throws NOT_CONFIGURED where there is none */
export function runPulumi(pulumi: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(pulumi, args, { cwd }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (error.code === "ENOENT") return reject(noPulumi());
      const code = typeof error.code === "number" ? error.code : EXIT.failed;
      reject(Object.assign(error, { commandResult: { stdout, stderr, code } }));
    });
  });
}

/** @throws INVALID_ARGUMENT where a manifest has another project than the folder */
export function assertSameProject(name: string, project: string | undefined): void {
  if (project === undefined || name === project) return;
  const message = `the project is ${project}, but Pulumi.yaml names ${name}: they must be the same, since the project decides the ownership of rooms`;
  throw new RtcError("INVALID_ARGUMENT", message);
}

async function selectedStack(workspace: automation.LocalWorkspace, own: boolean): Promise<string> {
  const name = own ? (await withPlainErrors(workspace.stack()))?.name : undefined;
  if (name !== undefined) return name;
  throw noStack();
}

/** The error for a missing stack. */
export function noStack(): RtcError {
  return new RtcError(
    "INVALID_ARGUMENT",
    "no stack is named: pass --stack, or set PULUMI_STACK in the environment",
  );
}

/** @throws NO_STACK where the stack does not exist */
export function assertExists(engine: Pick<Engine, "exists" | "name" | "project">): void {
  if (engine.exists) return;
  const message = `there is no stack ${engine.name} of project ${engine.project}: rtc up --stack ${engine.name} creates it`;
  throw new Failure("NO_STACK", message, EXIT.noStack);
}

/** The folder of the engine. */
export interface Workspace {
  dir: string;
  /** Whether it is the user's own Pulumi project. */
  own: boolean;
  close(): void;
}

/**
 * Opens the engine's folder for a manifest: the user's own where it is a Pulumi project, else a temporary one. In that the
 * provider finds this package and the SDK, and its stacks are configured in the user's folder, in the
 * `Pulumi.<stack>.yaml` that `pulumi` uses too.
 */
export function openWorkspace(folder: string, project: string | undefined): Workspace {
  if (isProject(folder)) return { dir: folder, own: true, close: () => {} };
  if (project === undefined) throw new Error("without a Pulumi.yaml the project must be named");
  // The engine's own folders are compared with links resolved.
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "rtc-")));
  const settings = { name: project, runtime: "nodejs", stackConfigDir: resolve(folder) };
  writeFileSync(join(dir, "Pulumi.yaml"), JSON.stringify(settings));
  const here = createRequire(__filename);
  for (const name of ["pulumi-rtc", "@pulumi/pulumi"]) {
    const link = join(dir, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(dirname(here.resolve(`${name}/package.json`)), link, "dir");
  }
  return { dir, own: false, close: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Whether a folder is a Pulumi project. */
export function isProject(folder: string): boolean {
  return ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(join(folder, name)));
}

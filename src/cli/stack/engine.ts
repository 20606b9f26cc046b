import { execFile } from "node:child_process";
import type * as automation from "@pulumi/pulumi/automation";
import { type RtcConfig, readConfig } from "../../client/config";
import { clientOf } from "../../client/create";
import type { RtcClient } from "../../client/types";
import { RtcError } from "../../contract";
import { EXIT } from "../exit-codes";
import { Failure } from "../failure";
import type { Io } from "../io";
import { type Operation, type Outcome, operate } from "./operation";
import { isCommandError, isLockGone, plain } from "./pulumi-errors";
import { openWorkspace } from "./workspace";

/** Which stack. */
export interface StackChoice {
  folder: string;
  /** Default: that of the folder's Pulumi.yaml, which it must be the same as. */
  project?: string | undefined;
  /** Default: the one that is selected, where the folder is a Pulumi project. */
  stack?: string | undefined;
}

/** A stack of the real engine. */
export interface Engine {
  /** As it was given: `dev`, or `organisation/project/dev`. */
  readonly name: string;
  readonly project: string;
  /** Whether there is such a stack yet. */
  readonly exists: boolean;
  /** A setting of the stack's configuration, `rtc:<key>`. */
  config(key: string): string | undefined;
  /** The stack's own configuration, and the environment where that says nothing. */
  settings(): RtcConfig;
  /** A client with these settings. */
  client(): RtcClient;
  /** Lets the engine end calls of people, from now on. */
  force(): void;
  /** Whether the configuration lets it. */
  isForced(): boolean;
  /** Makes the stack; false where another run has made it meanwhile. */
  init(): Promise<boolean>;
  /** What the stack's state holds. */
  state(): Promise<Deployment>;
  /** Runs the engine, with the program that it is to run. */
  run(declared: Program, operation: Operation, io?: Io): Promise<Outcome>;
  /** Removes the stack, its history and its backups; its settings file in the folder is the user's. */
  remove(): Promise<void>;
}

/** A Pulumi program of this process. */
export type Program = () => Promise<Record<string, unknown>>;

/** What of an exported state is looked at. */
export interface Deployment {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
}

/** A resource as the state has it. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  protect?: boolean;
  external?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/**
 * Runs something with a stack of the real engine. Nothing is selected, made or changed by opening it.
 *
 * @throws NOT_CONFIGURED where there is no Pulumi CLI; INVALID_ARGUMENT where it is another project, or no stack is named
 */
export async function withStack<T>(choice: StackChoice, run: (engine: Engine) => Promise<T>): Promise<T> {
  const { LocalWorkspace, PulumiCommand, Stack, StackNotFoundError } = await import(
    "@pulumi/pulumi/automation/index.js"
  );
  const pulumiCommand = await PulumiCommand.get().catch(() => {
    throw new RtcError(
      "NOT_CONFIGURED",
      "there is no pulumi on the PATH: install the Pulumi CLI (https://www.pulumi.com/docs/install/)",
    );
  });
  const opened = openWorkspace(choice.folder, choice.project);
  try {
    const workspace = await LocalWorkspace.create({ workDir: opened.dir, pulumiCommand });
    const project = (await workspace.projectSettings()).name;
    sameProject(project, choice.project);
    const name = choice.stack ?? (await selected(workspace, opened.own));
    const settings = await plain(workspace.getAllConfig(name)).catch((error: unknown) => {
      if (error instanceof Failure && error.cause instanceof StackNotFoundError) return undefined;
      throw error;
    });
    // Opening a stack would select it, for every later `pulumi` of this user.
    workspace.selectStack = async () => {};
    const stack = await Stack.select(name, workspace);
    // After each run it would ask the CLI for both, the outputs with their secrets; nothing here reads them.
    stack.outputs = async () => ({});
    stack.info = async () => undefined;
    const pulumi = (...args: string[]) =>
      ran(pulumiCommand.command, [...args, "--stack", name, "--non-interactive"], opened.dir);
    const config = (key: string) => settings?.[`rtc:${key}`]?.value;
    return await run({
      name,
      project,
      exists: settings !== undefined,
      config,
      settings: () => readConfig({}, config),
      client: () => clientOf(readConfig({}, config)),
      force: () => {
        workspace.envVars = { ...workspace.envVars, RTC_FORCE_DESTROY: "true" };
      },
      isForced: () => readConfig({}, config).forceDestroy === true,
      init: () => plain(initialised(pulumi)),
      state: async () => (await plain(stack.exportStack())).deployment as Deployment,
      run: (declared, operation, io) => {
        stack.workspace.program = declared;
        return operate(stack, operation, io);
      },
      remove: () => plain(removed(pulumi)),
    });
  } finally {
    opened.close();
  }
}

/** Without the Automation API, which would select the new stack for every later `pulumi` of this user. */
async function initialised(pulumi: (...args: string[]) => Promise<void>): Promise<boolean> {
  try {
    await pulumi("stack", "init", "--no-select");
    return true;
  } catch (error) {
    if (!isCommandError(error)) throw error;
    const { stderr } = error.commandResult;
    if (/stack '[^'\n]+' already exists/.test(stderr)) return false;
    // Another run makes the stack at this moment, and lets go of it while the backend looks at its lock.
    if (isLockGone(stderr)) return initialised(pulumi);
    throw error;
  }
}

/** Without the Automation API, which leaves the backups that a backend of files keeps. */
async function removed(pulumi: (...args: string[]) => Promise<void>): Promise<void> {
  const remove = ["stack", "rm", "--yes", "--preserve-config"];
  try {
    await pulumi(...remove, "--remove-backups");
  } catch (error) {
    // An older Pulumi keeps them.
    if (!isCommandError(error) || !/unknown flag/.test(error.commandResult.stderr)) throw error;
    await pulumi(...remove);
  }
}

/** Runs the CLI, and fails as the Automation API does. */
function ran(pulumi: string, args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(pulumi, args, { cwd }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      const code = typeof error.code === "number" ? error.code : EXIT.failed;
      reject(Object.assign(error, { commandResult: { stdout, stderr, code } }));
    });
  });
}

/** @throws INVALID_ARGUMENT where a manifest is of another project than the folder */
export function sameProject(name: string, project: string | undefined): void {
  if (project === undefined || name === project) return;
  const message = `the project is ${project}, but Pulumi.yaml names ${name}: the two must be the same, since they decide whose rooms these are`;
  throw new RtcError("INVALID_ARGUMENT", message);
}

async function selected(workspace: automation.LocalWorkspace, own: boolean): Promise<string> {
  const name = own ? (await plain(workspace.stack()))?.name : undefined;
  if (name !== undefined) return name;
  throw noStack();
}

/** No stack is named. */
export function noStack(): RtcError {
  return new RtcError(
    "INVALID_ARGUMENT",
    "say which stack: with --stack, or PULUMI_STACK in the environment",
  );
}

/** Fails where the stack is not there. */
export function mustExist(engine: Engine): void {
  if (engine.exists) return;
  const message = `there is no stack ${engine.name} of project ${engine.project}: rtc up --stack ${engine.name} makes it`;
  throw new Failure("NO_STACK", message, EXIT.noStack);
}

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { type Contexts, filledIn, lets, type Status } from "./expressions.ts";
import { startPulumi } from "./pulumi.ts";

/** The parts of a workflow's file that tests read. */
export interface WorkflowFile {
  on: Record<string, unknown>;
  permissions: object;
  defaults: { run: { shell: string } };
  jobs: Record<string, Job>;
}

/** A job as it is written. */
export interface Job {
  if?: string;
  needs?: string;
  strategy?: { matrix: { stack: string[] } };
  environment: string;
  concurrency: { group: string; "cancel-in-progress"?: boolean };
  permissions: Record<string, "read" | "write">;
  env?: Record<string, string>;
  steps: Step[];
}

interface Step {
  id?: string;
  if?: string;
  uses?: string;
  with?: Record<string, string>;
  run?: string;
  env?: Record<string, string>;
}

/** What the hosted service would bring. */
export interface Hosted {
  /** Of each environment: its variables, and its secrets. */
  environments: Record<string, { vars: Contexts; secrets: Contexts }>;
  /** Puts the repository into a job's empty folder; `ref` is the one that the step asks for. */
  checkout(folder: string, ref: string | undefined): void;
  /** A token for a job with these permissions. */
  tokenFor(permissions: Job["permissions"]): string;
  /** The environment of the machine: PATH, where packages come from. */
  env: Record<string, string | undefined>;
  /** Does the work of a `run:` in another way, where it would only repeat a long one. Otherwise false. */
  instead?(run: string, folder: string): boolean;
  /** What the runner's `github` context has beside the token. */
  github: Contexts & { repository: string; api_url: string };
  /** What a person gives who starts a run by hand. */
  inputs?: Contexts;
}

/** How a job has gone. */
export interface JobRun {
  /** `drift production`: its key, and what it is of. */
  name: string;
  /** The queue in which it waits. */
  group: string;
  result: Status;
  /** The exit codes of its `run:` steps; a step that was not run has none. */
  codes: number[];
  output: string;
  /** What its steps have put into the run's summary. */
  summary: string;
}

/** Reads a workflow, its anchors followed. */
export function readWorkflow(file: string): WorkflowFile {
  return parse(readFileSync(file, "utf8")) as WorkflowFile;
}

/** Runs every job that an event starts, one after the other as the file has them, each in a folder of its own. */
export async function runWorkflow(workflow: WorkflowFile, hosted: Hosted, root: string): Promise<JobRun[]> {
  const runs: JobRun[] = [];
  const results = new Map<string, Status>();
  for (const [key, job] of Object.entries(workflow.jobs)) {
    const before = job.needs === undefined ? "success" : (results.get(job.needs) ?? "failure");
    if (!lets(job.if, { github: hosted.github }, before)) continue;
    const own: JobRun[] = [];
    for (const stack of job.strategy?.matrix.stack ?? [undefined]) {
      const name = stack === undefined ? key : `${key} ${stack}`;
      own.push(await runJob(name, job, stack === undefined ? {} : { stack }, workflow, hosted, root));
    }
    results.set(key, own.every(({ result }) => result === "success") ? "success" : "failure");
    runs.push(...own);
  }
  return runs;
}

async function runJob(
  name: string,
  job: Job,
  matrix: object,
  workflow: WorkflowFile,
  hosted: Hosted,
  root: string,
): Promise<JobRun> {
  const { shell } = workflow.defaults.run;
  if (shell !== "bash") throw new Error(`a runner starts ${shell} otherwise than this does`);
  const folder = mkdtempSync(join(root, "job-"));
  const home = mkdtempSync(join(root, "home-"));
  const github = { ...hosted.github, token: hosted.tokenFor(job.permissions) };
  const { inputs = {} } = hosted;
  const environment = filledIn(job.environment, { matrix, inputs });
  const { vars, secrets } = hosted.environments[environment] ?? { vars: {}, secrets: {} };
  const steps: Record<string, { outcome: Status }> = {};
  const contexts = { github, matrix, vars, secrets, steps, inputs };
  const group = filledIn(job.concurrency.group, contexts);
  const run: JobRun = { name, group, result: "success", codes: [], output: "", summary: "" };
  const path: string[] = [];
  for (const [index, step] of job.steps.entries()) {
    if (!lets(step.if, contexts, run.result)) continue;
    if (step.uses?.startsWith("actions/checkout@")) {
      const ref = step.with?.["ref"];
      hosted.checkout(folder, ref === undefined ? undefined : filledIn(ref, contexts));
    }
    if (step.run === undefined || hosted.instead?.(step.run, folder)) continue;
    const file = (what: string) => join(home, `${what}-${index}`);
    writeFileSync(file("script"), filledIn(step.run, contexts));
    const env = Object.entries({ ...job.env, ...step.env }).map(([key, value]) => [
      key,
      filledIn(value, contexts),
    ]);
    const command = startPulumi(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", file("script")],
      folder,
      {
        ...hosted.env,
        HOME: home,
        CI: "true",
        GITHUB_REPOSITORY: github.repository,
        GITHUB_API_URL: github.api_url,
        GITHUB_PATH: file("path"),
        GITHUB_STEP_SUMMARY: file("summary"),
        ...Object.fromEntries(env),
        PATH: [...path, hosted.env["PATH"]].join(delimiter),
      },
    );
    const { code, output } = await command.finished;
    run.codes.push(code ?? -1);
    run.output += output;
    if (existsSync(file("summary"))) run.summary += readFileSync(file("summary"), "utf8");
    if (existsSync(file("path"))) path.unshift(...readFileSync(file("path"), "utf8").trim().split("\n"));
    const outcome = code === 0 ? "success" : "failure";
    if (step.id !== undefined) steps[step.id] = { outcome };
    if (outcome === "failure") run.result = "failure";
  }
  return run;
}

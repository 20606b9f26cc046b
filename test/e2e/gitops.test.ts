import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { Example } from "../support/example.ts";
import { Github } from "../support/github.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { blocksOf } from "../support/markdown.ts";
import { type JobRun, readWorkflow, runWorkflow, type WorkflowFile } from "../support/workflow.ts";
import { roomsOf } from "../support/world.ts";

/** It installs packages, and starts the CLI some dozens of times. */
const timeout = 600_000;

let example: Example;
let github: Github;
let staging: LivekitServer;
let production: LivekitServer;
let workflow: WorkflowFile;

beforeAll(async () => {
  [example, github, staging] = await Promise.all([
    Example.copy("gitops", { egress: "worker" }),
    Github.start(),
    startLivekit(),
  ]);
  production = example.server;
  workflow = readWorkflow(join(example.folder, ".github/workflows/rtc.yml"));
}, timeout);

test("The README's commands set the repository up, and every manifest in it is valid", {
  timeout,
}, async () => {
  for (const command of example.commands) await example.run(command);
  const render = async (stack: string) =>
    JSON.parse(await example.run(`node_modules/.bin/rtc render --json --stack ${stack}`));
  expect(await render("staging")).toMatchObject({
    rooms: { standup: { maxParticipants: 12 }, "load-test-3": {} },
    recordings: {},
  });
  expect(await render("production")).toMatchObject({
    rooms: { standup: { maxParticipants: 50 }, board: { protect: true } },
    recordings: { "town-hall": { room: "town-hall" } },
  });
});

test("Every command of docs/gitops.md works", { timeout }, async () => {
  const blocks = blocksOf(join(repo, "docs/gitops.md"), "docs/gitops.md");
  expect(blocks.length).toBeGreaterThan(4);
  const access = Object.entries(staging.env).map(([name, value]) => `export ${name}=${value}`);
  for (const { language, text, place } of blocks) {
    expect(language, place).toBe("sh");
    await example.run([...access, text].join("\n"));
  }
  expect(stacks()).toEqual(["staging"]);
  // None of what the commands have written has to be in git for another checkout to go on.
  git(example.folder, "init", "--quiet", "--initial-branch", "main");
  git(example.folder, "add", "--all");
  git(example.folder, "commit", "--quiet", "--message", "as it is");
  const written = /preview\.md|^Pulumi\..+\.yaml|node_modules/m;
  expect(git(example.folder, "ls-files")).not.toMatch(written);
});

test("A merge goes to staging, then to production", { timeout }, async () => {
  const jobs = await when("push", {});
  expect(resultsOf(jobs), said(jobs)).toEqual({ staging: "success", production: "success" });
  expect(Object.keys(await roomsOf(staging)).sort()).toEqual([
    "load-test-1",
    "load-test-2",
    "load-test-3",
    "standup",
    "town-hall",
  ]);
  expect(await roomsOf(production)).toMatchObject({
    standup: { maxParticipants: 50 },
    "town-hall": {},
    board: {},
  });
});

test("A pull request gets a preview of each environment, in one comment each that is edited, and a stack of its own until it is closed", {
  timeout,
}, async () => {
  const comments = github.commentsOf("42");
  github.write(comments, "<!-- pulumi-rtc preview acme-rtc/staging -->\nnot the one that is edited");
  const before = await roomsOf(staging);
  branch = room("interview");

  const opened = await when("pull_request", pullRequest("opened"));
  expect(resultsOf(opened), said(opened)).toEqual({
    "preview staging": "success",
    "preview production": "success",
    review: "success",
  });
  const own = () => comments.filter(({ user }) => user.type === "Bot").map(({ body }) => body);
  expect(own()).toHaveLength(2);
  expect(own()[0]).toMatch(/^<!-- pulumi-rtc preview acme-rtc\/staging -->\n/);
  expect(own()[1]).toMatch(/^<!-- pulumi-rtc preview acme-rtc\/production -->\n/);
  for (const body of own()) expect(body).toContain("`interview`");
  expect(opened[0]?.summary).toBe(own()[0]);
  const review = ["review-42-interview", "review-42-standup", "review-42-town-hall"];
  expect(Object.keys(await roomsOf(staging)).sort()).toEqual([...Object.keys(before), ...review].sort());

  branch += room("lobby");
  const pushed = await when("pull_request", pullRequest("synchronize"), "preview");
  expect(resultsOf(pushed), said(pushed)).toEqual({
    "preview staging": "success",
    "preview production": "success",
  });
  expect(own()).toHaveLength(2);
  for (const body of own()) expect(body).toContain("`lobby`");
  expect(comments[0]?.body).toContain("not the one that is edited");

  const closed = await when("pull_request", pullRequest("closed"));
  expect(resultsOf(closed), said(closed)).toEqual({ "review-end": "success" });
  expect(await roomsOf(staging)).toEqual(before);
  expect(stacks()).toEqual(["production", "staging"]);
  expect(closed[0]?.group).toBe(opened.at(-1)?.group);
});

test("Drift fails the run with 7 and opens one issue, which the next merge and check close", {
  timeout,
}, async () => {
  await production.service.updateRoomMetadata("standup", '{"team":"by hand"}');
  const found = await when("schedule", {});
  expect(resultsOf(found), said(found)).toEqual({
    "drift staging": "success",
    "drift production": "failure",
  });
  expect(found[1]?.codes).toEqual([0, 7, 0]);
  expect(github.issues).toMatchObject([{ title: "Drift of acme-rtc/production", state: "open" }]);
  expect(github.issues[0]?.body).toContain("by hand");

  await production.service.deleteRoom("board");
  await when("schedule", {});
  expect(github.issues).toHaveLength(1);
  expect(github.issues[0]?.body).toContain("**deleted** room `board`");

  const merged = await when("push", {});
  expect(resultsOf(merged), said(merged)).toEqual({ staging: "success", production: "success" });
  expect(await roomsOf(production)).toMatchObject({
    standup: { metadata: { team: "core" } },
    board: {},
    lobby: {},
  });
  const mended = await when("schedule", {});
  expect(resultsOf(mended), said(mended)).toEqual({
    "drift staging": "success",
    "drift production": "success",
  });
  expect(github.issues).toMatchObject([{ state: "closed" }]);
});

test("A manifest that staging refuses does not reach production, and a fork's branch starts nothing", {
  timeout,
}, async () => {
  branch = "  broken: { maxParticipants: many }\n";
  const jobs = await when("push", {});
  expect(resultsOf(jobs), said(jobs)).toEqual({ staging: "failure" });
  expect(jobs[0]?.output).toContain("rtc.yaml:");
  const fork = pullRequest("opened");
  fork.pull_request.head.repo.full_name = "mallory/rtc";
  expect(await when("pull_request", fork)).toEqual([]);
  expect(github.refused).toEqual([]);
});

/** A room for `rtc.yaml`. */
function room(name: string): string {
  return `  ${name}:\n    name: \${env:ROOM_PREFIX:-}${name}\n`;
}

/** What the branch that is checked out has in rtc.yaml beside what is in main. */
let branch = "";

/** Runs the jobs that an event starts; `only` one of them. */
function when(event: string, payload: object, only?: string): Promise<JobRun[]> {
  const { person, folder } = example;
  const jobs = Object.entries(workflow.jobs).filter(([name]) => only === undefined || name === only);
  const access = (server: LivekitServer) => ({
    vars: { PULUMI_BACKEND_URL: person.env["PULUMI_BACKEND_URL"], LIVEKIT_URL: server.url },
    secrets: {
      PULUMI_CONFIG_PASSPHRASE: person.env["PULUMI_CONFIG_PASSPHRASE"],
      LIVEKIT_API_KEY: server.apiKey,
      LIVEKIT_API_SECRET: server.apiSecret,
    },
  });
  const [inStaging, inProduction] = [access(staging), access(production)];
  const { PULUMI_BACKEND_URL: _, PULUMI_CONFIG_PASSPHRASE: __, PULUMI_HOME: ___, ...env } = person.env;
  return runWorkflow(
    { ...workflow, jobs: Object.fromEntries(jobs) },
    {
      environments: {
        "staging-preview": inStaging,
        "production-preview": inProduction,
        review: inStaging,
        staging: inStaging,
        production: inProduction,
      },
      github: { event_name: event, event: payload, repository: "acme/rtc", api_url: github.url },
      tokenFor: (permissions) => github.tokenFor(permissions),
      env,
      checkout(job, ref) {
        git(folder, "clone", "--quiet", folder, job);
        if (ref !== "main") appendFileSync(join(job, "rtc.yaml"), branch);
      },
      instead: installed,
    },
    person.home,
  );
}

/** Runs git as somebody without settings of their own. */
function git(cwd: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  return execFileSync("git", [...who, ...args], { cwd, env, encoding: "utf8" });
}

/** The first job installs; the others get what it has installed, since that takes half a minute each time. */
function installed(run: string, job: string): boolean {
  const shared = join(example.person.home, "installed/node_modules");
  if (run.startsWith("npm ci")) {
    if (!existsSync(shared)) return false;
    symlinkSync(shared, join(job, "node_modules"));
  } else if (!existsSync(shared)) {
    mkdirSync(dirname(shared));
    renameSync(join(job, "node_modules"), shared);
    symlinkSync(shared, join(job, "node_modules"));
  }
  return run.startsWith("npm ci");
}

function pullRequest(action: string) {
  const head = { repo: { full_name: "acme/rtc" } };
  return { action, pull_request: { number: 42, head, base: { ref: "main" } } };
}

/** The stacks that the backend has. */
function stacks(): string[] {
  const names = readdirSync(join(example.person.home, "backend/.pulumi/stacks/acme-rtc"));
  return names.flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []).sort();
}

function resultsOf(jobs: JobRun[]): Record<string, string> {
  return Object.fromEntries(jobs.map(({ name, result }) => [name, result]));
}

/** All that jobs have said, for the message of a failure. */
function said(jobs: JobRun[]): string {
  return jobs.map(({ name, output }) => `${name}:\n${output}`).join("\n");
}

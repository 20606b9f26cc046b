import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { Environments } from "../support/environments.ts";
import { blocksOf } from "../support/markdown.ts";
import type { JobRun } from "../support/workflow.ts";
import { roomsOf } from "../support/world.ts";

/** It installs packages, and starts the CLI some dozens of times. */
const timeout = 600_000;

let world: Environments;
beforeAll(async () => {
  world = await Environments.start();
}, timeout);

test("The README's commands set the repository up, and every manifest in it is valid", {
  timeout,
}, async () => {
  for (const command of world.example.commands) await world.example.run(command);
  const render = async (stack: string) =>
    JSON.parse(await world.example.run(`node_modules/.bin/rtc render --json --stack ${stack}`));
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
  const access = Object.entries(world.staging.env).map(([name, value]) => `export ${name}=${value}`);
  for (const { language, text, place } of blocks) {
    expect(language, place).toBe("sh");
    await world.example.run([...access, text].join("\n"));
  }
  expect(world.stacks()).toEqual(["staging"]);
  // What the Kubernetes Operator runs is the same stack, and sees it as it should be.
  const plain = "pulumi preview --stack staging --refresh --expect-no-changes";
  await world.example.run([...access, plain].join("\n"));
  // None of what the commands have written has to be in git for another checkout to go on.
  const written = /preview\.md|^Pulumi\..+\.yaml|node_modules/m;
  expect(world.commit()).not.toMatch(written);
});

test("A merge goes to staging, then to production", { timeout }, async () => {
  const jobs = await world.when("push", {});
  expect(resultsOf(jobs), reportOf(jobs)).toEqual({ staging: "success", production: "success" });
  expect(Object.keys(await roomsOf(world.staging)).sort()).toEqual([
    "load-test-1",
    "load-test-2",
    "load-test-3",
    "standup",
    "town-hall",
  ]);
  expect(await roomsOf(world.production)).toMatchObject({
    standup: { maxParticipants: 50 },
    "town-hall": {},
    board: {},
  });
});

test("A pull request gets a preview of each environment, in one comment each that is edited, and a stack of its own until it is closed", {
  timeout,
}, async () => {
  const comments = world.github.commentsOf("42");
  world.github.write(comments, "<!-- pulumi-rtc preview acme-rtc/staging -->\nnot the one that is edited");
  const before = await roomsOf(world.staging);
  world.branch = room("interview");

  const opened = await world.when("pull_request", pullRequest("opened"));
  expect(resultsOf(opened), reportOf(opened)).toEqual({
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
  expect(Object.keys(await roomsOf(world.staging)).sort()).toEqual(
    [...Object.keys(before), ...review].sort(),
  );

  world.branch += room("lobby");
  const pushed = await world.when("pull_request", pullRequest("synchronize"), "preview");
  expect(resultsOf(pushed), reportOf(pushed)).toEqual({
    "preview staging": "success",
    "preview production": "success",
  });
  expect(own()).toHaveLength(2);
  for (const body of own()) expect(body).toContain("`lobby`");
  expect(comments[0]?.body).toContain("not the one that is edited");

  const closed = await world.when("pull_request", pullRequest("closed"));
  expect(resultsOf(closed), reportOf(closed)).toEqual({ "review-end": "success" });
  expect(await roomsOf(world.staging)).toEqual(before);
  expect(world.stacks()).toEqual(["production", "staging"]);
  expect(closed[0]?.group).toBe(opened.at(-1)?.group);
});

test("Drift fails the run with 7 and opens one issue, which the next merge and check close", {
  timeout,
}, async () => {
  await world.production.service.updateRoomMetadata("standup", '{"team":"by hand"}');
  const found = await world.when("schedule", {});
  expect(resultsOf(found), reportOf(found)).toEqual({
    "drift staging": "success",
    "drift production": "failure",
  });
  expect(found[1]?.codes).toEqual([0, 7, 0]);
  expect(world.github.issues).toMatchObject([{ title: "Drift of acme-rtc/production", state: "open" }]);
  expect(world.github.issues[0]?.body).toContain("by hand");

  await world.production.service.deleteRoom("board");
  await world.when("schedule", {});
  expect(world.github.issues).toHaveLength(1);
  expect(world.github.issues[0]?.body).toContain("**deleted** room `board`");

  const merged = await world.when("push", {});
  expect(resultsOf(merged), reportOf(merged)).toEqual({ staging: "success", production: "success" });
  expect(await roomsOf(world.production)).toMatchObject({
    standup: { metadata: { team: "core" } },
    board: {},
    lobby: {},
  });
  const repaired = await world.when("schedule", {});
  expect(resultsOf(repaired), reportOf(repaired)).toEqual({
    "drift staging": "success",
    "drift production": "success",
  });
  expect(world.github.issues).toMatchObject([{ state: "closed" }]);
});

test("A rollout is started by hand, for one stack and with its limit of deletes", { timeout }, async () => {
  const inputs = { stack: "staging", "max-deletes": 20 };
  const jobs = await world.when("workflow_dispatch", {}, undefined, inputs);
  expect(resultsOf(jobs), reportOf(jobs)).toEqual({ deletes: "success" });
  expect(jobs[0]?.group).toBe("rtc-staging");
});

test("A manifest that staging rejects does not reach production, and a fork's branch starts nothing", {
  timeout,
}, async () => {
  world.branch = "  broken: { maxParticipants: many }\n";
  const jobs = await world.when("push", {});
  expect(resultsOf(jobs), reportOf(jobs)).toEqual({ staging: "failure" });
  expect(jobs[0]?.output).toContain("rtc.yaml:");
  const fork = pullRequest("opened");
  fork.pull_request.head.repo.full_name = "mallory/rtc";
  expect(await world.when("pull_request", fork)).toEqual([]);
  expect(world.github.rejected).toEqual([]);
});

/** A room for `rtc.yaml`. */
function room(name: string): string {
  return `  ${name}:\n    name: \${env:ROOM_PREFIX:-}${name}\n`;
}

/** What the service sends for an event of pull request 42. */
function pullRequest(action: string) {
  const head = { repo: { full_name: "acme/rtc" } };
  return { action, pull_request: { number: 42, head, base: { ref: "main" } } };
}

function resultsOf(jobs: JobRun[]): Record<string, string> {
  return Object.fromEntries(jobs.map(({ name, result }) => [name, result]));
}

/** The output of all jobs, for the message of a failure. */
function reportOf(jobs: JobRun[]): string {
  return jobs.map(({ name, output }) => `${name}:\n${output}`).join("\n");
}

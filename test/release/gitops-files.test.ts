import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { expect, inject, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { repo } from "../support/clone.ts";
import { lintKubernetes } from "../support/deploy-linters.ts";
import { actionlint, lintStack } from "../support/linters.ts";
import { readWorkflow } from "../support/workflow.ts";

const example = join(repo, "examples/gitops");
const read = (name: string) => readFileSync(join(example, name), "utf8");
const engine = /^\s+github.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/m.exec(
  readFileSync(join(repo, "engines/pulumi/go.mod"), "utf8"),
)?.[1];

test("The workflow passes actionlint, which finds a mistake in it", async () => {
  const file = join(example, ".github/workflows/rtc.yml");
  expect(await actionlint(file)).toBe("");
  const broken = join(inject("scratch"), "broken.yml");
  writeFileSync(broken, readFileSync(file, "utf8").replace("steps.drift.outcome", "steps.draft.outcome"));
  expect(await actionlint(broken)).toContain('"draft"');
});

test.each([
  ["runs all tests each night", "full.yml", ["schedule", "workflow_dispatch"]],
  ["publishes a release", "publish.yml", ["release"]],
])(
  "The workflow of this repository that %s passes actionlint, and its actions are pinned",
  async (_what, name, events) => {
    const file = join(repo, ".github/workflows", name);
    expect(await actionlint(file)).toBe("");
    const { on, permissions, jobs } = readWorkflow(file);
    expect(Object.keys(on)).toEqual(events);
    expect(permissions).toEqual({});
    const uses = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? []));
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  },
);

test("The workflow that publishes may state where the package was built, after all tests, for the tag of the version", () => {
  const { jobs } = readWorkflow(join(repo, ".github/workflows/publish.yml"));
  expect(Object.values(jobs).map((job) => job.permissions)).toEqual([
    { contents: "write", "id-token": "write" },
  ]);
  expect(jobs["publish"]?.steps.flatMap(({ run = [] }) => run)).toEqual([
    expect.stringMatching(/^test "\$TAG" = "v/),
    ".ci/run",
    "npm publish",
    expect.stringMatching(/^node scripts\/sbom\.mts > sbom\.cdx\.json && gh release upload /),
  ]);
});

test("The workflow has pinned actions, least permissions, and a queue for each stack", () => {
  const { on, permissions, jobs } = readWorkflow(join(example, ".github/workflows/rtc.yml"));
  // With pull_request_target a fork's branch would run with secrets.
  expect(Object.keys(on)).toEqual(["pull_request", "push", "schedule", "workflow_dispatch"]);
  expect(permissions).toEqual({});
  const queues = Object.entries(jobs).map(([name, job]) => {
    expect(job.concurrency["cancel-in-progress"], name).toBeUndefined();
    const writes = Object.entries(job.permissions).filter(([, access]) => access === "write");
    return [name, job.concurrency.group.replace(/\$\{\{.+?\}\}/g, "…"), writes.map(([scope]) => scope)];
  });
  expect(queues).toEqual([
    ["preview", "rtc-preview-…-…", ["id-token", "pull-requests"]],
    ["review", "rtc-review-…", ["id-token"]],
    ["review-end", "rtc-review-…", ["id-token"]],
    ["staging", "rtc-staging", ["id-token"]],
    ["production", "rtc-production", ["id-token"]],
    ["drift", "rtc-drift-…", ["id-token", "issues"]],
    ["deletes", "rtc-…", ["id-token"]],
  ]);
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  for (const { run = "" } of steps) {
    // A name or a text of others would be a part of the script.
    const values = [...run.matchAll(/\$\{\{ (.+?) \}\}/g)].map(([, value]) => value);
    expect(["matrix.stack", "github.event.pull_request.number"]).toEqual(expect.arrayContaining(values));
  }
  // The role of the state bucket is taken on before each command that opens it.
  for (const [name, { steps: own }] of Object.entries(jobs)) {
    const credentials = own.findIndex(({ uses }) =>
      uses?.startsWith("aws-actions/configure-aws-credentials@"),
    );
    const command = own.findIndex(({ run }) => run?.startsWith("rtc ") || run?.includes("\nrtc "));
    expect(credentials, name).toBeGreaterThan(0);
    expect(command, name).toBeGreaterThan(credentials);
    expect(own[command]?.env, name).toHaveProperty("RTC_S3_SECRET_ACCESS_KEY");
  }
  const installs = steps.filter(({ uses }) => uses?.startsWith("pulumi/actions@"));
  for (const install of installs) expect(install.with).toEqual({ "pulumi-version": engine });
});

test("The Stack of the Kubernetes Operator is one by the operator's own definition, and of the example's project", async () => {
  const documents = parseAllDocuments(read("operator/stack.yaml")).map(
    (one) => one.toJS() as { kind: string },
  );
  expect(documents.map(({ kind }) => kind)).toEqual(["ServiceAccount", "ClusterRoleBinding", "Stack"]);
  const stack = documents[2] as { kind: string; spec: { stack: string; workspaceTemplate: object } };
  // Version 2 runs each stack in a pod of its own; its module is not to be had, and the one before it lacks these.
  const newer = { serviceAccountName: { type: "string" }, workspaceTemplate: { type: "object" } };
  expect(await lintStack(stack, newer)).toEqual([]);
  const broken = { ...stack, spec: { ...stack.spec, resyncFrequencySecond: 60, refresh: "yes" } };
  expect(await lintStack(broken, newer)).toHaveLength(2);
  expect(stack.spec.workspaceTemplate).toEqual({ spec: { image: `pulumi/pulumi:${engine}-nonroot` } });
  expect(parse(read("Pulumi.yaml"))).toMatchObject({ name: parse(read("rtc.yaml")).project });
  expect(read("program.js")).toBe(readFileSync(join(repo, "program.js"), "utf8"));
});

test("The Kubernetes manifest of the watch is one by the API: one pod, with a probe that the watch answers, and not as root", async () => {
  const text = read("kubernetes/watch.yaml");
  expect(await lintKubernetes(text)).toEqual([]);
  const all = parseAllDocuments(text).map((one) => one.toJS() as { kind: string; spec: object });
  expect(all.map(({ kind }) => kind)).toEqual(["Deployment", "Service"]);
  expect(all[0]?.spec).toMatchObject({
    ...{ replicas: 1, strategy: { type: "Recreate" } },
    template: {
      spec: {
        securityContext: { runAsNonRoot: true },
        containers: [
          {
            args: ["reconcile", "--stack", "production", "--watch", "60s", "--listen", "0.0.0.0:9464"],
            ports: [{ containerPort: 9464 }],
            livenessProbe: { httpGet: { path: "/livez" } },
          },
        ],
      },
    },
  });
});

test("The Dockerfile passes a linter; its images are pinned, the CLI is the one of the tests, and nothing runs as root", () => {
  const text = read("Dockerfile");
  const lint = (dockerfile: string) =>
    validate(dockerfile, {
      deprecatedMaintainer: 2,
      directiveCasing: 2,
      emptyContinuationLine: 2,
      instructionCasing: 2,
      instructionCmdMultiple: 2,
      instructionEntrypointMultiple: 2,
      instructionHealthcheckMultiple: 2,
      instructionJSONInSingleQuotes: 2,
      instructionWorkdirRelative: 2,
    }).map(({ message, range }) => `${range.start.line + 1}: ${message}`);
  expect(lint(text)).toEqual([]);
  expect(
    lint(text.replace("--from=pulumi", "--form=pulumi").replace("WORKDIR /rtc", "WORKDIR rtc")),
  ).toHaveLength(2);
  const images = [...text.matchAll(/^FROM (\S+?):(\S+)/gm)].map(([, image, tag]) => [image, tag]);
  const node = JSON.parse(readFileSync(join(repo, "node_modules/node/package.json"), "utf8")) as {
    version: string;
  };
  expect(images).toEqual([
    ["pulumi/pulumi-base", engine],
    ["node", `${node.version}-trixie-slim`],
  ]);
  expect([...text.matchAll(/^USER (.+)$/gm)].map(([, user]) => user)).toEqual(["1000:1000"]);
  // What is copied is let through, and nothing else.
  const through = read(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  const copied = [...text.matchAll(/^COPY --chown=1000:1000 (.+) \.\/$/gm)].flatMap(([, names = ""]) =>
    names.split(" "),
  );
  expect(through).toEqual(copied);
  expect(read(".dockerignore").split("\n")).toContain("*");
});

import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, inject, test } from "vitest";
import { parse } from "yaml";
import { atEndOfFile } from "../support/cleanup.ts";
import { repo } from "../support/clone.ts";
import { Github } from "../support/github.ts";

const example = join(repo, "examples/gitops");

interface Result {
  code: number;
  output: string;
}

/** Runs a program with these variables alone, beside a PATH that begins with a folder of stand-ins. */
function run(
  command: string[],
  cwd: string,
  env: Record<string, string>,
  standIns?: string,
): Promise<Result> {
  const path = [standIns, dirname(process.execPath), process.env["PATH"]].filter((one) => one !== undefined);
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env: { ...env, PATH: path.join(delimiter) } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** A folder with a program that writes down how it was called, and its standard input where it is asked to. */
function standIn(name: string, script: string): { folder: string; calls(): string[] } {
  const folder = mkdtempSync(join(inject("scratch"), "standin-"));
  const log = join(folder, "calls");
  writeFileSync(join(folder, name), `#!/bin/sh\n${script.replaceAll("LOG", `"${log}"`)}\n`);
  chmodSync(join(folder, name), 0o755);
  const calls = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
  return { folder, calls };
}

const access = {
  PULUMI_BACKEND_URL: "s3://acme-pulumi-state",
  PULUMI_CONFIG_PASSPHRASE: "phrase with 'quotes' and $HOME",
  AWS_ROLE_TO_ASSUME: "arn:aws:iam::1:role/rtc",
  LIVEKIT_API_KEY: "key",
  LIVEKIT_API_SECRET: "both-secret",
  STAGING_LIVEKIT_URL: "wss://staging.example.com",
  PRODUCTION_LIVEKIT_URL: "wss://livekit.example.com",
  PRODUCTION_LIVEKIT_API_SECRET: "production-secret",
};

test("setup.sh creates each environment with its variables and secrets, each time the same, and prints no secret", async () => {
  const created = "grep -q '[P]UT '\"$3$\" LOG 2>/dev/null";
  const script = `case "$1$3" in api--method) echo "$*" >> LOG;; api*) ${created};; *) echo "$* < $(cat)" >> LOG;; esac`;
  const gh = standIn("gh", script);
  const setUp = (...more: string[]) =>
    run(["sh", "setup.sh", "--repo", "acme/rtc", ...more], example, access, gh.folder);
  const shown = await setUp("--dry-run");
  expect(shown).toMatchObject({ code: 0 });
  expect(gh.calls()).toEqual([]);

  const done = await setUp();
  expect(done.code, done.output).toBe(0);
  expect(`${done.output}Nothing was changed: run it without --dry-run.\n`).toBe(shown.output);
  expect(done.output).not.toMatch(/both-secret|production-secret|phrase/);
  const calls = gh.calls();
  const environmentsCreated = calls.filter((call) => call.startsWith("api"));
  const environments = ["staging", "staging-preview", "review", "production", "production-preview"];
  expect(environmentsCreated).toEqual(
    environments.map((name) => `api --silent --method PUT repos/acme/rtc/environments/${name}`),
  );
  const set = (kind: string, name: string, env: string, value: string) =>
    `${kind} set ${name} --repo acme/rtc --env ${env} < ${value}`;
  expect(calls).toContain(set("variable", "LIVEKIT_URL", "review", "wss://staging.example.com"));
  expect(calls).toContain(set("variable", "LIVEKIT_URL", "production-preview", "wss://livekit.example.com"));
  expect(calls).toContain(set("secret", "LIVEKIT_API_SECRET", "staging", "both-secret"));
  expect(calls).toContain(set("secret", "LIVEKIT_API_SECRET", "production", "production-secret"));
  expect(calls).toContain(
    set("secret", "PULUMI_CONFIG_PASSPHRASE", "staging", access.PULUMI_CONFIG_PASSPHRASE),
  );
  // What is not given stays as it is.
  expect(calls.join("\n")).not.toContain("RTC_S3_");

  await setUp();
  expect(gh.calls().slice(calls.length)).toEqual(calls.filter((call) => !call.startsWith("api")));
});

test("setup.sh changes nothing where a value is missing or its arguments are wrong, and ends where gh fails", async () => {
  const gh = standIn("gh", 'echo "$*" >> LOG; exit 1');
  const { LIVEKIT_API_KEY: _, ...less } = access;
  const missing = await run(["sh", "setup.sh", "--repo", "acme/rtc"], example, less, gh.folder);
  expect(missing).toEqual({
    code: 2,
    output:
      "Not set, nor without the prefix: STAGING_LIVEKIT_API_KEY PRODUCTION_LIVEKIT_API_KEY. Nothing was changed.\n",
  });
  const here = {
    ...access,
    PULUMI_BACKEND_URL: "file:///home/ann/state",
    STAGING_LIVEKIT_URL: "ws://localhost:7880",
    PRODUCTION_LIVEKIT_URL: "wss://localhost.example.com",
    RTC_S3_ENDPOINT: "http://127.0.0.1:9000",
  };
  const unusable = await run(["sh", "setup.sh", "--repo", "acme/rtc"], example, here, gh.folder);
  const lines = unusable.output.split("\n");
  expect([unusable.code, lines.at(0), lines.at(-2)]).toEqual([
    ...[2, "The workflow runs on another machine, and cannot use:", "Nothing was changed."],
  ]);
  expect(lines.slice(1, -2).map((line) => /^ {2}(\w+) is (an address|a folder) of/.exec(line)?.[1])).toEqual([
    ...["STAGING_PULUMI_BACKEND_URL", "STAGING_LIVEKIT_URL", "STAGING_RTC_S3_ENDPOINT"],
    ...["PRODUCTION_PULUMI_BACKEND_URL", "PRODUCTION_RTC_S3_ENDPOINT"],
  ]);
  const withPassword = { ...access, PULUMI_BACKEND_URL: "postgres://ann:canary@db.example.com/state" };
  const exposed = await run(["sh", "setup.sh", "--repo", "acme/rtc"], example, withPassword, gh.folder);
  expect(exposed).toMatchObject({
    code: 2,
    output: expect.stringContaining("STAGING_PULUMI_BACKEND_URL has a password in it"),
  });
  expect(exposed.output).not.toContain("canary");
  for (const args of [[], ["--repo"], ["--repo", "acme"], ["--repo", "acme/rtc", "--force"]])
    expect((await run(["sh", "setup.sh", ...args], example, access, gh.folder)).code, args.join()).toBe(2);
  expect(gh.calls()).toEqual([]);
  expect((await run(["sh", "setup.sh", "--repo", "acme/rtc"], example, access, gh.folder)).code).toBe(1);
  expect(gh.calls()).toEqual([
    "api --silent repos/acme/rtc/environments/staging",
    "api --silent --method PUT repos/acme/rtc/environments/staging",
  ]);
});

test("setup.sh sets every variable and secret that the workflow reads, and no other", () => {
  const workflow = readFileSync(join(example, ".github/workflows/rtc.yml"), "utf8");
  const script = readFileSync(join(example, "setup.sh"), "utf8");
  for (const [context, list] of [
    ["vars", "VARIABLES"],
    ["secrets", "SECRETS"],
  ]) {
    const read = new Set(
      [...workflow.matchAll(/\b(vars|secrets)\.(\w+)/g)].flatMap(([, of, name]) =>
        of === context ? name : [],
      ),
    );
    const names = script.match(new RegExp(`^${list}="([^"]+)"`, "m"))?.[1]?.split(/\s+/) ?? [];
    expect(names.toSorted(), list).toEqual([...read].sort());
  }
});

test("A preview that fails takes the place of the comment before", async () => {
  const github = await Github.start();
  const folder = mkdtempSync(join(inject("scratch"), "report-"));
  writeFileSync(join(folder, "Pulumi.yaml"), readFileSync(join(example, "Pulumi.yaml")));
  const env = {
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: "acme/rtc",
    GITHUB_TOKEN: github.tokenFor({ "pull-requests": "write" }),
    PULL_REQUEST: "42",
    STACK: "staging",
    RUN_URL: "https://github.example/run/1",
  };
  const report = () =>
    run(["node", join(example, ".github/report.mjs"), "comment", "preview.md"], folder, env);
  const preview = "<!-- pulumi-rtc preview acme-rtc/staging -->\n### Preview\n";
  writeFileSync(join(folder, "preview.md"), preview);
  await report();
  writeFileSync(join(folder, "preview.md"), "");
  await report();
  expect(github.commentsOf("42").map(({ body }) => body)).toEqual([
    expect.stringMatching(
      /^<!-- pulumi-rtc preview acme-rtc\/staging -->\n### Preview of `acme-rtc\/staging` failed\n/,
    ),
  ]);
  expect(github.commentsOf("42")[0]?.body).toContain(env.RUN_URL);
  rmSync(join(folder, "preview.md"));
  await report();
  writeFileSync(join(folder, "preview.md"), preview);
  await report();
  expect(github.commentsOf("42").map(({ body }) => body)).toEqual([preview]);
});

interface GitlabJob {
  stage: string;
  script: string[];
  after_script?: string[];
  rules: { if: string; when?: string }[];
  environment: string | { name: string; action?: string; on_stop?: string };
  resource_group?: string;
}

const pipeline = parse(readFileSync(join(example, ".gitlab-ci.yml"), "utf8"));
const jobs: Record<string, GitlabJob> = Object.fromEntries(
  Object.entries(pipeline).filter(([, one]) => typeof one === "object" && one !== null && "script" in one),
) as Record<string, GitlabJob>;

test("The GitLab pipeline has the jobs of the workflow, in its stages, and a queue for each rollout", () => {
  const workflow = parse(readFileSync(join(example, ".github/workflows/rtc.yml"), "utf8"));
  expect(Object.keys(jobs).sort()).toEqual(Object.keys(workflow.jobs).sort());
  const pulumi = workflow.jobs.preview.steps.find((step: { uses?: string }) =>
    step.uses?.startsWith("pulumi/"),
  );
  expect(pipeline.default.image).toMatch(new RegExp(`:${pulumi.with["pulumi-version"]}$`));
  for (const [name, job] of Object.entries(jobs)) {
    expect(pipeline.stages, name).toContain(job.stage);
    const environment = typeof job.environment === "string" ? job.environment : job.environment.name;
    const changes = job.script.some((line) => /^rtc (up|destroy)/.test(line));
    // A job that only reads must not wait in the queue of a rollout, or become a deployment.
    expect(job.resource_group, name).toBe(changes ? environment.replace("/", "-") : undefined);
    if (!changes) expect(job.environment, name).toMatchObject({ action: "verify" });
    const { on_stop: end } = typeof job.environment === "string" ? {} : job.environment;
    if (end !== undefined) expect(jobs[end]?.environment, name).toMatchObject({ action: "stop" });
  }
});

/** Runs a job's lines as a runner does: those before and its own in one shell, those after in another. */
async function runJob(name: string, variables: Record<string, string>, rtc: string) {
  const folder = mkdtempSync(join(inject("scratch"), "job-"));
  for (const file of ["Pulumi.yaml", ".gitlab/report.mjs"]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), readFileSync(join(example, file)));
  }
  const installed = standIn("npm", `echo "npm $*" >> LOG`);
  const bin = join(folder, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  const log = join(installed.folder, "calls");
  const state = `[ -z "\${AWS_WEB_IDENTITY_TOKEN_FILE:-}" ] || echo "state $(cat "$AWS_WEB_IDENTITY_TOKEN_FILE")" >> "${log}"`;
  writeFileSync(join(bin, "rtc"), `#!/bin/sh\n${state}\necho "rtc $*" >> "${log}"\n${rtc}\n`);
  chmodSync(join(bin, "rtc"), 0o755);
  const { script, after_script: after = [] } = jobs[name] as GitlabJob;
  const shell = (lines: string[], more: Record<string, string>) =>
    run(["sh", "-ec", lines.join("\n")], folder, { ...variables, ...more }, installed.folder);
  const own = await shell([...pipeline.default.before_script, ...script], {});
  const status = own.code === 0 ? "success" : "failed";
  const last = await shell(after, { CI_JOB_STATUS: status });
  expect(last.code, last.output).toBe(0);
  return { ...own, calls: installed.calls() };
}

test("Each job of the GitLab pipeline installs, takes the credentials of the state, and calls rtc as the workflow does", async () => {
  const variables = { CI_MERGE_REQUEST_IID: "42", STACK: "production", MAX_DELETES: "20" };
  const called = async (name: string, more: Record<string, string> = {}) =>
    (await runJob(name, { ...variables, ...more }, "")).calls;
  expect(await called("staging")).toEqual(["npm ci --ignore-scripts", "rtc up --refresh --stack staging"]);
  expect(await called("production", { AWS_ROLE_ARN: "arn:aws:iam::1:role/rtc", STATE_TOKEN: "jwt" })).toEqual(
    ["npm ci --ignore-scripts", "state jwt", "rtc up --refresh --stack production"],
  );
  expect((await called("review")).at(-1)).toBe("rtc up --refresh --stack review-42");
  expect((await called("review-end")).at(-1)).toBe("rtc destroy --force --remove-stack --stack review-42");
  expect((await called("deletes")).at(-1)).toBe("rtc up --refresh --stack production --max-deletes 20");
});

/** What of GitLab's API the pipeline uses, for project 7 and a token of user 1. */
async function startGitlab() {
  const notes: Record<string, unknown>[] = [];
  const issues: Record<string, unknown>[] = [];
  const rejected: string[] = [];
  const server = createServer(async (request, response) => {
    const given = JSON.parse((await text(request)) || "{}");
    const [path = ""] = (request.url ?? "").split("?");
    const list = path.includes("/notes") ? notes : issues;
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (request.headers["private-token"] !== "glpat-1") return answer(401, {});
    if (path === "/user") return answer(200, { id: 1 });
    const known = /^\/projects\/7\/(merge_requests\/42\/notes|issues)(?:\/(\d+))?$/.exec(path);
    if (known === null) {
      rejected.push(path);
      return answer(404, {});
    }
    if (request.method === "GET")
      return answer(
        200,
        list.filter(({ state }) => state !== "closed"),
      );
    const edited = list.find(({ id }) => String(id) === known[2]);
    const { state_event: event, ...fields } = given;
    const change = { ...fields, ...(event === "close" && { state: "closed" }) };
    if (edited) return answer(200, Object.assign(edited, change));
    list.push({ id: list.length + 1, iid: list.length + 1, author: { id: 1 }, ...change });
    return answer(201, list.at(-1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEndOfFile(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, notes, issues, rejected };
}

test("A merge request has one note of each stack, which is edited, and drift one issue, which is closed", async () => {
  const gitlab = await startGitlab();
  const variables = {
    CI_API_V4_URL: gitlab.url,
    CI_PROJECT_ID: "7",
    CI_MERGE_REQUEST_IID: "42",
    CI_JOB_URL: "https://gitlab.example/job/1",
    REPORT_TOKEN: "glpat-1",
    OF: "staging",
  };
  const marker = "<!-- pulumi-rtc preview acme-rtc/staging -->";
  gitlab.notes.push({ id: 1, author: { id: 9 }, body: `${marker}\nof a person` });
  const preview = (print: string) => runJob("preview", variables, print);
  const first = await preview(`echo '${marker}'; echo first`);
  expect(first.calls.at(-1)).toBe("rtc preview --refresh --stack staging --format markdown");
  await preview(`echo '${marker}'; echo second`);
  expect(gitlab.notes.map(({ body }) => body)).toEqual([`${marker}\nof a person`, `${marker}\nsecond\n`]);
  expect((await preview("exit 2")).code).toBe(2);
  expect(gitlab.notes).toHaveLength(2);
  expect(gitlab.notes[1]?.["body"]).toMatch(/^<!-- .+ -->\n### Preview of `acme-rtc\/staging` failed\n/);

  const drift = (print: string) => runJob("drift", variables, print);
  const found = "echo '<!-- pulumi-rtc drift acme-rtc/staging -->'; echo '### Drift of `acme-rtc/staging`'";
  expect((await drift(`${found}; exit 7`)).code).toBe(7);
  await drift(`${found}; echo more; exit 7`);
  expect(gitlab.issues).toMatchObject([{ title: "Drift of acme-rtc/staging" }]);
  expect(gitlab.issues[0]?.["description"]).toContain("more");
  await drift(found);
  expect(gitlab.issues).toMatchObject([{ state: "closed" }]);
  expect(gitlab.rejected).toEqual([]);
});

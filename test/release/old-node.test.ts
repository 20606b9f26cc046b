import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { run } from "../../scripts/lib/process.mts";
import { cloneRepo, repo, scriptsOf } from "../support/clone.ts";
import { oldNode } from "../support/old-node.ts";
import { declare, newWorld, program } from "../support/world.ts";

/** The last one is the newest that is too old. */
const VERSIONS = ["18.20.8", "20.19.0", "22.12.0"];

const needs = (version: string) => `pulumi-rtc needs Node 22.13 or newer, and this is v${version}`;
const scriptsNeed = (version: string) =>
  `The scripts of this repository need Node 22.18 or newer, and this is v${version}. npm ci installs one for them.`;
/** A line of a stack trace. */
const TRACE = /^\s+at .+[:(]/m;

const folders = new Map<string, string>();
const nodeOf = (version: string) => folders.get(version) ?? "";
beforeAll(() => Promise.all(VERSIONS.map(async (version) => folders.set(version, await oldNode(version)))));

describe.each(VERSIONS)("Node %s is rejected in one sentence by", (version) => {
  test.each([
    ["the package", ["--eval", 'require("pulumi-rtc")']],
    ["the package as an ES module", ["--input-type=module", "--eval", 'import "pulumi-rtc"']],
    ["the provider", ["--eval", 'require("pulumi-rtc/provider")']],
    ["the program of a manifest", ["--eval", 'require("pulumi-rtc/program")']],
    ["rtc", ["dist/cli/main.js", "up"]],
  ])("%s", async (_entry, args) => {
    const { code, stdout, stderr } = await run(join(nodeOf(version), "node"), args, { cwd: repo });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(needs(version));
    expect(stderr).not.toMatch(TRACE);
  });

  test("every script of package.json that starts no other", async () => {
    const scripts = Object.values(scriptsOf(repo)).filter((script) => !script.startsWith("npm run "));
    expect(scripts.length).toBeGreaterThan(5);
    const env = { PATH: [nodeOf(version), "/usr/bin", "/bin"].join(delimiter) };
    for (const script of scripts) {
      const { code, stdout, stderr } = await run("sh", ["-c", script], { cwd: repo, env });
      expect([code, stdout, stderr], script).toEqual([1, "", `${scriptsNeed(version)}\n`]);
    }
  });
});

test("npm run up in a clone without packages names the version of Node that it needs", async () => {
  const clone = cloneRepo();
  const env = { ...process.env, PATH: [nodeOf("22.12.0"), process.env["PATH"]].join(delimiter) };
  const { code, stderr } = await run("npm", ["run", "up"], { cwd: clone, env });
  expect(code).toBe(1);
  expect(stderr).toContain(scriptsNeed("22.12.0"));
  expect(stderr).not.toMatch(TRACE);
});

test("Pulumi names the version of Node that is needed, where the program runs and where only the provider does", async () => {
  const { stack } = await newWorld(program(declare("standup")));
  await stack.up();
  const env = { PATH: [nodeOf("22.12.0"), stack.env["PATH"]].join(delimiter) };
  // A refresh does not run the program.
  for (const command of ["preview", "refresh"] as const) {
    const { code, output } = await stack[command]([], { code: "any", env });
    expect(code, output).not.toBe(0);
    expect(output).toContain(needs("22.12.0"));
    expect(output).not.toMatch(TRACE);
  }
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repo, scriptsOf } from "../support/clone.ts";
import { SCENES, SEAM } from "../support/through-scenes.mts";

/** The folders of test/ with test files; each is a project of vitest.config.mts of the same name. */
const projects = readdirSync(join(repo, "test"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => filesIn(name).length > 0);
const scripts = scriptsOf(repo);
/** What a script asks vitest for. */
const asked = (script: string) =>
  [...(scripts[script] ?? "").matchAll(/--project (\S+)/g)].map(([, name = ""]) => name.replaceAll("'", ""));

describe("the test commands", () => {
  it("run every folder of tests: npm test, the release's, reliability and the bench together", () => {
    // These run files of the others once more: through a gateway, and on the oldest engines.
    const isAgain = (name: string) => name.startsWith("seam-") || name === "oldest";
    const once = ["test", "test:release"].flatMap(asked).filter((name) => !isAgain(name));
    // Of unit tests there are two projects; two commands have scripts of their own.
    expect([...once, "reliability", "bench"].map((name) => name.replace("unit*", "unit")).sort()).toEqual(
      projects.sort(),
    );
    for (const name of ["test:reliability", "bench"])
      expect(scripts[name]).toBe(`npm run build && node scripts/${name.replace("test:", "")}.mts`);
  });

  it("run everything in test:full, each scene through both kinds of gateway too, but for the bench", () => {
    // What the seam runs is a part of what runs through a gateway there; reliability has a script of its own.
    expect(asked("test:full")).toEqual(["!seam-*", "!reliability", "!bench"]);
    expect(scripts["test:full"]).toMatch(/&& node scripts\/reliability\.mts$/);
    expect(Object.keys(SCENES)).toEqual(expect.arrayContaining([...SEAM.gateway, ...SEAM.core]));
  });

  it("check types and lint first, on a build of the current sources", () => {
    for (const script of ["test", "test:full"])
      expect(scripts[script]).toMatch(/^npm run build && npm run check && (RTC_FUZZ=long )?vitest run /);
    expect(scripts["check"]).toMatch(/tsc .*&& biome check/);
  });

  it("name the version of Node that they need before all else, as every other script does", () => {
    const starts = /^(node scripts\/node\.cjs && |npm run (build|check) && )/;
    expect(Object.values(scripts).filter((script) => !starts.test(script))).toEqual([]);
    for (const script of ["build", "check"]) expect(scripts[script]).toMatch(/^node scripts\/node\.cjs && /);
  });

  it("are what CI runs, and what runs each night", () => {
    const ci = readFileSync(join(repo, ".ci/run"), "utf8");
    for (const command of ["npm ci", "npm test", "npm run test:release"])
      expect(ci).toMatch(new RegExp(`^${command}( |$)`, "m"));
    expect(readFileSync(join(repo, ".github/workflows/full.yml"), "utf8")).toContain(
      "- run: npm run test:full\n",
    );
  });

  it("are in the contributors' guide, with when to run each", () => {
    const guide = readFileSync(join(repo, "CONTRIBUTING.md"), "utf8");
    const commands = Object.keys(scripts).filter((name) => /^(test|conformance|bench)/.test(name));
    const missing = commands.filter(
      (name) => !guide.includes(name === "test" ? "npm test" : `npm run ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

function filesIn(project: string): string[] {
  const names = readdirSync(join(repo, "test", project), { recursive: true, encoding: "utf8" });
  return project === "fixtures" ? [] : names.filter((name) => name.endsWith(".test.ts"));
}

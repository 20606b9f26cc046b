import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../scripts/lib/process.mts";
import { borrowPackages, changesInClone, cloneRepo, repo } from "../support/clone.ts";

const vendor = join(repo, "test/fixtures/new-vendor");

test("A vendor, of persistent or on-demand rooms, is a folder and a line: types, layers, documents and the suite accept it", {
  timeout: 300_000,
}, async () => {
  const clone = cloneRepo();
  borrowPackages(clone);
  const runInClone = async (binary: string, args: readonly string[]) => {
    const { code, stdout, stderr } = await run(binary, [...args], { cwd: clone, env: ourOwn() });
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  };
  const inClone = (command: string, ...args: string[]) =>
    runInClone(join(clone, "node_modules/.bin", command), args);

  cpSync(vendor, clone, { recursive: true });
  const registry = join(clone, "src/vendors/registry.ts");
  const lines = readFileSync(registry, "utf8")
    .replace(
      /\n\n/,
      '\nimport { parlor } from "./parlor/adapter";\nimport { tiny } from "./tiny/adapter";\n\n',
    )
    .replace(/\n};\n$/, "\n  tiny,\n  parlor,\n};\n");
  writeFileSync(registry, lines);
  expect(changesInClone(clone).split("\n").filter(Boolean).sort()).toEqual([
    " M src/vendors/registry.ts",
    "?? src/vendors/parlor/",
    "?? src/vendors/tiny/",
    "?? test/conformance/parlor-world.ts",
    "?? test/conformance/parlor.test.ts",
    "?? test/conformance/tiny-world.ts",
    "?? test/conformance/tiny.test.ts",
    "?? test/emulators/parlor.ts",
  ]);
  expect(readdirSync(join(clone, "src/vendors/tiny"))).toContain("adapter.ts");

  const narrow = {
    extends: "./tsconfig.json",
    include: ["src", "test/conformance", "test/support/global-setup.ts"],
  };
  writeFileSync(join(clone, "tsconfig.tiny.json"), JSON.stringify(narrow));
  await inClone("tsc", "-p", "tsconfig.tiny.json");
  // `npm run docs`: what the adapters say of themselves goes into the schemas of manifests and into the reference.
  for (const script of ["build", "schema"]) await runInClone(process.execPath, [`scripts/${script}.mts`]);
  const table = ["vitest", "run", "test/unit/docs.test.ts", "-t", "what each vendor can"] as const;
  await inClone(...table, "--update");
  expect(readFileSync(join(clone, "docs/reference.md"), "utf8")).toContain("tiny does not count");
  expect(readFileSync(join(clone, "docs/reference.md"), "utf8")).toContain("| no place for it |");

  const subjects = ["test/conformance/tiny.test.ts", "test/conformance/parlor.test.ts"];
  // The unit tests that go through every vendor or every file of src.
  const unit = [
    "architecture",
    "client",
    "docs",
    "manifest/json-schema",
    "regexes",
    "routing",
    "support/clock",
  ];
  const files = [...unit.map((name) => `test/unit/${name}`), ...subjects];
  const output = await inClone("vitest", "run", ...files);
  const report = join(clone, "node_modules/.cache/test-results.json");
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const played = testResults
    .filter(({ name }) => subjects.some((subject) => name.endsWith(subject)))
    .flatMap(({ assertionResults }) => assertionResults.map(({ title, status }) => [title, status]));
  expect(played).toContainEqual([
    "removes the kicked participant and no other, and does not ban them",
    "passed",
  ]);
  expect(played).toContainEqual(["rejects a token in another room", "passed"]);
  expect(played).toContainEqual(["rooms cannot be listed", "passed"]);
  for (const title of OF_PARLOR) expect(played).toContainEqual([title, "passed"]);
  expect(output).toContain("tiny: what does not apply to it, and why");
});

/** What is asked of a vendor of persistent rooms with traits of its own. */
const OF_PARLOR = [
  "without a place for an ownership tag only the state identifies the owner of a room, which the preview reports once",
  "rejects an unsupported timeout before anything is created",
  "returns every room once over all pages",
  "makes one call for a token that the vendor issues",
  "rejects the recording of an empty room, also in the preview, and starts nothing",
  "allows a room one recording at a time, since a stop ends all of them",
];

/** What vitest's JSON report is read for. */
interface Report {
  testResults: { name: string; assertionResults: { title: string; status: string }[] }[];
}

/** The environment without what shows a vitest that it runs in another. */
function ourOwn(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|RTC_LIVE$)/.test(name));
  return Object.fromEntries(entries);
}

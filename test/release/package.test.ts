import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { publint } from "publint";
import { beforeAll, expect, inject, test } from "vitest";
import { run } from "../../scripts/lib/process.mts";
import { repo } from "../support/clone.ts";
import { LEFTOVER, packed } from "../support/packed.ts";

let tarball: string;
let files: string[];
beforeAll(async () => {
  tarball = await packed();
  files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""));
});

test("The package holds code, types, licence and documents, and nothing that only its makers need.", () => {
  const shipped = ["docs", "schema"].flatMap((folder) =>
    readdirSync(join(repo, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(repo, join(entry.parentPath, entry.name))),
  );
  expect(shipped.length).toBeGreaterThan(4);
  const documents = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", ...shipped];
  // What rtc init copies.
  const workflows = [
    ".github/report.mjs",
    ".github/workflows/rtc.yml",
    ".gitlab-ci.yml",
    ".gitlab/report.mjs",
  ];
  documents.push(...[...workflows, "setup.sh"].map((name) => `examples/gitops/${name}`));
  // The pages that the gateway serves, with the licences of what is in them.
  const page = files.filter((name) => /^dist\/gateway\/(swagger-ui|page)\//.test(name));
  expect(page).toHaveLength(8);
  expect(page).toContain("dist/gateway/page/LICENSES.md");
  const others = files.filter((name) => !/^dist\/.+\.(js|d\.ts)$/.test(name) && !page.includes(name)).sort();
  // The licences of what is copied into the bundle.
  expect(others).toEqual([...documents, "dist/chunks/LICENSES.md", "package.json"].sort());
  expect(files).toContain("dist/index.js");
  expect(files.filter((name) => name.endsWith(".js")).length).toBeGreaterThan(30);
});

test("What an earlier build left in dist/ is not packed.", () => {
  expect(files).not.toContain(LEFTOVER);
});

test("publint finds nothing.", async () => {
  const bytes = readFileSync(tarball);
  const archive = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const { messages } = await publint({ pack: { tarball: archive }, strict: true });
  expect(messages).toEqual([]);
});

test("are-the-types-wrong finds nothing, for require and import alike.", () => {
  const manifest = createRequire(__filename).resolve("@arethetypeswrong/cli/package.json");
  const cli = join(dirname(manifest), "dist/index.js");
  const args = [cli, tarball, "--profile", "node16", "--no-definitely-typed", "--format", "json"];
  const report = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as {
    analysis: { entrypoints: object };
    problems?: Record<string, { resolutionKind?: string }[]>;
  };
  expect(Object.keys(report.analysis.entrypoints)).toEqual([
    ".",
    "./provider",
    "./program",
    "./schema/*.json",
    "./package.json",
  ]);
  // node10 is how the compiler resolved before Node supported `exports`; with it the main entry works, and no program imports others.
  const problems = Object.values(report.problems ?? {}).flat();
  expect(problems.filter(({ resolutionKind }) => resolutionKind !== "node10")).toEqual([]);
});

test("npm would publish it, publicly and with provenance, and has nothing to correct in it.", async () => {
  const { code, stdout, stderr } = await run("npm", ["publish", "--dry-run", "--json", tarball]);
  expect(code, stderr).toBe(0);
  const { name, version, repository, publishConfig } = JSON.parse(
    readFileSync(join(repo, "package.json"), "utf8"),
  ) as Record<string, unknown> & { name: string };
  expect(JSON.parse(stdout)[name]).toMatchObject({ name, version, entryCount: files.length });
  expect(stderr).toContain("with tag latest and public access (dry-run)");
  const warnings = stderr.split("\n").filter((line) => line.startsWith("npm warn"));
  expect(warnings.filter((line) => !line.includes("requires you to be logged in"))).toEqual([]);
  expect(publishConfig).toEqual({ access: "public", provenance: true });
  expect(repository).toMatchObject({ type: "git", url: expect.stringMatching(/^git\+https:.+\.git$/) });
});

test("The address of the schema in the comments for editors is one inside of the package, also for a program.", () => {
  const texts = ["docs/manifest.md", "examples/gitops/rtc.yaml"].map((name) =>
    readFileSync(join(repo, name), "utf8"),
  );
  const addresses = texts.map(
    (text) => /yaml-language-server: \$schema=\.\/node_modules\/(\S+)/.exec(text)?.[1],
  );
  expect(new Set(addresses)).toEqual(new Set(["pulumi-rtc/schema/rtc.schema.json"]));
  const folder = unpacked();
  const { resolve } = createRequire(join(folder, "index.js"));
  for (const address of addresses) {
    const file = join(folder, "node_modules", address ?? "");
    expect(realpathSync(resolve(address ?? ""))).toBe(realpathSync(file));
    expect(JSON.parse(readFileSync(file, "utf8"))).toHaveProperty("properties.rooms");
  }
});

test("An ES module gets the same names as require does, one by one and as a namespace.", () => {
  const folder = unpacked();
  writeFileSync(
    join(folder, "named.mjs"),
    `import { createRequire } from "node:module";
     import { createClient, issueToken, RtcError, RtcRoom } from "pulumi-rtc";
     import * as rtc from "pulumi-rtc";
     import { room } from "pulumi-rtc/provider";
     const required = createRequire(import.meta.url)("pulumi-rtc");
     console.log(JSON.stringify({
       same: [createClient === required.createClient, RtcRoom === required.RtcRoom, room.create !== undefined],
       required: Object.keys(required),
       imported: Object.keys(rtc).filter((name) => !["default", "module.exports", "__esModule"].includes(name)),
       kinds: [typeof createClient, typeof issueToken, typeof RtcError, typeof RtcRoom],
     }));`,
  );
  const output = JSON.parse(
    execFileSync(process.execPath, ["named.mjs"], { cwd: folder, encoding: "utf8" }),
  ) as Record<"same" | "required" | "imported" | "kinds", unknown[]>;
  expect(output.same).toEqual([true, true, true]);
  expect(output.kinds).toEqual(["function", "function", "function", "function"]);
  expect(output.imported.sort()).toEqual(output.required.sort());
});

/** A folder in which the package is installed, beside the packages that it depends on. */
function unpacked(): string {
  const folder = mkdtempSync(join(inject("scratch"), "unpacked-"));
  const target = join(folder, "node_modules/pulumi-rtc");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8")) as {
    dependencies: object;
  };
  for (const name of [...Object.keys(dependencies), "@pulumi/pulumi"]) {
    const place = join(folder, "node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(repo, "node_modules", name), place);
  }
  return folder;
}

test("What a program imports is typed without zod, whose types require other compiler settings.", () => {
  const folder = join(unpacked(), "node_modules/pulumi-rtc/dist");
  const observed = new Set<string>();
  const chains: string[] = [];
  const walk = (file: string, way: readonly string[]) => {
    if (observed.has(file)) return;
    observed.add(file);
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
      const path = [join(dirname(file), `${name}.d.ts`), join(dirname(file), name, "index.d.ts")];
      const target = name.startsWith(".") ? path.find((one) => existsSync(one)) : undefined;
      if (target) walk(target, [...way, name]);
      if (name === "zod") chains.push(way.join(" > "));
    }
  };
  for (const entry of ["index", "pulumi/provider", "manifest/program"])
    walk(join(folder, `${entry}.d.ts`), [entry]);
  expect(observed.size).toBeGreaterThan(10);
  expect(chains).toEqual([]);
});

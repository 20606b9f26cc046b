import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  filesFor,
  type InitChoice,
  packageSource,
  requiresPackage,
  writeNew,
} from "../../../src/cli/init/files.ts";
import { repo } from "../../support/clone.ts";

const PLAIN: InitChoice = {
  ...{ project: "acme-rtc", overlays: [], ci: undefined },
  ...{ packageJson: true, source: "^0.1.0" },
};
const namesOf = (choice: Partial<InitChoice>) => filesFor({ ...PLAIN, ...choice }).map(({ name }) => name);
const textOf = (choice: Partial<InitChoice>, wanted: string) =>
  filesFor({ ...PLAIN, ...choice }).find(({ name }) => name === wanted)?.text ?? "";
const newFolder = () => mkdtempSync(join(tmpdir(), "rtc-init-"));

const own = JSON.parse(readFileSync(join(repo, "package.json"), "utf8"));

describe("A new folder gets this package", () => {
  /** A folder in which npm has installed the package, with its list of that. */
  function installed(list: string | undefined): { folder: string; own: string } {
    const folder = realpathSync(newFolder());
    mkdirSync(join(folder, "rooms/node_modules/pulumi-rtc"), { recursive: true });
    if (list !== undefined) writeFileSync(join(folder, "rooms/node_modules/.package-lock.json"), list);
    writeFileSync(join(folder, "packed.tgz"), "");
    return { folder: join(folder, "rooms"), own: join(folder, "rooms/node_modules/pulumi-rtc") };
  }
  const listOf = (resolved?: string) =>
    JSON.stringify({ packages: { "node_modules/pulumi-rtc": { version: "0.1.0", resolved } } });

  test("from the clone that the command runs in", () => {
    const folder = join(repo, "examples");
    expect(packageSource(folder)).toEqual({ source: "file:..", isAssumed: false });
  });

  test.each([
    ["file:../packed.tgz", "file:../packed.tgz", false],
    ["file:../gone.tgz", `^${own.version}`, false],
    ["https://registry.example/pulumi-rtc-0.1.0.tgz", `^${own.version}`, false],
    [undefined, `^${own.version}`, false],
  ])("from where npm has installed it from: %s", (resolved, source, isAssumed) => {
    const at = installed(listOf(resolved));
    expect(packageSource(at.folder, at.own)).toEqual({ source, isAssumed });
  });

  test("from the registry, as an assumption, where npm has no list", () => {
    for (const list of [undefined, "[]"]) {
      const at = installed(list);
      expect(packageSource(at.folder, at.own)).toEqual({ source: `^${own.version}`, isAssumed: true });
    }
  });

  test("only where its package.json does not require it", () => {
    const folder = newFolder();
    expect(requiresPackage(folder)).toBe(false);
    for (const [text, isRequired] of [
      ["{}", false],
      ["not JSON", false],
      ['{"dependencies":{"pulumi-rtc":"1"}}', true],
      ['{"dependencies":{},"devDependencies":{"pulumi-rtc":"1"}}', true],
    ] as const) {
      writeFileSync(join(folder, "package.json"), text);
      expect(requiresPackage(folder), text).toBe(isRequired);
    }
  });
});

describe("A new folder gets", () => {
  test("a manifest whose schema the editor finds: in the package, or beside it", () => {
    expect(namesOf({})).toEqual(["rtc.yaml", "package.json", ".gitignore"]);
    expect(textOf({}, "rtc.yaml")).toMatch(
      /^# yaml-language-server: \$schema=\.\/node_modules\/pulumi-rtc\/schema\/rtc\.schema\.json\n/,
    );
    const without = { packageJson: false, overlays: ["dev", "dev"] };
    expect(namesOf(without)).toEqual([
      "rtc.yaml",
      "rtc.dev.yaml",
      "rtc.schema.json",
      "rtc.overlay.schema.json",
      ".gitignore",
    ]);
    expect(textOf(without, "rtc.yaml")).toMatch(/^# yaml-language-server: \$schema=\.\/rtc\.schema\.json\n/);
    expect(textOf(without, "rtc.dev.yaml")).toMatch(
      /^# yaml-language-server: \$schema=\.\/rtc\.overlay\.schema\.json\n/,
    );
  });

  test("a package.json that npm takes, with this package and the SDK that it needs", () => {
    expect(JSON.parse(textOf({ project: "_Acme.RTC", source: "file:../x" }, "package.json"))).toEqual({
      ...{ name: "acme.rtc", private: true },
      dependencies: { ...own.peerDependencies, "pulumi-rtc": "file:../x" },
    });
  });

  test.each([
    ["github", [".github/workflows/rtc.yml", ".github/report.mjs", "setup.sh"]],
    ["gitlab", [".gitlab-ci.yml", ".gitlab/report.mjs"]],
  ] as const)(
    "the workflow of %s as the example has it, and rooms that a review stack can name",
    (ci, names) => {
      expect(namesOf({ ci })).toEqual(expect.arrayContaining([...names]));
      for (const name of names)
        expect(textOf({ ci }, name)).toBe(readFileSync(join(repo, "examples/gitops", name), "utf8"));
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the manifest
      expect(textOf({ ci }, "rtc.yaml")).toContain("name: ${env:ROOM_PREFIX:-}lobby");
      expect(textOf({ ci }, ".gitignore")).toContain("/preview.md");
    },
  );

  test("nothing for a project or a stack whose name is not valid", () => {
    for (const project of ["acme rtc", "a\nrooms: {}", ""])
      expect(() => filesFor({ ...PLAIN, project }), project).toThrow("must be");
    expect(() => filesFor({ ...PLAIN, overlays: ["../x", "dev"] })).toThrow("../x: is no name of a stack");
    for (const project of ["true", "007", "1.0", "null", ".x"])
      expect(namesOf({ project })).toContain("rtc.yaml");
  });
});

describe("The files are written", () => {
  test("into folders that are made, and run where they are commands", () => {
    const folder = newFolder();
    writeNew(folder, filesFor({ ...PLAIN, ci: "github" }));
    expect(existsSync(join(folder, ".github/workflows/rtc.yml"))).toBe(true);
    expect(statSync(join(folder, "setup.sh")).mode & 0o100).not.toBe(0);
  });

  test("only where none of them exists: all that do are named, and nothing is written", () => {
    const folder = newFolder();
    writeFileSync(join(folder, "rtc.yaml"), "mine");
    mkdirSync(join(folder, "package.json"));
    symlinkSync("nowhere", join(folder, ".gitignore"));
    const names = ["rtc.yaml", "rtc.dev.yaml", "package.json", ".gitignore"];
    const write = () =>
      writeNew(
        folder,
        names.map((name) => ({ name, text: "new" })),
      );
    expect(write).toThrow(
      [
        "the folder is not valid:",
        "  rtc.yaml: exists already, and is not overwritten",
        "  package.json: exists already, and is not overwritten",
        "  .gitignore: exists already, and is not overwritten",
      ].join("\n"),
    );
    expect(readFileSync(join(folder, "rtc.yaml"), "utf8")).toBe("mine");
    expect(existsSync(join(folder, "rtc.dev.yaml"))).toBe(false);
  });
});

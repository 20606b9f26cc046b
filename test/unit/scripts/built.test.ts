import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { isBuilt, noteBuilt } from "../../../scripts/lib/built.mts";

let root: string;
const write = (name: string, text: string) => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rtc-built-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  write("src/cli/main.ts", "1");
  write("page/page.css", "");
  write("dist/cli/main.js", "1");
});

describe("A build is left out", () => {
  test("where nothing has changed since the last one, and only there", () => {
    expect(isBuilt(root)).toBe(false);
    noteBuilt(root);
    expect(isBuilt(root)).toBe(true);
  });

  test.each<[string, () => void]>([
    ["a source has changed", () => write("src/cli/main.ts", "2")],
    ["a source has another name", () => write("src/cli/other.ts", "1")],
    ["the page has changed", () => write("page/page.css", "a {}")],
    ["a package has another version", () => write("package-lock.json", "{}")],
    ["a built file is missing", () => rmSync(join(root, "dist/cli/main.js"))],
    ["dist/ has a file that no build has written", () => write("dist/cli/more.js", "1")],
  ])("not where %s", (_what, change) => {
    noteBuilt(root);
    change();
    expect(isBuilt(root)).toBe(false);
  });
});

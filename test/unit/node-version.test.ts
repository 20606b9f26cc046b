import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";

const { node } = process.versions;
afterEach(() => {
  Object.defineProperty(process.versions, "node", { value: node, configurable: true });
  vi.resetModules();
});

test.each([
  ["18.20.4", false],
  ["20.20.2", false],
  ["22.12.0", false],
  ["22.13.0", true],
  ["24.0.0", true],
])("Node %s is new enough: %s", async (version, isEnough) => {
  Object.defineProperty(process.versions, "node", { value: version, configurable: true });
  const loaded = import("../../src/contract/node-version.ts");
  if (isEnough) await expect(loaded).resolves.toBeDefined();
  else
    await expect(loaded).rejects.toMatchObject({
      stack: expect.stringMatching(/^pulumi-rtc needs Node 22\.13 .*$/),
    });
});

test.each(["index", "pulumi/provider", "manifest/program", "cli/main"])(
  "%s checks it before all else",
  (entry) => {
    const source = readFileSync(join(__dirname, "../../src", `${entry}.ts`), "utf8");
    expect(/^(?:import|export)\b.*$/m.exec(source)?.[0]).toMatch(/^import "\.{1,2}\/.*node-version";$/);
  },
);

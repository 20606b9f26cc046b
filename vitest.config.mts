import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { SlowFiles } from "./test/support/slow-files.mts";
import { SlowFirst } from "./test/support/slow-first.mts";
import { SCENES, SEAM } from "./test/support/through-scenes.mts";

// For the workers, which have no flag of V8.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled-tests");

/** Tests that use the real engines: slow to start, so that several files run at once, each on its own ports. */
const withEngines = {
  globalSetup: ["test/support/global-setup.ts"],
  setupFiles: ["test/support/setup.ts"],
  // Five times what the longest takes: so much slower is a machine that has other things to do.
  testTimeout: 240_000,
  hookTimeout: 240_000,
  expect: { poll: { timeout: 15_000 } },
  // Each waits for servers, or for time to pass, half of its time.
  maxWorkers: 5,
  // After the unit tests, some of which measure what things cost.
  sequence: { groupOrder: 1 },
};

const units = globSync("test/unit/**/*.test.ts", { cwd: import.meta.dirname });
/** Unit tests that put other modules in place of ours. */
const replacing = units.filter((file) =>
  /\bvi\.(mock|doMock|resetModules)\(/.test(readFileSync(join(import.meta.dirname, file), "utf8")),
);
const unit = { testTimeout: 30_000, maxWorkers: 4, setupFiles: ["test/support/setup-unit.ts"] };

/** Files of test/e2e whose stacks go through a gateway instead of to the vendors. */
const throughGateway = (name: string, through: "everything" | "core only", files: readonly string[]) => ({
  test: {
    name,
    provide: { through, isSeam: name.startsWith("seam-") },
    include: files.map((file) => `test/e2e/${file}.test.ts`),
    ...withEngines,
    setupFiles: [...withEngines.setupFiles, "test/support/setup-through.ts"],
  },
});

/** Files that also run on the oldest supported engines and SDK. */
const onOldest = (name: string, include: string[]) => ({
  test: {
    name,
    include,
    ...withEngines,
    globalSetup: ["test/support/global-setup-oldest.ts"],
    // Beside the release tests, whose slowest files run alone in the end.
    sequence: { groupOrder: 3 },
  },
});

export default defineConfig({
  test: {
    sequence: { sequencer: SlowFirst },
    // Not in .rtc/, which `npm run down` removes.
    reporters: [
      "default",
      ["json", { outputFile: "node_modules/.cache/test-results.json" }],
      new SlowFiles(),
    ],
    projects: [
      // One after the other in a process that has loaded the sources once: half of the time.
      {
        test: {
          ...unit,
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          exclude: replacing,
          isolate: false,
        },
      },
      { test: { ...unit, name: "unit-alone", include: replacing } },
      { test: { name: "conformance", include: ["test/conformance/**/*.test.ts"], ...withEngines } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...withEngines } },
      throughGateway("seam-gateway", "everything", SEAM.gateway),
      throughGateway("seam-core", "core only", SEAM.core),
      throughGateway("e2e-gateway", "everything", Object.keys(SCENES)),
      throughGateway("e2e-core", "core only", Object.keys(SCENES)),
      {
        test: {
          ...{ name: "release", include: ["test/release/**/*.test.ts"], ...withEngines },
          sequence: { groupOrder: 3 },
        },
      },
      onOldest("oldest", [
        "test/conformance/livekit.test.ts",
        ...["lifecycle", "manifest", "cli-up"].map((file) => `test/e2e/${file}.test.ts`),
      ]),
      onOldest("oldest-more", ["test/e2e/dormant.test.ts", "test/e2e/recording-lifecycle.test.ts"]),
      { test: { name: "reliability", include: ["test/reliability/**/*.test.ts"], ...withEngines } },
      // One at a time: each is timed.
      {
        test: {
          name: "bench",
          include: ["test/bench/**/*.test.ts"],
          ...withEngines,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

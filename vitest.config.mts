import { defineConfig } from "vitest/config";
import { SCENES } from "./test/support/through-scenes.mts";

/** Tests that use the real engines: slow to start, so that several files run at once, each on its own ports. */
const withEngines = {
  globalSetup: ["test/support/global-setup.ts"],
  setupFiles: ["test/support/setup.ts"],
  // Five times what the longest takes: so much slower is a machine that has other things to do.
  testTimeout: 240_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 15_000 } },
  maxWorkers: 3,
};

/** The tests of the resources once more, whose stacks go through a gateway. */
const throughGateway = {
  include: Object.keys(SCENES).map((name) => `test/e2e/${name}.test.ts`),
  ...withEngines,
  setupFiles: [...withEngines.setupFiles, "test/support/setup-through.ts"],
};

export default defineConfig({
  test: {
    // Not in .rtc/, which `npm run down` removes.
    reporters: ["default", ["json", { outputFile: "node_modules/.cache/test-results.json" }]],
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      { test: { name: "conformance", include: ["test/conformance/**/*.test.ts"], ...withEngines } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...withEngines } },
      { test: { name: "e2e-gateway", provide: { through: "everything" }, ...throughGateway } },
      { test: { name: "e2e-nine", provide: { through: "the nine" }, ...throughGateway } },
      { test: { name: "reliability", include: ["test/reliability/**/*.test.ts"], ...withEngines } },
      // One at a time: each is timed.
      { test: { name: "bench", include: ["test/bench/**/*.test.ts"], ...withEngines, maxWorkers: 1 } },
    ],
  },
});

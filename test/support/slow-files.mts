import type { Reporter, TestModule } from "vitest/node";

/** Prints the ten test files that took longest, the slowest first: where time is to be saved. */
export class SlowFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const slowest = modules.toSorted((a, b) => secondsOf(b) - secondsOf(a)).slice(0, 10);
    const rows = slowest.map(
      (module) =>
        `${secondsOf(module).toFixed(1).padStart(7)} s  ${module.project.name}  ${module.relativeModuleId}`,
    );
    process.stdout.write(`\nSlowest test files:\n${rows.join("\n")}\n`);
  }
}

/** Seconds from the import of a file to the end of its last hook. */
function secondsOf(module: TestModule): number {
  const { setupDuration, collectDuration, duration } = module.diagnostic();
  return (setupDuration + collectDuration + duration) / 1000;
}

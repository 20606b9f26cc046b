import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { type Engines, ensureEngines } from "../../scripts/engines.mts";
import { commandLineOf } from "../../scripts/lib/process.mts";
import { createProgress } from "../../scripts/lib/progress.mts";
import { type Keeper, startVaultStandin } from "./vault-standin.ts";

declare module "vitest" {
  interface ProvidedContext {
    engines: Engines;
    packages: Packages;
    /** The folder for all that this run writes; removed at its end. */
    scratch: string;
    /** Where stacks keep the keys of their secrets. */
    keeper: Keeper;
  }
}

/** The folders of what a program loads. */
export interface Packages {
  /** This package. */
  package: string;
  /** `@pulumi/pulumi`. */
  sdk: string;
}

const repo = resolve(__dirname, "../..");

/** Finds or builds the engines once, and at the end removes what tests that were killed have left. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  const packages = { package: repo, sdk: join(repo, "node_modules/@pulumi/pulumi") };
  return provideAll(project, ensureEngines(createProgress()), () => packages);
}

/** {@link setup} with other engines, and other packages, which may be installed in a folder. */
export async function provideAll(
  project: TestProject,
  engines: Promise<Engines>,
  packages: (scratch: string) => Packages,
): Promise<() => Promise<void>> {
  project.provide("engines", await engines);
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-rtc-")));
  project.provide("scratch", scratch);
  project.provide("packages", packages(scratch));
  const { close, ...keeper } = await startVaultStandin();
  project.provide("keeper", keeper);
  return async () => {
    close();
    for (const name of readdirSync(scratch)) {
      if (name.startsWith("livekit-")) await killServer(join(scratch, name));
    }
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
}

async function killServer(folder: string): Promise<void> {
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  // Our folder's name in the command line proves that the pid was not given to another process since.
  if ((await commandLineOf(pid))?.includes(folder)) process.kill(pid, "SIGKILL");
}

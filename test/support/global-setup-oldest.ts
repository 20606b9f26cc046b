import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureOldestEngines } from "../../scripts/engines.mts";
import { createProgress } from "../../scripts/lib/progress.mts";
import { type Packages, provideAll } from "./global-setup.ts";
import { copyPackage } from "./installed.ts";

const repo = join(__dirname, "../..");

/** The same with the oldest supported engines, and this package beside the oldest SDK of its peer range. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return provideAll(project, ensureOldestEngines(createProgress()), install);
}

/** Installs the oldest SDK and this package's dependencies, and copies the package beside them. */
function install(scratch: string): Packages {
  const folder = join(scratch, "oldest");
  const packages = join(folder, "node_modules");
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(repo, "package.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  const sdk = peerDependencies?.["@pulumi/pulumi"]?.replace(/^\^/, "");
  mkdirSync(folder);
  const manifest = { private: true, dependencies: { ...dependencies, "@pulumi/pulumi": sdk } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund"], { cwd: folder });
  copyPackage(join(packages, "pulumi-rtc"));
  return { package: join(packages, "pulumi-rtc"), sdk: join(packages, "@pulumi/pulumi") };
}

import { parse } from "semver";
import { type Engine, oldestEngines, readPin } from "./engine-list.mts";
import { run } from "./process.mts";

/** The version that a program reports, without a leading "v"; undefined where it reports none within ten seconds. */
export async function versionOf({ versionArgs = [] }: Engine, file: string): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  try {
    const { code, stdout } = await run(file, versionArgs, { timeout: 10_000, env });
    return code === 0 ? parse(stdout.trim().split(" ").at(-1))?.version : undefined;
  } catch {
    return undefined; // no program for this system
  }
}

/** The versions of an engine that are supported: the oldest that is tested, and newer ones of the same major version. */
export async function supportedVersions({ name }: Engine): Promise<string> {
  const oldest = oldestEngines.find((engine) => engine.name === name);
  if (!oldest) throw new Error(`${name} is no engine`);
  const { version } = await readPin(oldest);
  return `^${version.replace(/^v/, "")}`;
}

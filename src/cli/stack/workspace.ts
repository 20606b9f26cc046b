import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The folder of the engine. */
export interface Workspace {
  dir: string;
  /** Whether it is the user's own Pulumi project. */
  own: boolean;
  close(): void;
}

/**
 * Opens the engine's folder for a manifest: the user's own where it is a Pulumi project, else a temporary one. In that the
 * provider finds this package and the SDK, and its stacks are configured in the user's folder, in the
 * `Pulumi.<stack>.yaml` that `pulumi` uses too.
 */
export function openWorkspace(folder: string, project: string | undefined): Workspace {
  if (isProject(folder)) return { dir: folder, own: true, close: () => {} };
  if (project === undefined) throw new Error("without a Pulumi.yaml the project must be named");
  // The engine's own folders are compared with links resolved.
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "rtc-")));
  const settings = { name: project, runtime: "nodejs", stackConfigDir: resolve(folder) };
  writeFileSync(join(dir, "Pulumi.yaml"), JSON.stringify(settings));
  const here = createRequire(__filename);
  for (const name of ["pulumi-rtc", "@pulumi/pulumi"]) {
    const link = join(dir, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(dirname(here.resolve(`${name}/package.json`)), link, "dir");
  }
  return { dir, own: false, close: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Whether a folder is a Pulumi project. */
export function isProject(folder: string): boolean {
  return ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(join(folder, name)));
}

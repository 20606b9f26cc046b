import { mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import type { Engines } from "../engines.mts";
import { liveKitUrl } from "../livekit.mts";
import { places, root, type Settings } from "./local.mts";
import { isAlive, run } from "./process.mts";

/** The stack's name, in either backend. */
export const stackName = "dev";

/** The project and the stack, for a person. */
export async function stackTitle(): Promise<string> {
  const { name } = parse(await readFile(join(root, "Pulumi.yaml"), "utf8")) as { name: string };
  return `${name}/${stackName}`;
}

/** Variables that the Pulumi CLI needs for this stack; the names that it must not see are undefined. */
export type Environment = Record<string, string | undefined>;

/** What has to be in the environment, on top of the user's own, to work with the stack. */
export function stackEnvironment(settings: Settings, engines: Engines): Environment {
  const path = [engines.path, join(root, "node_modules/.bin"), process.env["PATH"]];
  const { livekit } = settings;
  return {
    PATH: path.filter(Boolean).join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Where the provider finds this package, which is in no node_modules of its own root.
    NODE_PATH: [places.modules, process.env["NODE_PATH"]].filter(Boolean).join(delimiter),
    ...(livekit && {
      LIVEKIT_URL: liveKitUrl(livekit),
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
    }),
    ...(settings.backend === "local" && {
      PULUMI_HOME: places.pulumiHome,
      // Without the parameter a kill -9 at the wrong instant leaves an empty side file, and state cannot be read.
      PULUMI_BACKEND_URL: `file://${places.backend}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: settings.passphrase,
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    }),
  };
}

/** The stack, through the CLI. */
export interface Stack {
  /** Runs a command on the stack before the user's eyes; false when it fails. */
  show(...args: string[]): Promise<boolean>;
  /** Runs a command on the stack silently. */
  ask(...args: string[]): Promise<{ ok: boolean; stdout: string; stderr: string }>;
}

/** Selects the stack, which is created when it is new, and frees it from the lock of a killed run. */
export async function openStack(settings: Settings, engines: Engines): Promise<Stack> {
  const env = { ...process.env, ...stackEnvironment(settings, engines) };
  if (settings.backend === "local") await mkdir(places.backend, { recursive: true });
  await mkdir(places.modules, { recursive: true });
  const link = join(places.modules, "pulumi-rtc");
  await rm(link, { force: true });
  await symlink(root, link, "dir");
  const stack: Stack = {
    show: async (...args) => {
      // Ctrl-C reaches Pulumi too, which then saves what it has done. We must not leave before it.
      const stay = () => {};
      process.on("SIGINT", stay);
      const { code } = await run(engines.pulumi, args, { cwd: root, env, stdio: "inherit" });
      process.off("SIGINT", stay);
      return code === 0;
    },
    ask: async (...args) => {
      const { code, stdout, stderr } = await run(engines.pulumi, [...args, "--non-interactive"], {
        cwd: root,
        env,
      });
      return { ok: code === 0, stdout, stderr };
    },
  };
  if (settings.backend === "local" && (await isLockedByTheDead())) {
    await stack.ask("cancel", "--yes", stackName);
  }
  return stack;
}

/** Whether all locks on the local backend, and there are some, belong to processes that have died. */
async function isLockedByTheDead(): Promise<boolean> {
  const folder = join(places.backend, ".pulumi/locks");
  const names = await readdir(folder, { recursive: true, encoding: "utf8" }).catch(() => []);
  const locks = names.filter((name) => name.endsWith(".json"));
  for (const name of locks) {
    const lock = JSON.parse(await readFile(join(folder, name), "utf8")) as { pid: number; hostname: string };
    if (lock.hostname !== hostname() || isAlive(lock.pid)) return false;
  }
  return locks.length > 0;
}

import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EgressSettings } from "../egress.mts";
import type { LiveKitSettings } from "../livekit.mts";
import type { PageSettings } from "./page.mts";

/** The repo's root, where Pulumi.yaml is. */
export const root = join(import.meta.dirname, "../..");

const folder = join(root, ".rtc");

/** Everything that `npm run up` and `npm run gateway` keep, and `npm run down` removes; nothing else is in these places. */
export const places = {
  folder,
  lock: join(folder, "lock"),
  settings: join(folder, "settings.json"),
  shell: join(folder, "env"),
  modules: join(folder, "node_modules"),
  pulumiHome: join(folder, "pulumi"),
  backend: join(folder, "state"),
  liveKitConfig: join(folder, "livekit.yaml"),
  liveKitPid: join(folder, "livekit.pid"),
  liveKitLog: join(folder, "livekit.log"),
  egressPid: join(folder, "egress.pid"),
  egressLog: join(folder, "egress.log"),
  recordings: join(folder, "recordings"),
  gateway: join(folder, "gateway"),
  page: join(folder, "page"),
  pagePid: join(folder, "page.pid"),
  pageLog: join(folder, "page.log"),
} as const;

/** What was chosen once, so that the next run finds the same things. */
export interface Settings {
  /** Whose Pulumi backend it is: one in `.rtc/`, or the one that the user is logged in to. */
  backend: "local" | "logged-in";
  /** Protects the secrets of the local backend. */
  passphrase: string;
  /** The embedded server and the stand-in for its egress worker; null: the user's own, from the environment. */
  livekit: (LiveKitSettings & EgressSettings) | null;
  /** Absent where only `npm run gateway` has run. */
  page?: PageSettings;
}

/** A generated passphrase. */
export function newPassphrase(): string {
  return randomBytes(24).toString("base64url");
}

/** The settings of an earlier run, or undefined. */
export async function readSettings(): Promise<Settings | undefined> {
  try {
    return JSON.parse(await readFile(places.settings, "utf8")) as Settings;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Keeps the settings; they hold keys, so only the owner may read them. */
export async function writeSettings(settings: Settings): Promise<void> {
  const draft = `${places.settings}.new`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(draft, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, places.settings);
}

/** Removes all that `npm run up` has put into `.rtc/`. Other files stay, and the folder too. */
export async function removeLocal(): Promise<void> {
  const { folder: _, lock: __, ...ours } = places;
  for (const place of [...Object.values(ours), join(folder, "Pulumi.dev.yaml")]) {
    await rm(place, { recursive: true, force: true });
  }
}

/** Removes `.rtc/` itself when it is empty. */
export async function removeFolder(): Promise<void> {
  await rmdir(folder).catch(() => {});
}

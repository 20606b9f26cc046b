import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTarGzip } from "nanotar";
import { download, LIMITS, type Limits } from "./download.mts";
import { putInPlace } from "./engine-folder.mts";
import type { Engine, Pin } from "./engine-list.mts";
import { versionOf } from "./engine-version.mts";
import { run } from "./process.mts";

/** Downloads the official release of a version into a folder; returns the folder that holds the program then. */
type Release = (version: string, folder: string, limits: Limits) => Promise<string>;

/** The engines of which there are official releases, by name. */
const RELEASES: Record<string, Release | undefined> = {
  pulumi: installPulumi,
  "livekit-server": unpackLivekit,
};

/** Whether there are official releases of an engine, if perhaps not for this system. */
export function isReleased({ name }: Engine): boolean {
  return RELEASES[name] !== undefined;
}

/**
 * Downloads the official release of the pinned version into the folder `target`. It appears there all at once, after the
 * program has reported that version, or not at all.
 *
 * @throws an Error that states why not, in one line
 */
export async function downloadEngine(
  engine: Engine,
  pin: Pin,
  target: string,
  limits: Limits = LIMITS,
): Promise<void> {
  const release = RELEASES[engine.name];
  if (!release) throw new Error(`${engine.name} has no official release`);
  const version = pin.version.replace(/^v/, "");
  await putInPlace(target, async (folder) => {
    const ready = await release(version, folder, limits);
    const reported = await versionOf(engine, join(ready, engine.name));
    if (reported !== version) throw new Error(`the download is version ${reported ?? "unknown"}`);
    return ready;
  });
}

/**
 * Pulumi's own installer, which the Automation API has. It has no timeout that would end what it has started, and
 * loads much: so it runs in a process of its own.
 */
async function installPulumi(version: string, folder: string, limits: Limits): Promise<string> {
  // The script that the installer runs. Where it cannot be had within seconds, the installer would wait for minutes.
  await download("https://get.pulumi.com/install.sh", limits);
  const root = join(folder, "pulumi");
  const script = join(import.meta.dirname, "pulumi-install.mts");
  const { code, stderr } = await run(process.execPath, [script, version, root], {
    stdio: ["pipe", "ignore", "pipe"],
    detached: true,
    timeout: limits.totalMs,
    env: { ...process.env, TMPDIR: folder },
  });
  if (code === null) throw new Error(`Pulumi's installer has not ended after ${limits.totalMs / 1000} s`);
  if (code !== 0) throw new Error(`Pulumi's installer failed: ${stderr.trim().split("\n").at(-1)}`);
  return join(root, "bin");
}

/**
 * The program from the archive of a release, whose checksum is published beside it. The names are those of
 * `.goreleaser.yaml` in the repository livekit/livekit (v1.13.5), with goreleaser's default for archives:
 * `livekit_1.13.5_linux_amd64.tar.gz`, and `checksums.txt` with lines of SHA-256, two spaces and a name.
 */
async function unpackLivekit(version: string, folder: string, limits: Limits): Promise<string> {
  const architecture = { x64: "amd64", arm64: "arm64" }[process.arch as string];
  if (process.platform !== "linux" || architecture === undefined)
    throw new Error(`there is no release for ${process.platform} on ${process.arch}`);
  const name = `livekit_${version}_linux_${architecture}.tar.gz`;
  const place = `https://github.com/livekit/livekit/releases/download/v${version}`;
  const list = new TextDecoder().decode(await download(`${place}/checksums.txt`, limits));
  const checksum = list
    .split("\n")
    .find((line) => line.endsWith(`  ${name}`))
    ?.split(" ")[0];
  if (checksum === undefined) throw new Error(`checksums.txt does not list ${name}`);
  const archive = await download(`${place}/${name}`, limits);
  const actual = createHash("sha256").update(archive).digest("hex");
  if (actual !== checksum) throw new Error(`${name} has another checksum than the published one`);
  const files = await parseTarGzip(archive, { filter: (file) => file.name === "livekit-server" });
  const program = files[0]?.data;
  if (program === undefined) throw new Error(`${name} does not hold livekit-server`);
  await writeFile(join(folder, "livekit-server"), program, { mode: 0o755 });
  return folder;
}

import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { putInPlace } from "./engine-folder.mts";
import { type Engine, type Pin, sourceFolder } from "./engine-list.mts";
import { Problem } from "./problem.mts";
import { run } from "./process.mts";

/** Go older than this cannot read the go.mod files at all; a newer one fetches the toolchain that they ask for. */
const oldestGo = [1, 21] as const;

/** Fails with what to do when there is no Go that can build `missing`. */
export async function checkGo(missing: readonly Engine[]): Promise<void> {
  const version = await goVersion();
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  if (major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1])) return;
  const names = missing.map(({ name }) => name).join(", ");
  const install = `install Go ${oldestGo.join(".")} or newer (https://go.dev/dl/), which builds them once, pinned`;
  throw new Problem(
    `${names}: not found, and ${version ? `Go ${version} is too old` : "Go is not installed"} to build them.`,
    missing.some(({ own }) => own)
      ? `To go on, ${install}, then run the same command again.`
      : [
          "Do one of these, then run the same command again:",
          `  - ${install};`,
          "  - put them on PATH yourself (https://www.pulumi.com/docs/install/, https://docs.livekit.io/home/self-hosting/local/).",
        ].join("\n"),
  );
}

async function goVersion(): Promise<string | undefined> {
  try {
    const { code, stdout } = await run("go", ["env", "GOVERSION"]);
    return code === 0 ? /go(\d+\.\d+)/.exec(stdout)?.[1] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Builds one engine into the folder `target`, and copies its companions there. It appears there all at once or not at
 * all, so that a build that was killed leaves nothing that passes for finished.
 */
export async function buildEngine(
  engine: Engine,
  pin: Pin,
  companions: readonly string[],
  target: string,
): Promise<void> {
  const flags = ["-s", "-w"];
  if (engine.versionVariable) flags.push("-X", `${engine.versionVariable}=${pin.version}`);
  await putInPlace(target, async (folder) => {
    const { code, stderr } = await run(
      "go",
      [
        "build",
        "-mod=readonly",
        "-trimpath",
        "-buildvcs=false", // what comes out depends on the sources alone, and a clone need not be a repository
        "-o",
        join(folder, engine.name),
        "-ldflags",
        flags.join(" "),
        pin.package,
      ],
      {
        cwd: sourceFolder(engine),
        // A clone inside another Go workspace must not be built as a part of it.
        env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
      },
    );
    if (code !== 0) {
      throw new Problem(
        `go build of ${engine.name} ${pin.version} failed:\n${lastLines(stderr)}`,
        "It needs the Go module proxy, or a GOPROXY that has the modules. Run the same command again to go on.",
      );
    }
    for (const file of companions) await copyFile(file, join(folder, basename(file)));
    return folder;
  });
}

function lastLines(text: string, count = 15): string {
  return text.trim().split("\n").slice(-count).join("\n");
}

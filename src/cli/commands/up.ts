import type { Command } from "commander";
import { type ManifestOptions, runs, withManifest } from "../command";
import { EXIT } from "../exit-codes";

/** `rtc up`: makes the vendors agree with the manifest. */
export function up(program: Command): void {
  const command = withManifest(program.command("up"))
    .summary("make the vendors agree with the manifest")
    .description("Creates, changes and deletes rooms and recordings until they are as the manifest says.");
  runs<ManifestOptions>(command, "rtc up --stack production", async ({ file, stack = "dev" }, io) => {
    const { loadManifest } = await import("../../manifest/load.js");
    const { withStack } = await import("../engine.js");
    const folder = process.cwd();
    const { manifest } = loadManifest({ folder, file, stack });
    const result = await withStack(
      { folder, project: manifest.project, stack, manifest, create: true },
      (one) => one.up({ onOutput: (text) => process.stderr.write(text), color: "never" }),
    );
    io.result({ result: result.summary.result, changes: result.summary.resourceChanges }, () => "");
    return EXIT.done;
  });
}

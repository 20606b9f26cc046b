import type { Command } from "commander";
import { type ManifestOptions, runs, withManifest } from "../command";
import { EXIT } from "../exit-codes";

/** `rtc render`: what the manifest comes to. */
export function render(program: Command): void {
  const command = withManifest(program.command("render"))
    .summary("print the merged manifest")
    .description(
      "Prints what the manifest comes to: with its overlay, its defaults, the environment's values and its series.",
    );
  runs<ManifestOptions>(command, "rtc render --stack production", async ({ file, stack }, io) => {
    const { loadManifest } = await import("../../manifest/load.js");
    const { renderManifest } = await import("../../manifest/render.js");
    const { manifest } = loadManifest({ folder: process.cwd(), file, stack });
    io.result({ apiVersion: "rtc/v1", ...manifest }, () => renderManifest(manifest).trimEnd());
    return EXIT.done;
  });
}

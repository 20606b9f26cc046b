import type { Command } from "commander";
import { addAction, type ManifestOptions, withManifest } from "../command";
import { EXIT } from "../exit-codes";

/** `rtc render`: the merged manifest. */
export function render(program: Command): void {
  const command = withManifest(program.command("render"))
    .summary("print the merged manifest")
    .description(
      "Prints the manifest with its overlay, its defaults, the environment's values and its series applied.",
    );
  addAction<ManifestOptions>(command, "rtc render --stack production", async ({ file, stack }, io) => {
    const { loadManifest } = await import("../../manifest/load.js");
    const { renderManifest } = await import("../../manifest/render.js");
    const { manifest } = loadManifest({ folder: process.cwd(), file, stack });
    io.result({ apiVersion: "rtc/v1", ...manifest }, () => renderManifest(manifest).trimEnd());
    return EXIT.done;
  });
}

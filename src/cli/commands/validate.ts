import type { Command } from "commander";
import { addAction, type ManifestOptions, withManifest } from "../command";
import { EXIT } from "../exit-codes";

/** `rtc validate`: validates the manifest and its overlay, offline. */
export function validate(program: Command): void {
  const command = withManifest(program.command("validate"))
    .summary("validate the manifest")
    .description(
      "Validates the manifest and its overlay, without the network. Reports all problems at once.",
    );
  addAction<ManifestOptions>(command, "rtc validate --stack production", async ({ file, stack }, io) => {
    const { loadManifest } = await import("../../manifest/load.js");
    const { manifest } = loadManifest({ folder: process.cwd(), file, stack });
    const { project, rooms, recordings } = manifest;
    const count = { rooms: Object.keys(rooms).length, recordings: Object.keys(recordings).length };
    io.result({ project, ...count }, () => `${file}: ${count.rooms} rooms, ${count.recordings} recordings`);
    return EXIT.done;
  });
}

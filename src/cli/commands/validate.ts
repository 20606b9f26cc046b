import type { Command } from "commander";
import { type ManifestOptions, runs, withManifest } from "../command";
import { EXIT } from "../exit-codes";

/** `rtc validate`: reads the manifest and its overlay, offline. */
export function validate(program: Command): void {
  const command = withManifest(program.command("validate"))
    .summary("check the manifest")
    .description("Checks the manifest and its overlay, without a network. Every problem is told at once.");
  runs<ManifestOptions>(command, "rtc validate --stack production", async ({ file, stack }, io) => {
    const { loadManifest } = await import("../../manifest/load.js");
    const { manifest } = loadManifest({ folder: process.cwd(), file, stack });
    const { project, rooms, recordings } = manifest;
    const count = { rooms: Object.keys(rooms).length, recordings: Object.keys(recordings).length };
    io.result({ project, ...count }, () => `${file}: ${count.rooms} rooms, ${count.recordings} recordings`);
    return EXIT.done;
  });
}

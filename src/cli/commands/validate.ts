import { type Command, Option } from "commander";
import type { Issue } from "../../contract/errors";
import { addAction, type ManifestOptions, withManifest } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";

interface ValidateOptions extends ManifestOptions {
  format: "text" | "github";
}

/** `rtc validate`: validates the manifest and its overlay, offline. */
export function validate(program: Command): void {
  const format = new Option("--format <format>", "also print problems as annotations of a GitHub workflow");
  const command = withManifest(program.command("validate"))
    .summary("validate the manifest")
    .description("Validates the manifest and its overlay, without the network. Reports all problems at once.")
    .addOption(format.choices(["text", "github"]).default("text"));
  addAction<ValidateOptions>(command, "rtc validate --stack production", carryOut);
}

async function carryOut({ file, stack, format }: ValidateOptions, io: Io): Promise<ExitCode> {
  const { RtcError } = await import("../../contract/errors.js");
  const { loadManifest } = await import("../../manifest/load.js");
  try {
    const { manifest } = loadManifest({ folder: process.cwd(), file, stack });
    const { project, rooms, recordings } = manifest;
    const count = { rooms: Object.keys(rooms).length, recordings: Object.keys(recordings).length };
    io.result({ project, ...count }, () => {
      return `${file}: ${counted(count.rooms, "room")}, ${counted(count.recordings, "recording")}`;
    });
    return EXIT.done;
  } catch (error) {
    if (format === "github" && RtcError.isInstance(error))
      io.lines((error.issues ?? []).map((issue) => annotation(issue, file)));
    throw error;
  }
}

/** `1 room`, `2 rooms`. */
function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A problem as https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands has it. */
function annotation({ path, message, file, line = 1, column = 1 }: Issue, manifest: string): string {
  const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const text = path === "" ? message : `${path}: ${message}`;
  return `::error file=${property(file ?? manifest)},line=${line},col=${column}::${data(text)}`;
}

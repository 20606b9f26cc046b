import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import type { Recording } from "../../contract/types";
import { addAction, withYes } from "../command";
import { EXIT } from "../exit-codes";
import { clientHere, type SettingsOptions, withSettings } from "../settings";

interface StartOptions extends SettingsOptions {
  layout?: string;
  audioOnly?: boolean;
  output?: string;
  vendor?: string;
}

/** `rtc recordings`: the recordings at the vendor, independent of any stack. */
export function recordings(program: Command): void {
  const group = program
    .command("recordings")
    .summary("start, stop and list recordings at the vendor")
    .description("The live recordings at the vendor, independent of any stack.");

  addAction<StartOptions>(
    withYes(withSettings(group.command("start <room>")))
      .description("Starts a recording of a room. Each call starts another one.")
      .option(
        "--layout <layout>",
        "grid, speaker or single-speaker, each also -light and -dark (default: grid)",
      )
      .option("--audio-only", "record no video")
      .option(
        "--output <uri>",
        "s3://, gs://, azblob:// or a path on the egress host (default: rtc:recordingOutput)",
      )
      .option("--vendor <vendor>", "the room's vendor, if its name is ambiguous"),
    "rtc recordings start standup --audio-only --output s3://acme/standup/",
    async (options, io, room = "") => {
      const { layout, audioOnly, output, vendor } = options;
      const started = await (await clientHere(options)).recording.start({
        room,
        layout,
        audioOnly,
        outputUri: output,
        vendor,
      });
      io.result(started, () => oneLine(started.recording));
      return EXIT.done;
    },
  );

  addAction<SettingsOptions>(
    withYes(withSettings(group.command("stop <recording>"))).description(
      "Stops a recording. Its file is finished a little later.",
    ),
    'rtc recordings stop "$RECORDING"',
    async (options, io, recording = "") => {
      const stopped = await (await clientHere(options)).recording.stop(recording);
      io.result(stopped ?? null, () =>
        stopped ? oneLine(line(stopped).join("  ")) : "it has expired at the vendor",
      );
      return EXIT.done;
    },
  );

  addAction<SettingsOptions & { room?: string; active?: boolean }>(
    withSettings(group.command("list"))
      .description("Lists the recordings at the vendor.")
      .option("--room <room>", "only of this room")
      .option("--active", "only those that have not ended"),
    "rtc recordings list --active",
    async (options, io) => {
      const { room, active } = options;
      const { table } = await import("../report/table.js");
      const { items } = await (await clientHere(options)).recording.list({ room, active });
      io.result(items, () => table(["RECORDING", "ROOM", "STATUS", "FILES"], items.map(line)));
      return EXIT.done;
    },
  );
}

function line({ recording, room, status, files }: Recording): string[] {
  return [
    recording,
    room,
    status,
    (files ?? [])
      .map(({ location }) => location ?? "")
      .filter(Boolean)
      .join(" "),
  ];
}

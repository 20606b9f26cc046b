import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import type { Recording } from "../../contract/types";
import { addAction, type CommonOptions } from "../command";
import { EXIT } from "../exit-codes";

interface StartOptions extends CommonOptions {
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
    group
      .command("start <room>")
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
    async ({ layout, audioOnly, output, vendor }, io, room = "") => {
      const { newClient } = await import("../../client/create.js");
      const started = await newClient().recording.start({
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

  addAction<CommonOptions>(
    group.command("stop <recording>").description("Stops a recording. Its file is finished a little later."),
    'rtc recordings stop "$RECORDING"',
    async (_options, io, recording = "") => {
      const { newClient } = await import("../../client/create.js");
      const stopped = await newClient().recording.stop(recording);
      io.result(stopped ?? null, () =>
        stopped ? oneLine(line(stopped).join("  ")) : "it has expired at the vendor",
      );
      return EXIT.done;
    },
  );

  addAction<CommonOptions & { room?: string; active?: boolean }>(
    group
      .command("list")
      .description("Lists the recordings at the vendor.")
      .option("--room <room>", "only of this room")
      .option("--active", "only those that have not ended"),
    "rtc recordings list --active",
    async ({ room, active }, io) => {
      const { newClient } = await import("../../client/create.js");
      const { table } = await import("../report/table.js");
      const { items } = await newClient().recording.list({ room, active });
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

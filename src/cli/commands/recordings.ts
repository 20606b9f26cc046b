import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import type { Recording } from "../../contract/types";
import { addAction, withYes } from "../command";
import { EXIT } from "../exit-codes";
import { inputOptions } from "../input-options";
import { clientHere, type SettingsOptions, withSettings } from "../settings";

const started = inputOptions("recordingInput", ["layout", "audioOnly", "outputUri", "vendor"], {
  outputUri: "output",
});
const listed = inputOptions("recordingListInput", ["room", "active"]);

/** `rtc recordings`: the recordings at the vendor, independent of any stack. */
export function recordings(program: Command): void {
  const group = program
    .command("recordings")
    .summary("start, stop and list recordings at the vendor")
    .description("The live recordings at the vendor, independent of any stack.");

  addAction<SettingsOptions>(
    started
      .addTo(withYes(withSettings(group.command("start <room>"))))
      .description("Starts a recording of a room. Each call starts another one."),
    "rtc recordings start standup --audio-only --output s3://acme/standup/",
    async (options, io, room = "") => {
      const { recording } = await clientHere(options);
      const found = await recording.start({ ...started.read(options), room });
      io.result(found, () => oneLine(found.recording));
      return EXIT.done;
    },
  );

  addAction<SettingsOptions>(
    withYes(withSettings(group.command("stop <recording>"))).description(
      "Stops a recording, by its id or by the name of its resource in the stack. Its file is finished a little later.",
    ),
    'rtc recordings stop "$RECORDING"',
    async (options, io, recording = "") => {
      const stopped = await (await clientHere(options)).recording.stop(await idOf(recording, options));
      io.result(stopped ?? null, () =>
        stopped ? oneLine(line(stopped).join("  ")) : "it has expired at the vendor",
      );
      return EXIT.done;
    },
  );

  addAction<SettingsOptions>(
    listed.addTo(withSettings(group.command("list"))).description("Lists the recordings at the vendor."),
    "rtc recordings list --active",
    async (options, io) => {
      const { table } = await import("../report/report.js");
      const { items } = await (await clientHere(options)).recording.list(listed.read(options));
      io.result(items, () => table(["RECORDING", "ROOM", "STATUS", "FILES"], items.map(line)));
      return EXIT.done;
    },
  );
}

/** The id of a recording, which is given by it or by the name of its resource. */
async function idOf(recording: string, { stack }: SettingsOptions): Promise<string> {
  if (recording.includes(":")) return recording;
  const { withManaged } = await import("../stack/declared.js");
  const { managedIn } = await import("../stack/stack-state.js");
  const { RtcError } = await import("../../contract/errors.js");
  const named = stack ?? process.env["PULUMI_STACK"];
  const state = await withManaged({ file: "rtc.yaml", ...(named && { stack: named }) }, (engine) =>
    engine.exists ? engine.state() : Promise.resolve({}),
  );
  const found = managedIn(state).find(({ kind, name }) => kind === "recording" && name === recording);
  if (found) return found.id;
  throw new RtcError("NOT_FOUND", `there is no recording ${recording} in the stack, and no id is like that`);
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

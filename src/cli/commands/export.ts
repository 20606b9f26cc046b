import { type Command, Option } from "commander";
import { addAction, type CommonOptions } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";

interface ExportOptions extends CommonOptions {
  project?: string;
  stack?: string;
  vendor?: string;
  prefix: string;
  output?: string;
}

/** `rtc export`: a manifest of the live resources. */
export function exportLive(program: Command): void {
  const stack = new Option("-s, --stack <stack>", "distinguish this stack's rooms from those of others");
  const command = program
    .command("export")
    .summary("print a manifest of the live resources")
    .description(
      "Prints a manifest of the live rooms and their running recordings, with which rtc up adopts them unchanged. Comments name what cannot be adopted. Changes nothing.",
    )
    .option(
      "--project <project>",
      "the manifest's project (default: that of the Pulumi.yaml or the rtc.yaml here, else the folder's name)",
    )
    .addOption(stack.env("PULUMI_STACK"))
    .option("--vendor <vendor>", "only resources at this vendor")
    .option("--prefix <prefix>", "only rooms whose names begin with it", "")
    .option("-o, --output <file>", "write it to a new file");
  addAction<ExportOptions>(command, "rtc export --project acme-rtc --output rtc.yaml", carryOut);
}

async function carryOut(options: ExportOptions, io: Io): Promise<ExitCode> {
  const { newClient } = await import("../../client/create.js");
  const { settingsHere } = await import("../settings.js");
  const { shortName } = await import("../stack/declared.js");
  const { exportManifest, exportYaml } = await import("../export/export.js");
  const { observeLive } = await import("../../reconcile/orphans.js");
  const { observationOf, roomTraits } = await import("../../reconcile/room/observe.js");
  const { count } = await import("../report/report.js");
  const { stackTag } = await import("../../contract/ids.js");
  const { output, prefix, vendor, stack } = options;
  // The stack is the one that is to adopt the rooms, and may not exist yet.
  const settings = await settingsHere({}, stack);
  const config = vendor === undefined ? settings : { ...settings, vendors: [vendor] };
  const client = newClient(config);
  const live = await observeLive(client, prefix);
  const [signing, listing] = await Promise.all([
    client.discover("rtc.token.issue"),
    client.discover("rtc.room.list"),
  ]);
  const configured = signing.vendors.filter(({ available }) => available).map((one) => one.vendor);
  const unlisted = listing.vendors.flatMap(({ vendor: name, available, reason = "" }) =>
    available || !configured.includes(name) ? [] : [{ vendor: name, reason }],
  );
  const project = options.project ?? (await projectHere());
  const found = exportManifest(
    {
      ...{ ...live, unlisted, isCreated: (room) => observationOf(client, room).is === "known" },
      isPersistent: (name) => roomTraits(client, name).isPersistent,
    },
    {
      project,
      tag: stack === undefined ? undefined : stackTag({ project, stack: shortName(stack) }),
      adoptionTags: config.ownerMark !== false,
    },
  );
  const yaml = exportYaml(found);
  if (output !== undefined) await writeNew(output, yaml);
  const { manifest, leftOut } = found;
  const numbers = [
    count(Object.keys(manifest.rooms).length, "room"),
    count(Object.keys(manifest.recordings).length, "recording"),
  ];
  const more = leftOut.length === 0 ? "" : `; ${leftOut.length} left out, see the comments at the end`;
  io.note(`${output ?? "exported"}: ${numbers.join(", ")}${more}`);
  const remarks = found.remarks.map(({ path, message }) => ({ path: path.join("."), message }));
  const data = { manifest: { apiVersion: "rtc/v1", ...manifest }, remarks, leftOut, unlisted };
  if (output === undefined || options.json) io.result(data, () => yaml.trimEnd());
  return EXIT.done;
}

/** The name of this folder's project. */
async function projectHere(): Promise<string> {
  const { basename } = await import("node:path");
  const { projectIn } = await import("../../manifest/load.js");
  const { plain } = await import("../export/rooms.js");
  const folder = process.cwd();
  return (
    projectIn({ folder, file: "Pulumi.yaml" }, "name") ?? projectIn({ folder }) ?? plain(basename(folder))
  );
}

async function writeNew(file: string, text: string): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  const { RtcError } = await import("../../contract/errors.js");
  await writeFile(file, text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === "EEXIST"
        ? "exists already, and is not overwritten"
        : `cannot be written (${error.code})`;
    throw new RtcError("INVALID_ARGUMENT", `${file} ${why}`);
  });
}

import { type Command, Option } from "commander";
import { addAction, type CommonOptions, withYes } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { CiService, InitChoice } from "../init/files";
import type { Io } from "../io";

interface InitOptions extends CommonOptions {
  project?: string;
  overlay?: string[];
  ci?: CiService;
  packageJson?: boolean;
  yes?: boolean;
}

/** `rtc init`: a new working folder. */
export function init(program: Command): void {
  const ci = new Option("--ci <service>", "a workflow with previews, review stacks, rollout and drift");
  const command = program
    .command("init")
    .summary("make a working folder")
    .description(
      "Writes rtc.yaml with two rooms, and what belongs beside it, into this folder. At a terminal it asks for what no option says. Overwrites nothing: where a file exists, it writes none.",
    )
    .option("--project <project>", "the name of the Pulumi project (default: the folder's name)")
    .option("--overlay <stack...>", "an overlay for this stack: rtc.<stack>.yaml")
    .addOption(ci.choices(["github", "gitlab"]))
    .option("--package-json", "a package.json with this package (default: where there is none)")
    .option("--no-package-json", "no package.json, but the schema for editors");
  addAction<InitOptions>(
    withYes(command, "do not ask: take the options and the defaults"),
    "rtc init --project acme-rtc --overlay production --yes",
    make,
  );
}

async function make(options: InitOptions, io: Io): Promise<ExitCode> {
  const { basename } = await import("node:path");
  const { isInteractive } = await import("../confirm.js");
  const { plain } = await import("../export/rooms.js");
  const { CI_STACKS, filesFor, isTaken, writeNew } = await import("../init/files.js");
  const { list } = await import("../report/report.js");
  const { RtcError } = await import("../../contract/errors.js");
  const folder = process.cwd();
  const hasPackage = isTaken(folder, "package.json");
  const project = plain(basename(folder));
  const isAsking = !options.yes && isInteractive();
  const choice = isAsking ? await choose(options, { project, hasPackage }) : chosen(options, project);
  if (choice.ci !== undefined && !choice.packageJson) {
    const message =
      "a workflow installs this package by the package.json: --ci does not go with --no-package-json";
    throw new RtcError("INVALID_ARGUMENT", message);
  }
  const overlays = choice.ci === undefined ? choice.overlays : [...CI_STACKS, ...choice.overlays];
  const all = filesFor({ ...choice, overlays });
  // These may be there before any manifest: of what they lack a remark is enough.
  const kept = all
    .map(({ name }) => name)
    .filter((name) => name === ".gitignore" || (name === "package.json" && options.packageJson !== true))
    .filter((name) => isTaken(folder, name));
  const files = all.filter(({ name }) => !kept.includes(name));
  writeNew(folder, files);
  if (kept.includes(".gitignore"))
    io.note(".gitignore stays as it is: it should have node_modules/ and .env");
  if (kept.includes("package.json"))
    io.note("package.json stays as it is: npm install pulumi-rtc @pulumi/pulumi adds the packages");
  const names = files.map(({ name }) => name);
  io.result({ project: choice.project, files: names }, () => list(names));
  const stack = overlays[0] ?? "dev";
  const install = files.some(({ name }) => name === "package.json") ? "npm install, " : "";
  io.note(
    `next: ${install}set the keys of your server, then rtc doctor --stack ${stack}, and rtc up --stack ${stack}`,
  );
  return EXIT.done;
}

function chosen(
  { project, overlay = [], ci, packageJson = true }: InitOptions,
  otherwise: string,
): InitChoice {
  return { project: project ?? otherwise, overlays: overlay, ci, packageJson };
}

/** Asks for what no option sets. */
async function choose(
  options: InitOptions,
  { project, hasPackage }: { project: string; hasPackage: boolean },
): Promise<InitChoice> {
  const { ask } = await import("../confirm.js");
  const { RtcError } = await import("../../contract/errors.js");
  const name = options.project ?? (await ask("Name of the project", project));
  const stacks = options.overlay ?? (await ask("Stacks with an overlay, by commas", "none")).split(",");
  const service = options.ci ?? (await ask("Workflow for github or gitlab", "none"));
  if (service !== "github" && service !== "gitlab" && service !== "none")
    throw new RtcError(
      "INVALID_ARGUMENT",
      `there is no workflow for ${service}: it is github, gitlab or none`,
    );
  const asksForPackage = options.packageJson === undefined && !hasPackage && service === "none";
  const wantsPackage = asksForPackage
    ? !/^no?$/i.test(await ask("A package.json, for npm install", "yes"))
    : (options.packageJson ?? true);
  return {
    project: name,
    overlays: stacks.map((stack) => stack.trim()).filter((stack) => stack !== "" && stack !== "none"),
    ci: service === "none" ? undefined : service,
    packageJson: wantsPackage,
  };
}

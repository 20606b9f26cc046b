import { type Command, Option } from "commander";
import { addAction, type CommonOptions, withYes } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { CiService, InitChoice, PackageSource } from "../init/files";
import type { Io } from "../io";

type Choice = Omit<InitChoice, "source">;

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
  const { CI_STACKS, filesFor, isTaken, packageSource, requiresPackage, writeNew } = await import(
    "../init/files.js"
  );
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
  const from = packageSource(folder);
  const all = filesFor({ ...choice, overlays, source: from.source });
  // These may be there before any manifest: of what they lack a remark is enough.
  const kept = all
    .map(({ name }) => name)
    .filter((name) => name === ".gitignore" || (name === "package.json" && options.packageJson !== true))
    .filter((name) => isTaken(folder, name));
  const files = all.filter(({ name }) => !kept.includes(name));
  writeNew(folder, files);
  const isNew = files.some(({ name }) => name === "package.json");
  for (const remark of [
    ...(kept.includes(".gitignore")
      ? [".gitignore stays as it is: it should have node_modules/ and .env"]
      : []),
    ...(isNew ? remarksOnSource(from, choice.ci) : []),
    ...(kept.includes("package.json") && !requiresPackage(folder)
      ? [`package.json stays as it is: npm install ${argumentOf(from)} @pulumi/pulumi adds the packages`]
      : []),
  ])
    io.note(remark);
  const names = files.map(({ name }) => name);
  io.result({ project: choice.project, files: names }, () => list(names));
  const stack = overlays[0] ?? "dev";
  const install = isNew ? "npm install, " : "";
  io.note(
    `next: ${install}set the keys of your server, then rtc doctor --stack ${stack}, and rtc up --stack ${stack}`,
  );
  return EXIT.done;
}

/** What is to be done so that npm finds this package where the package.json says. */
function remarksOnSource({ source, isAssumed }: PackageSource, ci: CiService | undefined): string[] {
  if (isAssumed)
    return [
      `package.json takes pulumi-rtc ${source} from the npm registry: where npm does not find it there, pass the packed file to npm install`,
    ];
  if (ci === undefined || !source.startsWith("file:..")) return [];
  return [
    `package.json takes pulumi-rtc from ${source.slice("file:".length)}, where a workflow does not find it: add a packed file to the repository, and pass it to npm install`,
  ];
}

/** What `npm install` takes for this package. */
function argumentOf({ source }: PackageSource): string {
  return source.startsWith("file:") ? source.slice("file:".length) : "pulumi-rtc";
}

function chosen({ project, overlay = [], ci, packageJson = true }: InitOptions, otherwise: string): Choice {
  return { project: project ?? otherwise, overlays: overlay, ci, packageJson };
}

/** Asks for what no option sets. */
async function choose(
  options: InitOptions,
  { project, hasPackage }: { project: string; hasPackage: boolean },
): Promise<Choice> {
  const { ask } = await import("../confirm.js");
  const { problemOfProject, problemOfStack } = await import("../init/files.js");
  const name = options.project ?? (await ask("Name of the project", project, problemOfProject));
  const overlays =
    options.overlay ??
    stacksIn(
      await ask("Stacks with an overlay, by commas", NONE, (answer) =>
        stacksIn(answer).map(problemOfStack).find(Boolean),
      ),
    );
  const service =
    options.ci ??
    (await ask("Workflow for github or gitlab", NONE, (answer) =>
      isService(answer) || answer === NONE ? undefined : "there is none for it: github, gitlab or none",
    ));
  const ci = isService(service) ? service : undefined;
  const asksForPackage = options.packageJson === undefined && !hasPackage && ci === undefined;
  const packageJson = asksForPackage
    ? /^y/i.test(
        await ask("A package.json, for npm install", "yes", (answer) =>
          /^(y|yes|no?)$/i.test(answer) ? undefined : "yes or no",
        ),
      )
    : (options.packageJson ?? true);
  return { project: name, overlays, ci, packageJson };
}

const NONE = "none";

function stacksIn(answer: string): string[] {
  return answer
    .split(",")
    .map((stack) => stack.trim())
    .filter((stack) => stack !== "" && stack !== NONE);
}

function isService(text: string): text is CiService {
  return text === "github" || text === "gitlab";
}

import { type Command, Option } from "commander";
import type { CoreConfig } from "../../contract/config";
import type { Issue, RtcError } from "../../contract/errors";
import type { StackConfig } from "../../manifest/stack-config";
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
    .description(
      "Validates the manifest with its overlay, and the configuration, without the network. Reports all problems at once.",
    )
    .addOption(format.choices(["text", "github"]).default("text"));
  addAction<ValidateOptions>(command, "rtc validate --stack production", carryOut);
}

async function carryOut({ file, stack, format }: ValidateOptions, io: Io): Promise<ExitCode> {
  const { RtcError } = await import("../../contract/errors.js");
  const { loadManifest } = await import("../../manifest/load.js");
  const { pathStyleWarning } = await import("../../contract/output-uri.js");
  const { readStackConfig } = await import("../../manifest/stack-config.js");
  const { ENVIRONMENT } = await import("../../client/config.js");
  const { everyVendor } = await import("../../client/vendors.js");
  const { count } = await import("../report/report.js");
  const folder = process.cwd();
  const errors: RtcError[] = [];
  const attempt = async <T>(step: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      if (!RtcError.isInstance(error)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const stored = readStackConfig(folder, stack);
  const config = await attempt(() => readConfiguration(stored));
  // A gateway has vendors and storage of its own.
  const endpoint = config ? config.endpoint : (stored.get("endpoint") ?? process.env[ENVIRONMENT.endpoint]);
  const vendors = endpoint === undefined ? Object.keys(everyVendor) : undefined;
  const loaded = await attempt(async () => {
    const found = loadManifest({ folder, file, stack, vendors });
    const { rooms, recordings } = found.manifest;
    const all = [...Object.values(rooms), ...Object.values(recordings)];
    // Only what names a vendor has a problem there that needs no more configuration than this.
    if (!vendors || !config || all.every(({ vendor }) => vendor === undefined)) return found;
    const { explicitProblems } = await import("../stack/checked.js");
    const problems = explicitProblems(config, found.manifest);
    if (problems.length > 0) throw found.errorOf(problems);
    return found;
  });
  if (loaded === undefined || errors.length > 0) {
    const issues = errors.flatMap((error) => error.issues ?? []);
    if (format === "github") io.lines(issues.map((issue) => annotation(issue, file)));
    throw new RtcError("INVALID_ARGUMENT", errors.map(({ message }) => message).join("\n"), { issues });
  }
  const { project, ...declared } = loaded.manifest;
  const [rooms = 0, recordings = 0] = [declared.rooms, declared.recordings].map(
    (one) => Object.keys(one).length,
  );
  if (rooms === 0)
    io.warn(`${file} declares no room, which rtc up rejects unless RTC_ALLOW_EMPTY names the stack`);
  const warning =
    vendors && recordings ? pathStyleWarning(config?.s3Endpoint, config?.s3ForcePathStyle) : undefined;
  if (warning !== undefined) io.warn(warning);
  const text = `${file}: ${count(rooms, "room")}, ${count(recordings, "recording")}`;
  io.result({ project, rooms, recordings }, () => text);
  return EXIT.done;
}

/**
 * The configuration of a stack by its file and the environment, without Pulumi.
 *
 * @throws INVALID_ARGUMENT with every problem, and its location where it is in the file
 */
async function readConfiguration(stored: StackConfig): Promise<CoreConfig> {
  const { formatIssue, invalid, RtcError } = await import("../../contract/errors.js");
  const { readConfig } = await import("../../client/config.js");
  const { clientOf } = await import("../../client/create.js");
  try {
    const config = readConfig({}, stored.get);
    // A client checks what the vendors' keys alone do not show.
    clientOf(config);
    return config;
  } catch (error) {
    if (!RtcError.isInstance(error) || error.issues === undefined) throw error;
    throw invalid("the configuration", error.issues.map(stored.locate), (issue) => {
      const where = issue.file === undefined ? "" : `${issue.file}:${issue.line}:${issue.column}: `;
      return `${where}${formatIssue(issue)}`;
    });
  }
}

/** A problem as https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands has it. */
function annotation({ path, message, file, line = 1, column = 1 }: Issue, manifest: string): string {
  const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const text = path === "" ? message : `${path}: ${message}`;
  return `::error file=${property(file ?? manifest)},line=${line},col=${column}::${data(text)}`;
}

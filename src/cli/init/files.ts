import { lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Issue, invalid, RtcError } from "../../contract";
import { parseManifest } from "../../manifest/parse";

/** A service that runs the workflow. */
export type CiService = "github" | "gitlab";

/** What a working folder gets. */
export interface InitChoice {
  /** The name of the Pulumi project. */
  project: string;
  /** The stacks that get an overlay. */
  overlays: readonly string[];
  ci: CiService | undefined;
  /** Whether it gets a package.json. */
  packageJson: boolean;
}

/** A file of a new folder. */
export interface NewFile {
  /** Its path in the folder, with `/`. */
  name: string;
  text: string;
  /** Whether it is run. */
  isExecutable?: boolean;
}

/** The stacks that the workflow rolls out. */
export const CI_STACKS = ["staging", "production"] as const;

/** What a service runs, copied from the package. */
const WORKFLOWS: Record<CiService, readonly string[]> = {
  github: [".github/workflows/rtc.yml", ".github/report.mjs", "setup.sh"],
  gitlab: [".gitlab-ci.yml", ".gitlab/report.mjs"],
};

/**
 * The files of a new working folder, which are valid.
 *
 * @throws INVALID_ARGUMENT for a project that Pulumi would reject, or a stack that names no file
 * @example filesFor({ project: "acme-rtc", overlays: ["production"], ci: undefined, packageJson: true })
 */
export function filesFor(choice: InitChoice): NewFile[] {
  const { project, ci } = choice;
  const overlays = [...new Set(choice.overlays)];
  const bad = overlays.filter((stack) => !/^[A-Za-z0-9_.-]{1,100}$/.test(stack));
  if (bad.length > 0) {
    const message = "is no name of a stack: letters, digits, hyphens, underscores and periods";
    throw invalid(
      "--overlay",
      bad.map((path): Issue => ({ path, message })),
    );
  }
  const schemas = choice.packageJson ? "./node_modules/pulumi-rtc/schema" : ".";
  const manifest = manifestOf(project, schemas, ci !== undefined);
  const overlayFiles = overlays.map((stack) => ({
    name: `rtc.${stack}.yaml`,
    text: overlayOf(stack, schemas),
  }));
  for (const overlay of [undefined, ...overlayFiles])
    parseManifest(manifest, "rtc.yaml", {
      environment: {},
      ...(overlay && { overlay: { file: overlay.name, text: overlay.text } }),
    });
  return [
    { name: "rtc.yaml", text: manifest },
    ...overlayFiles,
    ...(choice.packageJson ? [{ name: "package.json", text: packageOf(project) }] : schemaFiles(overlays)),
    { name: ".gitignore", text: gitignoreOf(ci) },
    ...(ci === undefined ? [] : WORKFLOWS[ci].map(workflowFile)),
  ];
}

function manifestOf(project: string, schemas: string, isReviewed: boolean): string {
  // A review stack has a prefix of its own.
  const name = (room: string) => (isReviewed ? `    name: \${env:ROOM_PREFIX:-}${room}\n` : "");
  return `# yaml-language-server: $schema=${schemas}/rtc.schema.json
apiVersion: rtc/v1
project: ${scalar(project)}
rooms:
  # Stays until it is taken out of this file.
  lobby:
${name("lobby")}    maxParticipants: 12
  # Closes ten minutes after the last participant has left, and opens again with the next join.
  meeting:
${name("meeting")}    emptyTimeoutSeconds: 600
# A recording needs an egress worker beside the server:
# recordings:
#   meeting:
#     room: meeting
#     audioOnly: true
#     outputUri: s3://bucket/folder/
`;
}

/** A text in YAML, in quotes where it would be read as something else. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9_.-]*$/.test(text) && !/^(true|false|null)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function overlayOf(stack: string, schemas: string): string {
  return `# yaml-language-server: $schema=${schemas}/rtc.overlay.schema.json
# Laid over rtc.yaml for the stack ${stack}.
rooms:
  lobby:
    maxParticipants: 50
`;
}

function packageOf(project: string): string {
  const { version, peerDependencies } = JSON.parse(readOwn("package.json")) as {
    version: string;
    peerDependencies: Record<string, string>;
  };
  // npm takes lower case only.
  const name = project.toLowerCase().replace(/^[._]+/, "") || "rtc";
  const dependencies = { ...peerDependencies, "pulumi-rtc": `^${version}` };
  return `${JSON.stringify({ name, private: true, dependencies }, null, 2)}\n`;
}

/** Without a package.json there is no node_modules in which an editor finds the schemas. */
function schemaFiles(overlays: readonly string[]): NewFile[] {
  const names = ["rtc.schema.json", ...(overlays.length > 0 ? ["rtc.overlay.schema.json"] : [])];
  return names.map((name) => ({ name, text: readOwn(`schema/${name}`) }));
}

function gitignoreOf(ci: CiService | undefined): string {
  const reports = ci === undefined ? [] : ["# What the workflow writes.", "/preview.md", "/drift.md"];
  const own = [
    "node_modules/",
    "# Keys of the vendors.",
    ".env",
    "# What rtc gateway stores.",
    "rtc-gateway.db*",
  ];
  return [...own, ...reports, ""].join("\n");
}

function workflowFile(name: string): NewFile {
  return { name, text: readOwn(`examples/gitops/${name}`), isExecutable: name.endsWith(".sh") };
}

/** A file of this package. */
function readOwn(name: string): string {
  return readFileSync(join(dirname(require.resolve("pulumi-rtc/package.json")), name), "utf8");
}

/** Whether a name is taken in a folder, also by a folder or a link that leads nowhere. */
export function isTaken(folder: string, name: string): boolean {
  return lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
}

/**
 * Writes files into a folder, all or none of which exist.
 *
 * @throws INVALID_ARGUMENT with every name that is taken, before anything is written
 */
export function writeNew(folder: string, files: readonly NewFile[]): void {
  const taken = files.filter(({ name }) => isTaken(folder, name));
  if (taken.length > 0) {
    const message = "exists already, and is not overwritten";
    throw invalid(
      "the folder",
      taken.map(({ name }): Issue => ({ path: name, message })),
    );
  }
  for (const { name, text, isExecutable = false } of files) {
    try {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text, { flag: "wx", mode: isExecutable ? 0o777 : 0o666 });
    } catch (error) {
      const message = `${name} cannot be written (${(error as NodeJS.ErrnoException).code})`;
      throw new RtcError("INVALID_ARGUMENT", message);
    }
  }
}

import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { z } from "zod";
import { type Issue, invalid, RtcError } from "../../contract";
import { parseManifest } from "../../manifest/parse";
import { manifestSchema } from "../../manifest/schema";

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
  /** What the package.json requires of this package: `^0.1.0`, or `file:` and a path. */
  source: string;
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
 * @example filesFor({ project: "acme-rtc", overlays: ["production"], ci: undefined, packageJson: true, source: "^0.1.0" })
 */
export function filesFor(choice: InitChoice): NewFile[] {
  const { project, ci } = choice;
  const overlays = [...new Set(choice.overlays)];
  const bad = overlays.flatMap((path): Issue[] => {
    const message = problemOfStack(path);
    return message === undefined ? [] : [{ path, message }];
  });
  if (bad.length > 0) throw invalid("--overlay", bad);
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
    ...(choice.packageJson ? [{ name: "package.json", text: packageOf(choice) }] : schemaFiles(overlays)),
    { name: ".gitignore", text: gitignoreOf(ci) },
    ...(ci === undefined ? [] : WORKFLOWS[ci].map(workflowFile)),
  ];
}

/** Why a stack cannot have an overlay; undefined where it can. */
export function problemOfStack(stack: string): string | undefined {
  if (/^[A-Za-z0-9_.-]{1,100}$/.test(stack)) return undefined;
  return "is no name of a stack: letters, digits, hyphens, underscores and periods";
}

/** Why Pulumi would reject the name of a project; undefined where it would not. */
export function problemOfProject(project: string): string | undefined {
  return manifestSchema.shape.project.safeParse(project).error?.issues[0]?.message;
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

function packageOf({ project, source }: InitChoice): string {
  const { peerDependencies } = readOwnPackage();
  // npm takes lower case only.
  const name = project.toLowerCase().replace(/^[._]+/, "") || "rtc";
  const dependencies = { ...peerDependencies, "pulumi-rtc": source };
  return `${JSON.stringify({ name, private: true, dependencies }, null, 2)}\n`;
}

/** Where npm gets this package from. */
export interface PackageSource {
  /** For the dependencies of a package.json. */
  source: string;
  /** Whether it is only assumed, since nothing on disk names where this copy was installed from. */
  isAssumed: boolean;
}

/**
 * Where a new folder's npm gets this package from: the same place as this copy. That is the clone that it runs in, the file
 * of `npm pack` that it was installed from, or the registry.
 *
 * @param folder to which a path is relative
 * @param own the folder of this package
 * @example packageSource("/home/ann/rooms") // { source: "file:../pulumi-rtc-0.1.0.tgz", isAssumed: false }
 */
export function packageSource(folder: string, own = ownFolder()): PackageSource {
  const fromPath = (path: string) => {
    const toPath = relative(realpathSync(folder), path).split(sep).join("/");
    return { source: `file:${toPath || "."}`, isAssumed: false };
  };
  const modules = dirname(own);
  if (basename(modules) !== "node_modules") return fromPath(own);
  const lock = join(modules, ".package-lock.json");
  const found = existsSync(lock) ? installed.safeParse(JSON.parse(readFileSync(lock, "utf8"))) : undefined;
  const resolved = found?.data?.packages["node_modules/pulumi-rtc"]?.resolved;
  if (resolved?.startsWith("file:")) {
    const path = resolve(dirname(modules), resolved.slice("file:".length));
    if (existsSync(path)) return fromPath(path);
  }
  // npm lists nothing of what is installed globally, and other package managers have lists of their own.
  return { source: `^${readOwnPackage().version}`, isAssumed: found?.success !== true };
}

/** npm's list of what a node_modules has. */
const installed = z.object({
  packages: z.record(z.string(), z.looseObject({ resolved: z.string().optional() })),
});

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
  return readFileSync(join(ownFolder(), name), "utf8");
}

function ownFolder(): string {
  return dirname(require.resolve("pulumi-rtc/package.json"));
}

function readOwnPackage(): { version: string; peerDependencies: Record<string, string> } {
  return JSON.parse(readOwn("package.json"));
}

/** Whether the package.json of a folder requires this package. */
export function requiresPackage(folder: string): boolean {
  try {
    const given = requirements.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
    return Object.values(given).some((packages) => packages !== undefined && "pulumi-rtc" in packages);
  } catch {
    return false;
  }
}

const packages = z.record(z.string(), z.unknown()).optional();
const requirements = z.object({ dependencies: packages, devDependencies: packages });

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

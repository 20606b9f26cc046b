/** What a recording's file is. */
export type Format = "mp4" | "ogg" | "mp3" | "hls";

/** Where a recording goes. */
export interface Destination {
  storage: "s3" | "gcp" | "azure" | "local";
  /** Bucket or container; empty for a path on the egress host. */
  bucket: string;
  /** The storage account; Azure only. */
  account: string;
  /** The file, or the playlist of HLS segments, with LiveKit's `{room_name}` and `{time}`. */
  path: string;
  format: Format;
}

const EXTENSIONS: Record<string, Format> = { mp4: "mp4", ogg: "ogg", mp3: "mp3", m3u8: "hls" };
/** Azure's own rules: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
const ACCOUNT = /^([a-z0-9]{3,24}|\{account_name\})$/; // LiveKit lists the latter, and not which account it is
const CONTAINER = /^[a-z0-9$][a-z0-9-]{2,62}$/;
/** The longest address, in characters. */
const LONGEST = 4_096;
const CONTROL = /\p{Cc}/u;
/** A part of a path that leads to its parent. */
const PARENT = /(?:^|[\\/])\.\.(?:[\\/]|$)/;

/** A bucket's name, which becomes a part of a host name or a path. Stores other than Amazon's take more than it does. */
const BUCKET = /^[\w.-]+$/;
/** A path that is most likely an address with a missing colon or slash: `s3//bucket`, `s3:/bucket`. */
const MISSPELLED = /^(s3|gs|gcs|azblob|https?|file)(:|\/\/)/i;
const SCHEMES: Record<string, Destination["storage"]> = { s3: "s3", gs: "gcp", azblob: "azure" };

/**
 * Reads an output address: `s3://bucket/path`, `gs://bucket/path`, `azblob://container@account/path`, or a path on
 * the egress host. The extension picks the format: `.mp4`, `.ogg`, `.mp3` or `.m3u8`; without one the file is
 * named after room and time, `.ogg` for audio and `.mp4` else. No part of a path may be `..`, and nothing in it a
 * control character: the address is where the file goes.
 *
 * @returns the destination, or what is wrong with the address, which is not quoted: it may hold a key
 */
export function parseOutputUri(uri: string, audioOnly: boolean): Destination | string {
  if (uri.length > LONGEST) return `must not be longer than ${LONGEST} bytes`;
  if (CONTROL.test(uri)) return "must not hold control characters";
  if (PARENT.test(uri)) return "must not hold .. as a part of its path";
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(uri) ?? [];
  const storage = scheme === undefined ? "local" : SCHEMES[scheme.toLowerCase()];
  if (!storage || (storage === "local" && MISSPELLED.test(uri)))
    return "must begin with s3://, gs:// or azblob://, or be a path on the egress host";
  const [host = "", ...segments] = storage === "local" ? [""] : rest.split("/");
  if (storage !== "local" && host === "") return "names no bucket";
  const [bucket = "", account = "", ...more] = host.split("@");
  const withAccount = storage === "azure";
  const odd = /[:?]/.test(host) || (storage !== "local" && rest.includes("?"));
  if (more.length > 0 || odd || (account !== "") !== withAccount || (withAccount && bucket === "")) {
    return withAccount
      ? "must be azblob://container@account/path"
      : "must be bucket and path alone: credentials belong into the rtc: configuration";
  }
  if (withAccount && !ACCOUNT.test(account))
    return "names an account that is none: 3 to 24 lower-case letters and digits, without the host behind it";
  if (withAccount ? !CONTAINER.test(bucket) : storage !== "local" && !BUCKET.test(bucket))
    return `names a ${withAccount ? "container" : "bucket"} that cannot be one`;
  const named = withFile(storage === "local" ? uri : segments.join("/"), audioOnly);
  return typeof named === "string" ? named : { storage, bucket, account, ...named };
}

/**
 * Why a room of this name is not recorded: a recorder puts the name into the path of the file, where it must not lead out
 * of the folder. Undefined where it is.
 *
 * @example roomNameProblem("class/1") // undefined
 */
export function roomNameProblem(name: string): string | undefined {
  if (CONTROL.test(name)) return "a room with control characters in its name is not recorded";
  const leadsOut = /^[\\/]/.test(name) || PARENT.test(name);
  return leadsOut
    ? "a room whose name begins with a slash, or has .. as a part, is not recorded: the name is a part of the file's path"
    : undefined;
}

function withFile(path: string, audioOnly: boolean): Pick<Destination, "path" | "format"> | string {
  const extension = /[^/]\.([A-Za-z0-9]+)$/.exec(path)?.[1];
  if (extension === undefined) {
    const format = audioOnly ? "ogg" : "mp4";
    const folder = path === "" || path.endsWith("/") ? path : `${path}/`;
    return { path: `${folder}{room_name}-{time}.${format}`, format };
  }
  const format = EXTENSIONS[extension.toLowerCase()];
  if (!format)
    return `ends in .${extension}: .mp4, .ogg, .mp3 and .m3u8 can be recorded; end a folder with /`;
  if (!audioOnly && (format === "ogg" || format === "mp3"))
    return `.${format} holds audio only: set audioOnly, or record .mp4`;
  return { path, format };
}

/**
 * The same text for addresses that mean the same file. The account of an Azure address is left out: LiveKit does not
 * report it.
 */
export function outputKey(uri: string, audioOnly: boolean): string {
  const destination = parseOutputUri(uri, audioOnly);
  if (typeof destination === "string") return uri;
  return `${destination.storage} ${destination.bucket} ${destination.path}`;
}

/**
 * What is wrong with an address that names a file of the egress host by an absolute path: it must be below the folder of
 * `rtc:recordingOutput`. Whoever chooses an address would else choose any file there. Undefined where nothing is.
 */
export function outsideRoot(uri: string, recordingOutput: string | undefined): string | undefined {
  if (!isAbsolute(uri)) return undefined;
  const root = recordingOutput !== undefined && isAbsolute(recordingOutput) ? recordingOutput : undefined;
  if (root !== undefined && isWithin(uri, root)) return undefined;
  const where = root === undefined ? "and that is no absolute path" : "which it is not";
  return `is an absolute path, and must be below the folder of rtc:recordingOutput (or RTC_RECORDING_OUTPUT), ${where}`;
}

function isAbsolute(uri: string): boolean {
  return /^([\\/]|[A-Za-z]:[\\/])/.test(uri);
}

/** Whether an address is in the folder of another, of the same storage and bucket. */
export function isWithin(uri: string, folder: string): boolean {
  const [inner, outer] = [parseOutputUri(uri, true), parseOutputUri(folder, true)];
  if (typeof inner === "string" || typeof outer === "string") return false;
  const same = (["storage", "bucket", "account"] as const).every((key) => inner[key] === outer[key]);
  return same && inner.path.startsWith(outer.path.slice(0, outer.path.lastIndexOf("/") + 1));
}

/** A folder with its last slash. */
export function asFolder(uri: string): string {
  return uri.endsWith("/") ? uri : `${uri}/`;
}

/** Whether two addresses mean the same file. */
export function sameOutput(a: string, b: string, audioOnly: boolean): boolean {
  return outputKey(a, audioOnly) === outputKey(b, audioOnly);
}

/** Whether a recording is what was asked for. */
export function isLike(
  one: { layout?: string | undefined; audioOnly?: boolean | undefined; outputUri?: string | undefined },
  { layout, audioOnly, outputUri }: { layout: string; audioOnly: boolean; outputUri: string },
): boolean {
  const same = one.layout === layout && one.audioOnly === audioOnly;
  return same && one.outputUri !== undefined && sameOutput(one.outputUri, outputUri, audioOnly);
}

/** Whether each recording gets a file of its own, and no later one of the same room overwrites it. */
export function isUnique(uri: string, audioOnly: boolean): boolean {
  const destination = parseOutputUri(uri, audioOnly);
  return typeof destination === "string" || /\{(time|utc|room_id)\}/.test(destination.path);
}

/** What is wrong with `rtc:recordingOutput` for those who need it; undefined where nothing is. */
export function recordingOutputProblem(output: string | undefined, audioOnly: boolean): string | undefined {
  if (output === undefined) return "no destination: set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)";
  const destination = parseOutputUri(output, audioOnly);
  if (typeof destination === "string") return `rtc:recordingOutput ${destination}`;
  if (isUnique(output, audioOnly)) return undefined;
  return "rtc:recordingOutput is for every recording: it must be a folder (end it with /), or hold {time}";
}

import { posix } from "node:path";

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
/** A path that is most likely a misspelt address: `s3//bucket`, `s3:/bucket`, `az:c@account`, `://bucket`. */
const MISSPELLED = /^(:\/\/|(s3|s3a|gs|gcs|az|azure|azblob|abfss?|wasbs?|arn|https?|file|ftp)([:;]|\/\/))/i;
/** The host of a storage service, which is neither a bucket nor a folder. */
const SERVICE =
  /(^|\.)(amazonaws\.com(\.cn)?|googleapis\.com|digitaloceanspaces\.com|cloudflarestorage\.com|scw\.cloud|wasabisys\.com|backblazeb2\.com|core\.(windows\.net|chinacloudapi\.cn))$/i;
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
  if (uri.trim() !== uri) return "must not begin or end with white space";
  if (PARENT.test(uri)) return "must not hold .. as a part of its path";
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(uri) ?? [];
  const storage = scheme === undefined ? "local" : SCHEMES[scheme.toLowerCase()];
  if (!storage || (storage === "local" && MISSPELLED.test(uri)))
    return "must begin with s3://, gs:// or azblob://, or be a path on the egress host";
  const [host = "", ...segments] = storage === "local" ? [""] : rest.split("/");
  const [first = ""] = storage === "local" ? uri.split("/", 1) : [host];
  if (storage !== "azure" && SERVICE.test(first))
    return "begins with the host of a storage service: write s3://bucket/path, gs://bucket/path or azblob://container@account/path";
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

/** The address of a bucket itself, at services whose own addresses are known: `acme.s3.eu-central-1.amazonaws.com`. */
const OF_BUCKET = /^[\w-]+\.(s3[.-]|[\w-]+\.digitaloceanspaces\.com$)/i;

/**
 * What is wrong with the address of an S3 service; undefined where nothing is. A bucket in it would be added once more. A
 * path of several parts, or a short one, is the service's own, as `/storage/v1/s3` is: a bucket's name has three characters.
 *
 * @example s3EndpointProblem("http://minio:9000") // undefined
 */
export function s3EndpointProblem(address: string): string | undefined {
  const written = "must be the http(s) address of the service alone, as https://minio.example.com:9000";
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return written;
  const { hostname, pathname, username, password, search, hash } = new URL(address);
  if (`${username}${password}${search}${hash}` !== "") return written;
  const isPrivate = hostname.includes(".vpce.");
  const isOfBucket = SERVICE.test(hostname) && OF_BUCKET.test(hostname) && !isPrivate;
  if (isOfBucket || /^\/[^/]{3,}\/?$/.test(pathname))
    return "holds a bucket, which outputUri and rtc:recordingOutput name (s3://bucket/path): leave it out";
  return undefined;
}

/**
 * Why an S3 service most likely cannot be reached by a bucket's own host name; undefined where it can. A name without a dot
 * is one machine or container, and a resolver has no names below it.
 */
export function pathStyleWarning(address: string | undefined, forcePathStyle = false): string | undefined {
  if (forcePathStyle || address === undefined || !URL.canParse(address)) return undefined;
  const { hostname } = new URL(address);
  if (/[.:]/.test(hostname)) return undefined;
  return `rtc:s3Endpoint (or RTC_S3_ENDPOINT) is a host without a domain, and buckets are looked up as bucket.${hostname}: set rtc:s3ForcePathStyle (or RTC_S3_FORCE_PATH_STYLE) to true, unless that name resolves`;
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
  const { storage, bucket, path } = destination;
  // `./out//a` is out/a on a disk, and another object in a bucket.
  return `${storage} ${bucket} ${storage === "local" ? posix.normalize(path) : path}`;
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

/** Whether a recording is what was asked for. Audio has no layout. */
export function isLike(
  one: { layout?: string | undefined; audioOnly?: boolean | undefined; outputUri?: string | undefined },
  { layout, audioOnly, outputUri }: { layout: string; audioOnly: boolean; outputUri: string },
): boolean {
  const same = one.audioOnly === audioOnly && (audioOnly || one.layout === layout);
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

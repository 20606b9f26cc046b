import { z } from "zod";
import { type Issue, invalid } from "./errors";
import { flag } from "./fields";
import { parseOutputUri, s3EndpointProblem } from "./output-uri";
import { problems } from "./parse";

/** The metadata of a configuration key. */
interface About {
  /** What it is for, with its default, in Markdown. */
  description: string;
  /** The environment variable that holds it where the stack's configuration does not. */
  environment: string;
  /** Whether its value is a credential. */
  isSecret?: true;
}

/** The metadata of each key, beside what zod's own registry has for the documents: typed, so that no start parses it. */
const settings = z.registry<About>();

/** Configuration keys by name, without `rtc:`; each is declared with {@link setting}. */
export type ConfigShape = Record<string, z.ZodOptional>;

/** The values of configuration keys. */
export type ConfigOf<Keys extends ConfigShape> = { [Key in keyof Keys]?: z.output<Keys[Key]> };

/** A configuration key, which may be left out. */
export function setting<Value extends z.ZodType>(value: Value, about: About): z.ZodOptional<Value> {
  const key = value.optional();
  z.globalRegistry.add(key, { ...about });
  settings.add(key, about);
  return key;
}

/** The metadata that {@link setting} has attached to a key. */
export function aboutKey(key: z.ZodType): About {
  const about = settings.get(key);
  if (about === undefined) throw new Error("not a configuration key");
  return about;
}

/** A text that is not empty: an empty key would be read from the environment by LiveKit's SDK, where another server's may be. */
export const filledText = z.string({ error: "must be a string" }).min(1, { error: "must not be empty" });

/** A key or a secret. White space or quotes around it come from the file or the command that it was read from. */
export const credential = filledText.superRefine((value, context) => {
  const bare = value.trim();
  const around = [
    ...(value === value.trimStart() ? [] : ["white space at its start"]),
    ...(value === value.trimEnd() ? [] : ["white space at its end"]),
    ...(/^["']/.test(bare) && bare.length > 1 && bare.at(-1) === bare[0] ? ["quotes around it"] : []),
  ];
  if (around.length === 0) return;
  context.addIssue({ code: "custom", message: `has ${around.join(" and ")}: set the value alone` });
});

/** The address of a server. */
export const httpAddress = z.url({ protocol: /^https?$/, error: "must be an http(s) address" });

/** A bearer key goes with every request: never in the clear over a network. */
const gateway = httpAddress.superRefine((value, context) => {
  if (!URL.canParse(value)) return;
  const { protocol, hostname, username, password, search, hash } = new URL(value);
  const report = (message: string) => context.addIssue({ code: "custom", message });
  if (protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
    report(
      "must be https: http would show the key to the network, and is for a gateway on this machine only",
    );
  if (`${username}${password}${search}${hash}` !== "")
    report("must be an address without credentials, query or fragment: the key is rtc:apiKey");
});
const names = z.array(z.string(), { error: "must be a list of names" }).nonempty("must not be empty");
const text = z.string({ error: "must be a string" });
/** Audio may have outputs that video has not. */
const output = text.superRefine((value, context) => {
  const message = parseOutputUri(value, true);
  if (typeof message === "string") context.addIssue({ code: "custom", message });
});
const s3Address = text.superRefine((value, context) => {
  const message = s3EndpointProblem(value);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** Who is asked: which vendors, in which order, or a gateway. */
const whoServes = {
  vendors: setting(names, {
    environment: "RTC_VENDORS",
    description:
      "the vendors that may be used, in the order in which they are considered, by commas. Default: all, in the order of [Vendors](#vendors)",
  }),
  disabledVendors: setting(names, {
    environment: "RTC_DISABLED_VENDORS",
    description: "vendors that are not to be used, by commas",
  }),
};

const storage = {
  recordingOutput: setting(output, {
    environment: "RTC_RECORDING_OUTPUT",
    description:
      "where recordings go that name no `outputUri`, and those of `enableRecording`; absolute paths must be below its folder",
  }),
  s3AccessKeyId: setting(credential, {
    environment: "RTC_S3_ACCESS_KEY_ID",
    description: "for `s3://`; without keys the identity of the machine that records",
    isSecret: true,
  }),
  s3SecretAccessKey: setting(credential, {
    environment: "RTC_S3_SECRET_ACCESS_KEY",
    description: "for `s3://`, with the key's id",
    isSecret: true,
  }),
  s3SessionToken: setting(credential, {
    environment: "RTC_S3_SESSION_TOKEN",
    description: "for `s3://`, where the key is a temporary one",
    isSecret: true,
  }),
  s3Region: setting(text, { environment: "RTC_S3_REGION", description: "the region of the S3 bucket" }),
  s3Endpoint: setting(s3Address, {
    environment: "RTC_S3_ENDPOINT",
    description: "the address of an S3 service other than AWS, with `http(s)://` and without the bucket",
  }),
  s3ForcePathStyle: setting(flag, {
    environment: "RTC_S3_FORCE_PATH_STYLE",
    description: "`true`: the bucket stands in the path and not in the host name",
  }),
  gcpCredentials: setting(text, {
    environment: "RTC_GCP_CREDENTIALS",
    description: "for `gs://`: the JSON of a service account's key",
    isSecret: true,
  }),
  azureAccountKey: setting(credential, {
    environment: "RTC_AZURE_ACCOUNT_KEY",
    description: "for `azblob://`",
    isSecret: true,
  }),
};

/** The keys that are no vendor's. */
export const coreConfig = {
  ...whoServes,
  ...storage,
  forceDestroy: setting(flag, {
    environment: "RTC_FORCE_DESTROY",
    description:
      "`true`: replace and delete occupied rooms, and recordings of them, for a whole teardown. Default: `false`",
  }),
  ownerMark: setting(flag, {
    environment: "RTC_OWNER_MARK",
    description: "`false`: rooms carry no ownership tag, and only `adopt` adopts one. Default: `true`",
  }),
  offlinePreview: setting(flag, {
    environment: "RTC_OFFLINE_PREVIEW",
    description:
      "`true`: a preview asks no vendor what `up` will meet with new resources, as `rtc preview --offline`. Default: `false`",
  }),
  endpoint: setting(gateway, {
    environment: "RTC_ENDPOINT",
    description:
      "the address of a [gateway](#through-a-gateway) to use instead of the vendors: `https://`, or `http://` for one on this machine",
  }),
  // What cannot stand in a header would fail each request, with the key in the message.
  apiKey: setting(credential.regex(/^[\x21-\x7e]+$/, { error: "must be printable ASCII without spaces" }), {
    environment: "RTC_API_KEY",
    description: "the gateway's key",
    isSecret: true,
  }),
} satisfies ConfigShape;

/** Values of the keys that are no vendor's. */
export type CoreConfig = ConfigOf<typeof coreConfig>;

/** The hosted gateway, and the variable whose key alone means it where no vendor and no gateway is configured. */
const HOSTED = { variable: "INFRAI_API_KEY", endpoint: "https://api.infrai.cc" };

/** `rtc:livekitUrl (or LIVEKIT_URL)`: how messages name the keys of a shape. */
export function describing<Keys extends ConfigShape>(keys: Keys): (key: keyof Keys & string) => string {
  return (key) => `rtc:${key} (or ${aboutKey(keys[key] as z.ZodType).environment})`;
}

/** How messages name a key that is no vendor's. */
export const describeKey = describing(coreConfig);

/** The key of a gateway as a message names it: that of the hosted one may have come by a variable of its own. */
export function describeApiKey(endpoint: string): string {
  const others = endpoint === HOSTED.endpoint ? [HOSTED.variable] : [];
  return `rtc:apiKey (or ${[aboutKey(coreConfig.apiKey).environment, ...others].join(", ")})`;
}

/**
 * Whether an environment variable holds a credential: of these keys, of the engine that this package runs in, or one that
 * RTC_SECRET_VARIABLES names, a list of names with `*` for any characters, separated by commas.
 *
 * @example isSecretVariable(coreConfig, "CI_DB_PASSWORD", { RTC_SECRET_VARIABLES: "*_PASSWORD,ACME_TOKEN" }) // true
 */
export function isSecretVariable(keys: ConfigShape, name: string, environment: NodeJS.ProcessEnv): boolean {
  const ours = Object.values(keys).some((key) => {
    const { environment: variable, isSecret } = aboutKey(key);
    return isSecret && variable === name;
  });
  const patterns = (environment["RTC_SECRET_VARIABLES"] ?? "").split(",").map((one) => one.trim());
  return (
    ours ||
    OTHER_SECRETS.has(name) ||
    patterns.some((pattern) => pattern !== "" && isLikePattern(name, pattern))
  );
}

/** Variables of credentials that are no configuration keys. */
const OTHER_SECRETS: ReadonlySet<string> = new Set([
  ...[HOSTED.variable, "RTC_GATEWAY_KEY", "RTC_DRIFT_WEBHOOK"],
  ...["PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN"],
]);

/** Whether a name matches a pattern, in which `*` stands for any characters. */
function isLikePattern(name: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Stack config and variables are texts: what a key takes decides how its text is read. */
function fromText(key: z.ZodOptional, value: string): unknown {
  switch (key.unwrap()._zod.def.type) {
    case "string":
    case "enum":
      return value;
    case "array":
      return value.trim().startsWith("[") ? fromJson(value) : value.split(",").map((name) => name.trim());
    default:
      return fromJson(value.trim());
  }
}

/** Where the values of configuration keys come from. */
export interface ConfigSources {
  /** What code was given goes before all else. */
  given?: Record<string, unknown>;
  /** Reads a key of the stack's configuration, e.g. `livekitUrl`. */
  stack?: (key: string) => string | undefined;
  environment?: NodeJS.ProcessEnv;
}

/**
 * Reads the configuration: what is given first, then the stack's configuration, then the environment. Nothing else is read;
 * INFRAI_API_KEY, the hosted gateway's key, only where neither a vendor nor a gateway is configured.
 *
 * @param vendors the keys of each vendor
 * @throws INVALID_ARGUMENT with every problem, each under the key or variable that it came from, and no value
 */
export function configFrom(
  vendors: readonly ConfigShape[],
  { given = {}, stack = () => undefined, environment = process.env }: ConfigSources,
): Record<string, unknown> {
  const ofVendors: ConfigShape = Object.assign({}, ...vendors);
  const keys: ConfigShape = { ...ofVendors, ...coreConfig };
  const found: Record<string, unknown> = { ...given };
  const source: Record<string, string> = {};
  for (const [name, key] of Object.entries(keys)) {
    if (given[name] !== undefined) continue;
    const { environment: variable } = aboutKey(key);
    const fromStack = stack(name);
    const value = fromStack ?? environment[variable];
    if (value === undefined || value === "") continue;
    found[name] = fromText(key, value);
    source[name] = fromStack === undefined ? variable : `rtc:${name}`;
  }
  const hosted = environment[HOSTED.variable];
  const whereKeys = [...Object.keys(ofVendors), "endpoint", "apiKey"];
  if (hosted && !whereKeys.some((name) => found[name] !== undefined)) {
    Object.assign(found, { endpoint: HOSTED.endpoint, apiKey: hosted });
    source["apiKey"] = HOSTED.variable;
  }
  const issues: Issue[] = problems(z.strictObject(keys), found).map(({ path, message }) => {
    const [name = "", ...rest] = path.split(/(?=[.[])/);
    return { path: `${source[name] ?? name}${rest.join("")}`, message };
  });
  if (found["apiKey"] !== undefined && found["endpoint"] === undefined) {
    const message = `is the key of a gateway, and none is named: set ${describeKey("endpoint")}`;
    issues.push({ path: source["apiKey"] ?? "apiKey", message });
  }
  if (issues.length > 0) throw invalid("the configuration", issues);
  return found;
}

import { z } from "zod";
import { type Issue, invalid } from "./errors";
import { flag, type Shape } from "./fields";
import type { ConfigKey, RtcConfig } from "./inputs";
import { problems } from "./parse";

// An empty key would be looked up in the environment by LiveKit's SDK, where another server's may be.
const key = z.string({ error: "must be a string" }).min(1, { error: "must not be empty" });
const deployment = z.strictObject(
  { url: key, apiKey: key, apiSecret: key },
  { error: "must be an object of url, apiKey and apiSecret" },
);
const address = z.url({ protocol: /^https?$/, error: "must be an http(s) address" });
/** A bearer key goes with every request: never in the clear over a network. */
const gateway = address.superRefine((value, context) => {
  if (!URL.canParse(value)) return;
  const { protocol, hostname, username, password, search, hash } = new URL(value);
  const tell = (message: string) => context.addIssue({ code: "custom", message });
  if (protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
    tell("must be https: http would show the key to the network, and is for a gateway on this machine only");
  if (`${username}${password}${search}${hash}` !== "")
    tell("must be an address without credentials, query or fragment: the key is rtc:apiKey");
});
const names = z.array(z.string(), { error: "must be a list of names" }).nonempty("must not be empty");

const rtcConfig = z.strictObject({
  livekitUrl: z.string().optional(),
  livekitApiKey: z.string().optional(),
  livekitApiSecret: z.string().optional(),
  livekitRegions: z
    .record(z.string(), deployment, { error: "must be a JSON object of deployments by region" })
    .optional(),
  agoraAppId: key.optional(),
  agoraAppCertificate: key.optional(),
  agoraCustomerId: key.optional(),
  agoraCustomerSecret: key.optional(),
  agoraBaseUrl: address.optional(),
  zegoAppId: z.int({ error: "must be a whole number" }).positive({ error: "must be positive" }).optional(),
  zegoServerSecret: key.optional(),
  zegoTokenFormat: z.enum(["cbc", "gcm"], { error: "must be cbc or gcm" }).optional(),
  zegoBaseUrl: address.optional(),
  vendors: names.optional(),
  disabledVendors: names.optional(),
  recordingOutput: z.string().optional(),
  s3AccessKeyId: z.string().optional(),
  s3SecretAccessKey: z.string().optional(),
  s3SessionToken: z.string().optional(),
  s3Region: z.string().optional(),
  s3Endpoint: z.string().optional(),
  s3ForcePathStyle: flag.optional(),
  gcpCredentials: z.string().optional(),
  azureAccountKey: z.string().optional(),
  forceDestroy: flag.optional(),
  ownerMark: flag.optional(),
  endpoint: gateway.optional(),
  // What cannot stand in a header would fail each request, with the key in the message.
  apiKey: key.regex(/^[\x21-\x7e]+$/, { error: "must be printable ASCII without spaces" }).optional(),
} satisfies Shape<RtcConfig>);

/** The environment variable of each key. */
export const ENVIRONMENT: Record<ConfigKey, string> = {
  livekitUrl: "LIVEKIT_URL",
  livekitApiKey: "LIVEKIT_API_KEY",
  livekitApiSecret: "LIVEKIT_API_SECRET",
  livekitRegions: "RTC_LIVEKIT_REGIONS",
  agoraAppId: "AGORA_APP_ID",
  agoraAppCertificate: "AGORA_APP_CERTIFICATE",
  agoraCustomerId: "AGORA_CUSTOMER_ID",
  agoraCustomerSecret: "AGORA_CUSTOMER_SECRET",
  agoraBaseUrl: "AGORA_BASE_URL",
  zegoAppId: "ZEGO_APP_ID",
  zegoServerSecret: "ZEGO_SERVER_SECRET",
  zegoTokenFormat: "ZEGO_TOKEN_FORMAT",
  zegoBaseUrl: "ZEGO_BASE_URL",
  vendors: "RTC_VENDORS",
  disabledVendors: "RTC_DISABLED_VENDORS",
  recordingOutput: "RTC_RECORDING_OUTPUT",
  s3AccessKeyId: "RTC_S3_ACCESS_KEY_ID",
  s3SecretAccessKey: "RTC_S3_SECRET_ACCESS_KEY",
  s3SessionToken: "RTC_S3_SESSION_TOKEN",
  s3Region: "RTC_S3_REGION",
  s3Endpoint: "RTC_S3_ENDPOINT",
  s3ForcePathStyle: "RTC_S3_FORCE_PATH_STYLE",
  gcpCredentials: "RTC_GCP_CREDENTIALS",
  azureAccountKey: "RTC_AZURE_ACCOUNT_KEY",
  forceDestroy: "RTC_FORCE_DESTROY",
  ownerMark: "RTC_OWNER_MARK",
  endpoint: "RTC_ENDPOINT",
  apiKey: "RTC_API_KEY",
};

/** The keys whose values are credentials. */
const CREDENTIALS: readonly ConfigKey[] = [
  ...(["livekitApiKey", "livekitApiSecret", "livekitRegions"] as const),
  ...(["agoraAppCertificate", "agoraCustomerId", "agoraCustomerSecret", "zegoServerSecret"] as const),
  ...(["s3AccessKeyId", "s3SecretAccessKey", "s3SessionToken", "gcpCredentials", "azureAccountKey"] as const),
  "apiKey",
];

/** The hosted gateway, and the variable whose key alone means it where no vendor and no gateway is configured. */
const HOSTED = { variable: "INFRAI_API_KEY", endpoint: "https://api.infrai.cc" };
/** Variables that hold a credential of this package, or of the engine that it runs in. */
const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  ...CREDENTIALS.map((key) => ENVIRONMENT[key]),
  ...[HOSTED.variable, "RTC_GATEWAY_KEY", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN"],
]);

/**
 * Whether an environment variable holds a credential: one of this package, or one that RTC_SECRET_VARIABLES names, a list
 * of names with `*` for any characters, separated by commas.
 *
 * @example isSecretVariable("CI_DB_PASSWORD", { RTC_SECRET_VARIABLES: "*_PASSWORD,ACME_TOKEN" }) // true
 */
export function isSecretVariable(name: string, environment: NodeJS.ProcessEnv): boolean {
  const patterns = (environment["RTC_SECRET_VARIABLES"] ?? "").split(",").map((one) => one.trim());
  return SECRET_VARIABLES.has(name) || patterns.some((pattern) => pattern !== "" && fits(name, pattern));
}

/** Whether a name is as a pattern says, in which `*` stands for any characters. */
function fits(name: string, pattern: string): boolean {
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

/** What configures a vendor. */
const OF_A_VENDOR = /^(livekit|agora|zego)/;

/** `rtc:livekitUrl (or LIVEKIT_URL)`: a key as a message names it. */
export function describeKey(key: ConfigKey): string {
  return `rtc:${key} (or ${ENVIRONMENT[key]})`;
}

/** The key of a gateway as a message names it: that of the hosted one may have come by a variable of its own. */
export function describeApiKey(endpoint: string): string {
  const others = endpoint === HOSTED.endpoint ? [HOSTED.variable] : [];
  return `rtc:apiKey (or ${[ENVIRONMENT.apiKey, ...others].join(", ")})`;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Stack config and variables are texts; a key's schema decides how its text is read. */
function fromText(key: ConfigKey, text: string): unknown {
  switch (key) {
    case "livekitUrl":
    case "livekitApiKey":
    case "livekitApiSecret":
    case "agoraAppId":
    case "agoraAppCertificate":
    case "agoraCustomerId":
    case "agoraCustomerSecret":
    case "agoraBaseUrl":
    case "zegoServerSecret":
    case "zegoTokenFormat":
    case "zegoBaseUrl":
    case "recordingOutput":
    case "s3AccessKeyId":
    case "s3SecretAccessKey":
    case "s3SessionToken":
    case "s3Region":
    case "s3Endpoint":
    case "gcpCredentials":
    case "azureAccountKey":
    case "endpoint":
    case "apiKey":
      return text;
    case "vendors":
    case "disabledVendors":
      return text.trim().startsWith("[") ? fromJson(text) : text.split(",").map((name) => name.trim());
    case "livekitRegions":
    case "zegoAppId":
    case "s3ForcePathStyle":
    case "forceDestroy":
    case "ownerMark":
      return fromJson(text.trim());
  }
}

/**
 * Reads the configuration: what `given` holds first, then stack config, then the environment. Nothing else is read;
 * INFRAI_API_KEY, the hosted gateway's key, only where neither a vendor nor a gateway is configured.
 *
 * @param stack looks a key up in the stack config, e.g. `livekitUrl`
 * @throws INVALID_ARGUMENT with every problem, each under the key or variable that it came from, and no value
 */
export function readConfig(
  given: RtcConfig,
  stack: (key: ConfigKey) => string | undefined = () => undefined,
  environment: NodeJS.ProcessEnv = process.env,
): RtcConfig {
  const found: Record<string, unknown> = { ...given };
  const source: Record<string, string> = {};
  for (const key of Object.keys(ENVIRONMENT) as ConfigKey[]) {
    if (given[key] !== undefined) continue;
    const fromStack = stack(key);
    const text = fromStack ?? environment[ENVIRONMENT[key]];
    if (text === undefined || text === "") continue;
    found[key] = fromText(key, text);
    source[key] = fromStack === undefined ? ENVIRONMENT[key] : `rtc:${key}`;
  }
  const hosted = environment[HOSTED.variable];
  if (hosted && !Object.keys(found).some((key) => isWhere(key) && found[key] !== undefined)) {
    Object.assign(found, { endpoint: HOSTED.endpoint, apiKey: hosted });
    source["apiKey"] = HOSTED.variable;
  }
  const issues: Issue[] = problems(rtcConfig, found).map(({ path, message }) => {
    const [key = "", ...rest] = path.split(/(?=[.[])/);
    return { path: `${source[key] ?? key}${rest.join("")}`, message };
  });
  if (found["apiKey"] !== undefined && found["endpoint"] === undefined) {
    const message = `is the key of a gateway, and none is named: set ${describeKey("endpoint")}`;
    issues.push({ path: source["apiKey"] ?? "apiKey", message });
  }
  if (issues.length > 0) throw invalid("the configuration", issues);
  return found as RtcConfig;
}

/** Whether a key says who serves the rooms. */
function isWhere(key: string): boolean {
  return OF_A_VENDOR.test(key) || key === "endpoint" || key === "apiKey";
}

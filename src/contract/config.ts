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
};

/** `rtc:livekitUrl (or LIVEKIT_URL)`: a key as a message names it. */
export function describeKey(key: ConfigKey): string {
  return `rtc:${key} (or ${ENVIRONMENT[key]})`;
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
 * Reads the configuration: what `given` holds first, then stack config, then the environment. Nothing else is read.
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
  const issues: Issue[] = problems(rtcConfig, found).map(({ path, message }) => {
    const [key = "", ...rest] = path.split(/(?=[.[])/);
    return { path: `${source[key] ?? key}${rest.join("")}`, message };
  });
  if (issues.length > 0) throw invalid("the configuration", issues);
  return found as RtcConfig;
}

import { describe, expect, it } from "vitest";
import { CONFIG_KEYS, type ConfigKey, ENVIRONMENT, readConfig } from "../../../src/client/config.ts";
import { newClient as createClient } from "../../../src/client/create.ts";
import {
  configFrom,
  coreConfig,
  filledText,
  pathStyleWarning,
  setting,
} from "../../../src/contract/index.ts";
import { describeKey } from "../../../src/vendors/livekit/config.ts";

/** Reads stack config and environment, as a program does. */
const read = (stack: Partial<Record<ConfigKey, string>>, environment: Record<string, string> = {}) =>
  readConfig({}, (key) => stack[key as ConfigKey], environment);

const issuesOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("the configuration", () => {
  it("is what was given first, then the stack's, then the environment's, key by key", () => {
    const environment = { LIVEKIT_URL: "ws://env", LIVEKIT_API_KEY: "env", LIVEKIT_API_SECRET: "env" };
    const stack = (key: string) => ({ livekitApiKey: "stack", livekitApiSecret: "stack" })[key];
    expect(readConfig({ livekitApiSecret: "given" }, stack, environment)).toEqual({
      livekitUrl: "ws://env",
      livekitApiKey: "stack",
      livekitApiSecret: "given",
    });
  });

  it("reads every key from its variable", () => {
    const environment = {
      LIVEKIT_URL: "wss://rtc.example",
      LIVEKIT_API_KEY: "key",
      LIVEKIT_API_SECRET: "secret",
      RTC_LIVEKIT_REGIONS: '{"eu":{"url":"wss://eu.example","apiKey":"k","apiSecret":"s"}}',
      AGORA_APP_ID: "970ca35de60c44645bbae8a215061b33",
      AGORA_APP_CERTIFICATE: "5cfd2fd1755d40ecb72977518be15d3b",
      AGORA_CUSTOMER_ID: "12345",
      AGORA_CUSTOMER_SECRET: "true",
      AGORA_BASE_URL: "https://api.sd-rtn.com",
      ZEGO_APP_ID: "1234567890",
      ZEGO_SERVER_SECRET: "12345678901234567890123456789012",
      ZEGO_TOKEN_FORMAT: "gcm",
      ZEGO_BASE_URL: "http://127.0.0.1:8080",
      RTC_VENDORS: "livekit, agora",
      RTC_DISABLED_VENDORS: '["zego"]',
      RTC_RECORDING_OUTPUT: "s3://acme/",
      RTC_S3_ACCESS_KEY_ID: "AKIA",
      RTC_S3_SECRET_ACCESS_KEY: "12345678",
      RTC_S3_SESSION_TOKEN: "true",
      RTC_S3_REGION: "eu-central-1",
      RTC_S3_ENDPOINT: "https://minio.example",
      RTC_S3_FORCE_PATH_STYLE: "true",
      RTC_GCP_CREDENTIALS: '{"type":"service_account"}',
      RTC_AZURE_ACCOUNT_KEY: "bm9uZQ==",
      RTC_FORCE_DESTROY: "true",
      RTC_OWNER_MARK: " false ",
      RTC_OFFLINE_PREVIEW: "true",
      RTC_ENDPOINT: "https://gateway.example",
      RTC_API_KEY: "gateway-key",
    };
    const known = Object.entries(ENVIRONMENT).filter(([key]) => key in coreConfig || key in environment);
    expect(Object.keys(environment)).toEqual(expect.arrayContaining(known.map(([, variable]) => variable)));
    expect(read({}, environment)).toEqual({
      livekitUrl: "wss://rtc.example",
      livekitApiKey: "key",
      livekitApiSecret: "secret",
      livekitRegions: { eu: { url: "wss://eu.example", apiKey: "k", apiSecret: "s" } },
      agoraAppId: "970ca35de60c44645bbae8a215061b33",
      agoraAppCertificate: "5cfd2fd1755d40ecb72977518be15d3b",
      agoraCustomerId: "12345",
      agoraCustomerSecret: "true",
      agoraBaseUrl: "https://api.sd-rtn.com",
      zegoAppId: 1234567890,
      zegoServerSecret: "12345678901234567890123456789012",
      zegoTokenFormat: "gcm",
      zegoBaseUrl: "http://127.0.0.1:8080",
      vendors: ["livekit", "agora"],
      disabledVendors: ["zego"],
      recordingOutput: "s3://acme/",
      s3AccessKeyId: "AKIA",
      s3SecretAccessKey: "12345678",
      s3SessionToken: "true",
      s3Region: "eu-central-1",
      s3Endpoint: "https://minio.example",
      s3ForcePathStyle: true,
      gcpCredentials: '{"type":"service_account"}',
      azureAccountKey: "bm9uZQ==",
      forceDestroy: true,
      ownerMark: false,
      offlinePreview: true,
      endpoint: "https://gateway.example",
      apiKey: "gateway-key",
    });
  });

  it("reads nothing else", () => {
    const credentials = {
      ...{ AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x", AWS_SESSION_TOKEN: "x", AWS_REGION: "x" },
      ...{ GOOGLE_APPLICATION_CREDENTIALS: "x", GOOGLE_CREDENTIALS: "x" },
      ...{ AZURE_STORAGE_ACCOUNT: "x", AZURE_STORAGE_KEY: "x", S3_ACCESS_KEY_ID: "x" },
    };
    const environment = { ...credentials, RTC_ANYTHING: "x", LIVEKIT_KEYS: "x" };
    expect(read({}, environment)).toEqual({});
  });

  it("takes an empty variable for one that is not set", () => {
    expect(read({}, { LIVEKIT_URL: "", RTC_FORCE_DESTROY: "" })).toEqual({});
  });

  it("does not turn a numeric key into a number", () => {
    expect(read({ livekitApiSecret: "12345", livekitApiKey: "true" })).toEqual({
      livekitApiSecret: "12345",
      livekitApiKey: "true",
    });
  });

  it("reports every problem at once, under the key or variable that it came from, and no value", () => {
    const secret = "hunter2";
    const regions = JSON.stringify({ eu: { url: "wss://eu.example", apiKey: secret, apiSecert: secret } });
    const stack = { forceDestroy: secret, vendors: "[]", s3ForcePathStyle: secret };
    const variables = { ZEGO_APP_ID: secret, ZEGO_TOKEN_FORMAT: secret, AGORA_BASE_URL: secret };
    const environment = { RTC_LIVEKIT_REGIONS: regions, RTC_OWNER_MARK: secret, ...variables };
    const error = issuesOf(() => read(stack, environment));
    expect(error).toMatchObject({
      code: "INVALID_ARGUMENT",
      issues: expect.arrayContaining([
        expect.objectContaining({ path: "rtc:forceDestroy" }),
        expect.objectContaining({ path: "rtc:vendors" }),
        { path: "rtc:s3ForcePathStyle", message: "must be true or false" },
        expect.objectContaining({ path: "RTC_OWNER_MARK" }),
        { path: "ZEGO_APP_ID", message: "must be a whole number" },
        { path: "ZEGO_TOKEN_FORMAT", message: "must be cbc or gcm" },
        { path: "AGORA_BASE_URL", message: "must be an http(s) address" },
        expect.objectContaining({ path: "RTC_LIVEKIT_REGIONS.eu.apiSecret" }),
        { path: "RTC_LIVEKIT_REGIONS.eu.apiSecert", message: "is not known; did you mean apiSecret?" },
      ]),
    });
    expect(String(error)).not.toContain(secret);
  });

  it.each([
    ["LIVEKIT_API_SECRET", "hush-hush\n", "white space at its end"],
    ["LIVEKIT_API_KEY", " hush-hush", "white space at its start"],
    ["ZEGO_SERVER_SECRET", '"hush-hush"', "quotes around it"],
    [
      "RTC_S3_SECRET_ACCESS_KEY",
      " 'hush-hush'\n",
      "white space at its start and white space at its end and quotes",
    ],
    ["AGORA_CUSTOMER_SECRET", "hush-hush\t", "white space at its end"],
    ["RTC_AZURE_ACCOUNT_KEY", "hush-hush\r\n", "white space at its end"],
  ])("rejects a %s with what is not part of it around it, and shows no value", (variable, value, what) => {
    const error = issuesOf(() => read({}, { [variable]: value }));
    expect(error).toMatchObject({ issues: [{ path: variable, message: expect.stringContaining(what) }] });
    expect(String(error)).not.toContain("hush");
  });

  it("takes the JSON of a key's file with the line break at its end, and a secret that has a quote in it", () => {
    const given = { gcpCredentials: '{"type":"service_account"}\n', livekitApiSecret: 'it\'s "a" secret' };
    expect(read(given)).toEqual(given);
  });

  it("rejects a region's secret with a line break, naming the region", () => {
    const regions = JSON.stringify({ eu: { url: "wss://eu.example", apiKey: "k", apiSecret: "hush\n" } });
    expect(issuesOf(() => read({ livekitRegions: regions }))).toMatchObject({
      issues: [{ path: "rtc:livekitRegions.eu.apiSecret", message: expect.stringContaining("white space") }],
    });
  });

  it("rejects a region with an empty key, for which the SDK would take another server's from the environment", () => {
    const regions = JSON.stringify({ eu: { url: "wss://eu.example", apiKey: "", apiSecret: "s" } });
    const error = issuesOf(() => read({ livekitRegions: regions }));
    expect(error).toMatchObject({
      issues: [{ path: "rtc:livekitRegions.eu.apiKey", message: "must not be empty" }],
    });
  });

  it("reports a wrong key that was given in code by its own name", () => {
    const given = { livekitUrl: "ws://x", livekitUrI: "ws://y" };
    const error = issuesOf(() => readConfig(given, undefined, {}));
    expect(error).toMatchObject({
      issues: [{ path: "livekitUrI", message: "is not known; did you mean livekitUrl?" }],
    });
  });

  it.each([
    ["minio:9000", "must be the http(s) address of the service alone"],
    ["minio.example.com", "must be the http(s) address of the service alone"],
    ["s3://acme", "must be the http(s) address of the service alone"],
    ["https://user:hush@minio.example", "must be the http(s) address of the service alone"],
    ["http://minio:9000/acme", "holds a bucket"],
    ["https://account.r2.cloudflarestorage.com/acme/", "holds a bucket"],
    ["https://acme.s3.eu-central-1.amazonaws.com", "holds a bucket"],
    ["https://acme.fra1.digitaloceanspaces.com", "holds a bucket"],
  ])("rejects the S3 endpoint %s", (s3Endpoint, why) => {
    const error = issuesOf(() => read({ s3Endpoint }));
    expect(error).toMatchObject({
      issues: [{ path: "rtc:s3Endpoint", message: expect.stringContaining(why) }],
    });
    expect(String(error)).not.toContain("hush");
  });

  it("rejects an output that is no destination, of audio or video", () => {
    expect(issuesOf(() => read({ recordingOutput: "s3//acme/" }))).toMatchObject({
      issues: [{ path: "rtc:recordingOutput", message: expect.stringContaining("must begin with s3://") }],
    });
    for (const recordingOutput of ["out/", "s3://acme/{room_name}-{time}.ogg", "gs://acme/x.mp4"])
      expect(read({ recordingOutput })).toEqual({ recordingOutput });
  });

  it.each([
    "http://minio:9000",
    "https://minio.example/",
    "https://s3.eu-central-1.amazonaws.com",
    "https://vpce-1a2b.s3.eu-central-1.vpce.amazonaws.com",
    "https://project.supabase.co/storage/v1/s3",
    "https://proxy.example/s3",
    "https://fra1.digitaloceanspaces.com",
  ])("takes the S3 endpoint %s", (s3Endpoint) => {
    expect(read({ s3Endpoint })).toEqual({ s3Endpoint });
  });

  it("is warned of where buckets are resolved below a host without a domain", () => {
    expect(pathStyleWarning("http://minio:9000")).toContain("bucket.minio: set rtc:s3ForcePathStyle");
    expect(pathStyleWarning("http://minio:9000", true)).toBeUndefined();
    for (const address of [undefined, "https://minio.example", "http://10.0.0.1:9000", "http://[::1]:9000"])
      expect(pathStyleWarning(address), String(address)).toBeUndefined();
  });

  it("names the vendor that was meant", () => {
    expect(() => createClient({ vendors: ["livkit"] })).toThrow(
      "livkit is not a vendor of this version; did you mean livekit?",
    );
  });

  it("is named in messages as users set it", () => {
    expect(describeKey("livekitUrl")).toBe("rtc:livekitUrl (or LIVEKIT_URL)");
  });
});

/** Values of which each key takes one. */
const VALUES: readonly unknown[] = ["https://vendor.example", {}, 7, "cbc", true, ["a"]];

describe("the configuration of a gateway", () => {
  const gateway = { endpoint: "https://rtc.example", apiKey: "key" };

  it("is an address and a key, from the stack or the environment", () => {
    expect(read(gateway)).toEqual(gateway);
    expect(read({}, { RTC_ENDPOINT: gateway.endpoint, RTC_API_KEY: "key" })).toEqual(gateway);
  });

  it("is the hosted one where its key is all that there is", () => {
    const hosted = { INFRAI_API_KEY: "key" };
    expect(read({}, hosted)).toEqual({ endpoint: "https://api.infrai.cc", apiKey: "key" });
    for (const other of [{ livekitUrl: "wss://live.example" }, { agoraAppId: "a" }, gateway])
      expect(read(other, hosted), "something else is configured").toEqual(other);
    expect(read({ forceDestroy: "true" }, hosted), "no vendor").toMatchObject({ apiKey: "key" });
  });

  it.each(Object.keys(CONFIG_KEYS).filter((key) => !(key in coreConfig)))(
    "is not the hosted one where %s is configured",
    (key) => {
      const value = VALUES.find((one) => CONFIG_KEYS[key]?.safeParse(one).success);
      const given = { [key]: value };
      expect(value, "a value that the key takes").toBeDefined();
      expect(readConfig(given, undefined, { INFRAI_API_KEY: "key" })).toEqual(given);
    },
  );

  it("is not the hosted one where a vendor is configured that this test does not list", () => {
    const daily = {
      dailyKey: setting(filledText, { environment: "DAILY_KEY", description: "its key", isSecret: true }),
    };
    const environment = { DAILY_KEY: "daily", INFRAI_API_KEY: "key" };
    expect(configFrom([daily], { environment })).toEqual({ dailyKey: "daily" });
  });

  it.each(["http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:1", "https://rtc.example/base"])(
    "takes %s",
    (endpoint) => {
      expect(read({ ...gateway, endpoint })).toMatchObject({ endpoint });
    },
  );

  it.each([
    ["rtc.example", "must be an http(s) address"],
    ["wss://rtc.example", "must be an http(s) address"],
    ["http://rtc.example", "must be https"],
    ["http://localhost.evil.example", "must be https"],
    ["https://user:hush@rtc.example", "without credentials"],
    ["https://rtc.example?key=hush", "without credentials"],
  ])("rejects %s", (endpoint, why) => {
    const error = issuesOf(() => read({ ...gateway, endpoint }));
    expect(error).toMatchObject({ issues: [{ path: "rtc:endpoint" }] });
    expect(String(error)).toContain(why);
    expect(String(error)).not.toContain("hush");
  });

  it("rejects a key without an address, and one that is no header", () => {
    expect(issuesOf(() => read({}, { RTC_API_KEY: "key" }))).toMatchObject({
      issues: [
        { path: "RTC_API_KEY", message: expect.stringContaining("set rtc:endpoint (or RTC_ENDPOINT)") },
      ],
    });
    expect(issuesOf(() => read({ ...gateway, apiKey: "a\nb" }))).toMatchObject({
      issues: [{ path: "rtc:apiKey" }],
    });
  });
});

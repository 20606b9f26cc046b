import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { checkDeclared, explicitProblems } from "../../../src/cli/stack/checked.ts";
import { readConfig } from "../../../src/client/config.ts";
import { clientOf } from "../../../src/client/create.ts";
import { everyVendor } from "../../../src/client/vendors.ts";
import { RtcError } from "../../../src/contract/index.ts";
import { readManifest } from "../../../src/manifest/parse.ts";

const schema = new Ajv({ strict: false }).compile(
  JSON.parse(readFileSync(join(__dirname, "../../../schema/rtc.schema.json"), "utf8")),
);
const CONFIG = {
  ...{ livekitUrl: "ws://127.0.0.1:1", livekitApiKey: "key" },
  livekitApiSecret: "secret-of-at-least-thirty-two-bytes",
  livekitRegions: {
    eu: { url: "ws://127.0.0.1:2", apiKey: "key", apiSecret: "secret-of-at-least-32-bytes-too" },
  },
  ...{ agoraAppId: "0".repeat(32), agoraAppCertificate: "1".repeat(32) },
  ...{ zegoAppId: 12345, zegoServerSecret: "2".repeat(32), recordingOutput: "s3://acme/" },
};
const config = readConfig(CONFIG as never, () => undefined, {});
const client = clientOf(config);
const engine = { name: "dev", project: "acme", settings: () => config, client: () => client };

/** What each of those that validate a manifest finds; empty where it is right. */
function verdicts(manifest: object) {
  const problems = { validate: [] as string[], schema: [] as string[], check: [] as string[] };
  schema(manifest);
  problems.schema = (schema.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
  try {
    const vendors = Object.keys(everyVendor);
    const text = stringify(manifest, { aliasDuplicateObjects: false });
    const read = readManifest(text, "rtc.yaml", { environment: {}, vendors });
    problems.validate = explicitProblems(config, read.manifest).map(
      ({ path, message }) => `${path.join(".")}: ${message}`,
    );
    const checked = checkDeclared(engine, read.manifest, { rooms: {}, recordings: {} }, []);
    problems.check = checked.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
  } catch (error) {
    if (!RtcError.isInstance(error)) throw error;
    problems.validate = (error.issues ?? []).map(({ path, message }) => `${path}: ${message}`);
  }
  return problems;
}

/** A field that is mostly right, if it is there. */
const mostly = (right: unknown[], wrong: unknown[]) =>
  fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 20 },
    { arbitrary: fc.constantFrom(...right), weight: 20 },
    { arbitrary: fc.constantFrom(...wrong), weight: 1 },
  );
const names = fc.constantFrom("a", "b", "c");
const room = fc.record({
  name: mostly(
    ["a", "b", "x y", "../x", "a/b", "größe", ":", "x".repeat(65)],
    ["", "x".repeat(300), "é".repeat(130), 5],
  ),
  vendor: mostly(["livekit", "agora", "zego"], ["livkit", ""]),
  region: mostly(["eu", "us", "sha"], ["", 5]),
  maxParticipants: mostly([1, 2 ** 32 - 1], [0, -1, 1.5, 2 ** 32, "5", true, null]),
  emptyTimeoutSeconds: mostly([1, 2 ** 32 - 2], [0, 2 ** 32 - 1, "10m"]),
  metadata: mostly([{}, { a: 1 }, { a: { b: null } }], [{ $owner: "x" }, [], "text"]),
  enableRecording: mostly([true, false], ["yes"]),
  adopt: mostly([true], [1]),
  forceDestroy: mostly([false], ["no"]),
  protect: mostly([true], ["no"]),
  count: mostly([1, 2], [0, 10_001]),
});
const recording = fc.record({
  room: fc.oneof({ arbitrary: names, weight: 20 }, { arbitrary: fc.constantFrom("nowhere", ""), weight: 1 }),
  vendor: mostly(["livekit", "agora", "zego"], ["livkit"]),
  layout: mostly(["grid", "speaker-dark"], ["mosaic"]),
  audioOnly: mostly([true, false], ["yes"]),
  outputUri: mostly(
    [
      "s3://acme/",
      "s3://acme/x.mp4",
      "s3://acme/x.ogg",
      "out/",
      "/abs/x",
      "s3://acme/{time}.mp4",
      "azblob://c@account/",
    ],
    ["s3//acme", "../x", "x.txt", "", "gs://", " x"],
  ),
  restartPolicy: mostly(["never", "always", "onFailure"], ["sometimes"]),
  metadata: mostly([{ a: 1 }], ["text"]),
});
const clean = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
const manifests = fc
  .record({
    rooms: fc.dictionary(names, room.map(clean), { minKeys: 1, maxKeys: 3 }),
    recordings: fc.dictionary(names, recording.map(clean), { maxKeys: 2 }),
  })
  .map((rest) => ({ apiVersion: "rtc/v1", project: "acme", ...rest }));

/** Which vendor has a room that names none is up to the configuration and the state. */
const explicit = manifests.map((manifest) => ({ ...manifest, defaults: { rooms: { vendor: "livekit" } } }));
/** What else only these decide. */
const LATER = /has no region|declared twice|recorded twice|rtc:recordingOutput/;

describe("A manifest has one verdict", () => {
  it("what the editor's schema rejects, rtc validate rejects", () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const { validate, schema: wrong } = verdicts(manifest);
        if (validate.length === 0) expect(wrong).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("what check rejects of a manifest that rtc validate accepts, depends on the configuration or the state", () => {
    fc.assert(
      fc.property(explicit, (manifest) => {
        const { validate, check } = verdicts(manifest);
        if (validate.length === 0) expect(check.filter((one) => !LATER.test(one))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

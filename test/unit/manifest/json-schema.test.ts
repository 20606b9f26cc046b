import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { jsonSchemas } from "../../../scripts/lib/json-schema.mts";
import { manifestSchema } from "../../../src/manifest/schema.ts";
import { registry } from "../../../src/vendors/registry.ts";
import { HEAD } from "./fixture.ts";

const repo = join(__dirname, "../../..");
const shipped = (name: string) => JSON.parse(readFileSync(join(repo, "schema", name), "utf8"));
const ajv = new Ajv({ strict: false });
const manifest = ajv.compile(shipped("rtc.schema.json"));
const overlay = ajv.compile(shipped("rtc.overlay.schema.json"));

describe("the JSON Schemas that are shipped", () => {
  it("agree with the sources; `npm run docs` updates them", () => {
    for (const [name, schema] of Object.entries(jsonSchemas(manifestSchema, Object.keys(registry))))
      expect(shipped(name), name).toEqual(schema);
  });

  it("are of the draft that YAML editors read, and describe each field", () => {
    expect(shipped("rtc.schema.json").$schema).toContain("draft-07");
    const rooms =
      shipped("rtc.schema.json").properties.rooms.anyOf[0].additionalProperties.anyOf[0].properties;
    for (const [name, { description }] of Object.entries<{ description?: string }>(rooms))
      expect(description, name).toMatch(/\w{3}/);
  });

  it("take the manifest of this repository, and what may come from the environment", () => {
    expect(manifest(parse(readFileSync(join(repo, "rtc.yaml"), "utf8")))).toBe(true);
    expect(
      manifest(parse(`${HEAD}rooms:\n  a:\n    maxParticipants: \${env:SIZE}\n    count: 3\n  b:\n`)),
    ).toBe(true);
  });

  it.each([
    "rooms: { a: { maxParticipant: 5 } }",
    "rooms: { a: { maxParticipants: 0 } }",
    "recordings: { a: {} }",
    "rooms: []",
  ])("reject %s", (text) => {
    expect(manifest(parse(`${HEAD}${text}\n`))).toBe(false);
  });

  it.each([
    "s3//bucket/x",
    "s3:/bucket/x",
    "azblob://c@acct.blob.core.windows.net/p",
    "https://host/x",
    "s3://bucket.s3.amazonaws.com/x",
    "s3.eu-west-1.amazonaws.com/bucket/x/",
    "storage.googleapis.com/bucket/",
    "arn:x",
  ])("reject the destination %s, which is most likely a typo", (uri) => {
    const text = (outputUri: string) =>
      parse(`${HEAD}rooms: { a: }\nrecordings: { r: { room: a, outputUri: "${outputUri}" } }\n`);
    expect(manifest(text(uri))).toBe(false);
    for (const right of ["s3://b/x/", "gs://b", "azblob://c@acct/p", "/out/x.mp4", "out/", `\${env:TO}/x`])
      expect(manifest(text(right)), right).toBe(true);
  });

  it("take another vendor, which a gateway may have, with a remark that editors show", () => {
    expect(manifest(parse(`${HEAD}rooms: { a: { vendor: daily } }\n`))).toBe(true);
    const rooms =
      shipped("rtc.schema.json").properties.rooms.anyOf[0].additionalProperties.anyOf[0].properties;
    const [names, { if: condition, then: remark }] = [Object.keys(registry), rooms.vendor];
    expect(rooms.vendor.examples).toEqual(names);
    expect(remark.deprecationMessage).toContain(
      `is not a vendor of this version, which has ${names.join(", ")}`,
    );
    const isRemarked = ajv.compile(condition);
    expect(["daily", "livkit", ...names, `\${env:VENDOR}`].filter((name) => isRemarked(name))).toEqual([
      "daily",
      "livkit",
    ]);
  });

  it("let an overlay take away what a manifest must have", () => {
    const text = "rooms: { a: ~, b: { maxParticipants: ~ } }\nrecordings: { c: { layout: grid }, d: ~ }\n";
    expect(overlay(parse(text))).toBe(true);
    expect(manifest(parse(`${HEAD}${text}`))).toBe(false);
    expect(overlay(parse("rooms: { a: { vendro: x } }"))).toBe(false);
  });
});

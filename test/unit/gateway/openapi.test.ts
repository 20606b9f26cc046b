import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openApi } from "../../../src/gateway/http/document.ts";
import { breaks, type Json } from "../../support/openapi-breaks.ts";
import { document, gateway } from "./fixture.ts";

const repo = join(__dirname, "../../..");
const json = (name: string): Json => JSON.parse(readFileSync(join(repo, name), "utf8"));
const released = json("test/fixtures/openapi/v1.json");

describe("schema/openapi.json", () => {
  it("agrees with the sources; `npm run docs` updates it", () => {
    const { version } = JSON.parse(readFileSync(join(repo, "package.json"), "utf8"));
    expect(document).toEqual(openApi(version));
  });

  it("is what the gateway serves, without a key, as OpenAPI 3.1", async () => {
    const { status, body } = await gateway().ask("GET", "/openapi.json", undefined, { authorization: "" });
    expect(status).toBe(200);
    expect(body).toEqual(document);
    expect(document.openapi).toBe("3.1.0");
  });

  it("reports what each field of an input is", () => {
    const inputs = Object.entries<{ properties: Record<string, { description?: string }> }>(
      document.components.schemas,
    ).filter(([name]) => /^(Room|Token|Kick|Recording)Input$/.test(name));
    expect(inputs).toHaveLength(4);
    for (const [name, { properties }] of inputs)
      for (const [field, { description }] of Object.entries(properties))
        expect(description, `${name}.${field}`).toMatch(/\w{3}/);
    expect(JSON.stringify(document)).not.toMatch(/maxParticipants|emptyTimeoutSeconds|nextCursor/);
  });

  it("has for each body an example that the gateway takes as it is", async () => {
    type Body = { content: { "application/json": { example?: object } } };
    const bodies = Object.entries<{ post?: { requestBody?: Body } }>(document.paths).flatMap(
      ([path, { post }]) =>
        post?.requestBody ? [[path, post.requestBody.content["application/json"].example] as const] : [],
    );
    expect(bodies).toHaveLength(6);
    for (const [path, example] of bodies) {
      const { status } = await gateway().ask("POST", path.replace(/\{\w+\}/, "standup"), example);
      expect([200, 404], path).toContain(status);
    }
  });

  it("breaks nothing of what was released", () => {
    expect(breaks(released, document)).toEqual([]);
  });
});

describe("the check that nothing breaks finds", () => {
  type Change = (copy: ReturnType<typeof JSON.parse>) => void;
  it.each<[string, Change, string]>([
    ["a route that is gone", (d) => delete d.paths["/v1/rtc/room/list"], "/v1/rtc/room/list"],
    ["a method that is gone", (d) => delete d.paths["/v1/rtc/room/list"].get, "/v1/rtc/room/list/get"],
    [
      "a status that is gone",
      (d) => delete d.paths["/v1/rtc/room/list"].get.responses["429"],
      "/v1/rtc/room/list/get/responses/429",
    ],
    [
      "a field of an input that is gone",
      (d) => delete d.components.schemas.RoomInput.properties.region,
      "/region",
    ],
    ["a field of a record that is gone", (d) => delete d.components.schemas.Room.properties.sid, "/sid"],
    [
      "a field that an answer always had",
      (d) => (d.components.schemas.Room.required = ["room"]),
      "/components/schemas/Room/required/name",
    ],
    [
      "a field that an input must have now",
      (d) => d.components.schemas.RoomInput.required.push("region"),
      "/components/schemas/RoomInput/required/region",
    ],
    [
      "a new field that an input must have",
      (d) => {
        d.components.schemas.KickInput.properties.why = { type: "string" };
        d.components.schemas.KickInput.required.push("why");
      },
      "/components/schemas/KickInput/required/why",
    ],
    [
      "a query parameter that is gone",
      (d) => d.paths["/v1/rtc/room/list"].get.parameters.pop(),
      "/v1/rtc/room/list/get/parameters/limit",
    ],
    [
      "a query parameter that must be there now",
      (d) => (d.paths["/v1/rtc/room/list"].get.parameters[0].required = true),
      "/v1/rtc/room/list/get/parameters/cursor",
    ],
    [
      "a value that is gone",
      (d) => d.components.schemas.Recording.properties.status.enum.pop(),
      "limit_reached",
    ],
    [
      "a layout that is taken no more",
      (d) => d.components.schemas.RecordingInput.properties.layout.enum.shift(),
      "/layout/enum/grid",
    ],
    [
      "another type",
      (d) => (d.components.schemas.TokenInput.properties.ttl_s.type = "string"),
      "/ttl_s/type",
    ],
    [
      "a tighter limit",
      (d) => (d.components.schemas.TokenInput.properties.ttl_s.maximum = 60),
      "/ttl_s/maximum",
    ],
    [
      "another default",
      (d) => (d.components.schemas.TokenInput.properties.ttl_s.default = 60),
      "/ttl_s/default",
    ],
  ])("%s", (_what, change, where) => {
    const copy = structuredClone(released);
    change(copy);
    expect(breaks(released, copy).join("\n")).toContain(where);
  });

  it("nothing where something is only added", () => {
    const copy: ReturnType<typeof JSON.parse> = structuredClone(released);
    copy.paths["/v1/rtc/room/new"] = {};
    copy.components.schemas.RoomInput.properties.colour = { type: "string" };
    copy.components.schemas.Room.properties.colour = { type: "string" };
    copy.components.schemas.Room.required.push("colour");
    copy.components.schemas.Room.properties.name.description = "Another text.";
    copy.paths["/v1/rtc/room/list"].get.responses["418"] = {};
    expect(breaks(released, copy)).toEqual([]);
  });
});

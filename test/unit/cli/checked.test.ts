import { describe, expect, test } from "vitest";
import {
  checkDeclared,
  explicitProblems,
  missingVendors,
  replacedRooms,
} from "../../../src/cli/stack/checked.ts";
import type { Managed } from "../../../src/cli/stack/stack-state.ts";
import { readConfig } from "../../../src/client/config.ts";
import { clientOf } from "../../../src/client/create.ts";
import { readManifest } from "../../../src/manifest/parse.ts";

const LIVEKIT = {
  livekitUrl: "ws://127.0.0.1:1",
  livekitApiKey: "key",
  livekitApiSecret: "secret-of-at-least-thirty-two-bytes",
};
const none = { rooms: {}, recordings: {} };

async function checkedLines(lines: string[], config: object = LIVEKIT, managed: Managed[] = []) {
  const text = ["apiVersion: rtc/v1", "project: acme", ...lines, ""].join("\n");
  const { manifest, errorOf } = readManifest(text, "rtc.yaml", { environment: {} });
  const settings = () => readConfig({ ...config }, () => undefined, {});
  const engine = { name: "dev", project: "acme", settings, client: () => clientOf(settings()) };
  const { problems } = checkDeclared(engine, manifest, none, managed);
  return { issues: problems.length === 0 ? [] : errorOf(problems).issues };
}

describe("Before the engine runs, a manifest is checked as by the provider", () => {
  test("all resources at once, each with its place, a series once", async () => {
    const { issues } = await checkedLines([
      "rooms:",
      "  hall: {}",
      "  talk: { vendor: agora }",
      "  lobby: { vendor: nowhere }",
      "  class: { count: 3, vendor: zego }",
      "recordings:",
      "  tape: { room: hall }",
      "  each: { room: class, outputUri: out/ }",
    ]);
    expect(issues?.map(({ path, line, column, message }) => [path, line, column, message])).toEqual([
      ["rooms.talk.vendor", 5, 19, expect.stringMatching(/^NOT_CONFIGURED: agora: rtc:agoraAppId/)],
      ["rooms.lobby.vendor", 6, 20, expect.stringMatching(/^INVALID_ARGUMENT: nowhere: is not a vendor/)],
      ["rooms.class.vendor", 7, 30, expect.stringMatching(/^NOT_CONFIGURED: zego: rtc:zegoAppId/)],
      [
        "recordings.tape.outputUri",
        9,
        9,
        "no destination: set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)",
      ],
      ["recordings.each", 10, 9, expect.stringMatching(/^UNSUPPORTED: zego: cannot rtc.recording.start/)],
    ]);
  });

  test("and one room that two resources declare, where only the configuration shows it", async () => {
    const { issues } = await checkedLines([
      "rooms:",
      "  hall: {}",
      "  other: { name: hall, vendor: livekit }",
    ]);
    expect(issues).toMatchObject([
      {
        path: "rooms.other.name",
        line: 5,
        message: expect.stringContaining("declared twice in this program: also by room hall"),
      },
    ]);
  });

  test("with the vendor at which the state has a room", async () => {
    const agora = { agoraAppId: "0".repeat(32), agoraAppCertificate: "1".repeat(32) };
    const managed: Managed = {
      ...{
        kind: "room",
        name: "hall",
        urn: "urn",
        id: "agora:hall",
        resourceId: "agora:hall",
        vendor: "agora",
      },
      ...{ isProtected: false, isExternal: false, inputs: { name: "hall", vendor: "agora" }, outputs: {} },
    };
    const lines = ["rooms:", "  hall: {}", "  other: { name: hall, vendor: livekit }"];
    expect((await checkedLines(lines, { ...LIVEKIT, ...agora }, [managed])).issues).toEqual([]);
  });
});

test("Offline, it is checked as far as explicit vendors decide it, without what the configuration or the state may allow", () => {
  const lines = [
    "rooms:",
    "  hall: {}",
    "  other: { name: hall, vendor: livekit }",
    "  far: { vendor: livekit, region: eu }",
    "  talk: { vendor: agora, enableRecording: true }",
    "  umlaut: { vendor: agora, name: ü }",
    "recordings:",
    "  tape: { room: hall }",
    "  reel: { room: other, vendor: agora }",
    "  disc: { room: talk, outputUri: out/ }",
  ];
  const text = ["apiVersion: rtc/v1", "project: acme", ...lines, ""].join("\n");
  const { manifest } = readManifest(text, "rtc.yaml", { environment: {} });
  const agora = { agoraAppId: "0".repeat(32), agoraAppCertificate: "1".repeat(32) };
  const config = readConfig({ ...LIVEKIT, ...agora }, () => undefined, {});
  const problems = explicitProblems(config, manifest);
  expect(problems.map(({ path, message }) => [path.join("."), message.slice(0, 40)])).toEqual([
    ["rooms.talk.enableRecording", "UNSUPPORTED: agora: cannot rtc.recording"],
    ["rooms.umlaut.name", "INVALID_ARGUMENT: agora: cannot carry th"],
    ["recordings.reel", "UNSUPPORTED: agora: cannot rtc.recording"],
    ["recordings.reel.vendor", "is not the room's, which is livekit"],
    ["recordings.disc", "UNSUPPORTED: agora: cannot rtc.recording"],
  ]);
});

test("The rooms that a run would replace go by what a refresh has observed, and by a recording that is protected", async () => {
  const settings = { maxParticipants: 5, schemaVersion: 1, endpoint: "ws://127.0.0.1:1" };
  const room = (name: string): Managed => {
    const id = `livekit:${name}`;
    const outputs = { room: id, name, vendor: "livekit", vendorSettings: {}, ...settings };
    const inputs = { name, vendor: "livekit", maxParticipants: 5 };
    return {
      ...{ kind: "room", name, urn: `urn ${name}`, id, resourceId: id, vendor: "livekit" },
      ...{ isProtected: false, isExternal: false, inputs, outputs },
    };
  };
  const rooms = ["same", "changed", "drifted", "gone", "taped"].map(room);
  const tape: Managed = {
    ...room("tape"),
    ...{ kind: "recording", isProtected: true, outputs: { room: "livekit:taped" } },
  };
  const client = clientOf(readConfig({ ...LIVEKIT }, () => undefined, {}));
  const inputs = rooms.map((one) => ({ ...one.inputs, maxParticipants: one.name === "same" ? 5 : 6 }));
  const declared = new Map(rooms.map((one, index) => [one, inputs[index] ?? {}]));
  const observed = (one: Managed) => {
    if (one.name === "gone") return null;
    return one.name === "drifted" ? { ...one.outputs, maxParticipants: 6 } : one.outputs;
  };
  const { blocked, others } = await replacedRooms(client, [...rooms, tape], declared, observed);
  expect(others.map(({ name }) => name)).toEqual(["changed"]);
  expect([...blocked].map(([urn, { failure }]) => [urn, failure.code])).toEqual([["urn taped", "PROTECTED"]]);
});

test("Missing keys are one error, with the reason once and the resources that need them", () => {
  const missing = (name: string) => ({ path: ["rooms", name], message: "NOT_CONFIGURED: agora: no keys" });
  const names = ["a", "b", "c", "d", "e", "f"];
  expect(missingVendors(names.map(missing))).toMatchObject({
    code: "NOT_CONFIGURED",
    message:
      "agora: no keys. Needed for room a, room b, room c, room d, room e and 1 more; nothing was touched",
  });
  const other = { path: ["rooms", "g"], message: "must be at least 1" };
  expect(missingVendors([missing("a"), other])).toBeUndefined();
});

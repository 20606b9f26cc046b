import { createClient, type RoomSettings } from "pulumi-rtc";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join } from "../support/participants.ts";
import { POLL_OPTIONS } from "../support/recordings.ts";
import { rtc } from "../support/rtc.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { newStack } from "../support/stack.ts";
import { isThrough } from "../support/through.ts";
import { program, roomsOf } from "../support/world.ts";

const MANIFEST = [
  "rooms:",
  "  class: { maxParticipants: 3, emptyTimeoutSeconds: 2, metadata: { team: core } }",
  "  exam: { name: exam-room, emptyTimeoutSeconds: 2 }",
];
/** What a token carries for a join that brings the room back. */
const CLASS = { maxParticipants: 3, emptyTimeout: 2, departureTimeout: 2, metadata: '{"team":"core"}' };

const closed = (server: LivekitServer) =>
  vi.waitFor(async () => expect(await roomsOf(server)).toEqual({}), POLL_OPTIONS);
const configOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).roomConfig;

describe("rtc token, for a declared room that has closed", () => {
  let server: LivekitServer;
  let folder: RtcFolder;

  beforeAll(async () => {
    server = await startLivekit();
    folder = new RtcFolder(server.env);
    folder.manifest(...MANIFEST);
    await folder.run(0, "up");
    await closed(server);
  });

  test("includes what the stack declares, by the room's id or name, or by that of its resource", async () => {
    const { stdout } = await folder.run(0, "token class alice --stack dev");
    expect(configOf(stdout)).toEqual(CLASS);
    const ofExam = { emptyTimeout: 2, departureTimeout: 2 };
    for (const exam of ["livekit:exam-room", "exam-room", "exam"]) {
      const issued = await folder.json<{ token: string; room: string }>(0, `token ${exam} alice`);
      expect([issued.room, configOf(issued.token)]).toEqual(["livekit:exam-room", ofExam]);
    }
    const alice = await join(server.url, stdout.trim());
    expect(await roomsOf(server)).toMatchObject({
      class: { maxParticipants: 3, emptyTimeout: 2, metadata: { team: "core" } },
    });
    await alice.leave();
    await closed(server);
  });

  test("includes what a manifest declares, without a stack and without a call", async () => {
    const alone = { PULUMI_STACK: undefined };
    const { stdout } = await folder.run(0, "token class alice -f rtc.yaml", alone);
    expect(configOf(stdout)).toEqual(CLASS);
    folder.write("rtc.dev.yaml", "rooms: { class: { maxParticipants: 5 } }\n");
    const overlaid = await folder.run(0, "token class alice -f rtc.yaml --stack dev");
    expect(configOf(overlaid.stdout)).toEqual({ ...CLASS, maxParticipants: 5 });
  });

  test("is rejected without its declaration, with the solution", async () => {
    const { stderr } = await folder.run(4, "token class alice", { PULUMI_STACK: undefined });
    expect(stderr).toMatch(/NOT_FOUND: .*has closed, name its stack \(--stack\) or its manifest/);
    const missing = await folder.run(6, "token class alice --stack other");
    expect(missing.stderr).toContain("NO_STACK");
  });
});

describe("a Pulumi project", () => {
  test("gives rtc token its keys and its settings, and a script the settings by an output", async () => {
    const server = await startLivekit();
    const declared =
      'exports.rooms = { interview: new rtc.RtcRoom("interview", { emptyTimeoutSeconds: 2 }) };';
    const config = {
      "rtc:livekitUrl": server.url,
      "rtc:livekitApiKey": server.apiKey,
      "rtc:livekitApiSecret": { secret: server.apiSecret },
    };
    const keys = isThrough ? { env: server.env } : { config };
    const stack = await newStack({ program: program(declared), ...keys });
    await stack.up();
    await closed(server);
    const settings = { emptyTimeout: 2, departureTimeout: 2 };
    const { stdout, stderr } = await rtc(["token", "interview", "alice", "--stack", stack.name], {
      cwd: stack.dir,
      env: stack.env,
    });
    expect(configOf(stdout), stderr).toEqual(settings);
    const same = await stack.expectNoChanges(["--refresh"], { code: "any" });
    expect(same.output).not.toMatch(/unknown|Undefined/);
    const { rooms } = (await stack.outputs()) as unknown as { rooms: { interview: RoomSettings } };
    const { apiKey: livekitApiKey, apiSecret: livekitApiSecret, url: livekitUrl } = server;
    const client = createClient({ livekitUrl, livekitApiKey, livekitApiSecret });
    const { token } = await client.token.issue({ room: rooms.interview, identity: "alice" });
    expect(configOf(token)).toEqual(settings);
  });
});

// A gateway cannot be asked whether its server creates rooms on join.
describe.skipIf(isThrough)("a declared room that has closed on a server that creates none on join", () => {
  test("is drift, and is created again by reconcile and by up --refresh", async () => {
    const server = await startLivekit({ config: { room: { auto_create: false } } });
    const folder = new RtcFolder(server.env);
    folder.manifest(...MANIFEST);
    await folder.run(0, "up");
    expect(Object.keys(await roomsOf(server)).sort()).toEqual(["class", "exam-room"]);
    await closed(server);
    const drift = await folder.json<{ resources: { name: string; class: string }[] }>(7, "drift");
    expect(drift.resources.map((one) => `${one.name} ${one.class}`).sort()).toEqual([
      "class deleted",
      "exam deleted",
    ]);
    const { stdout } = await folder.run(0, "token class alice");
    await expect(join(server.url, stdout.trim())).rejects.toThrow();
    await folder.run(0, "reconcile");
    expect(Object.keys(await roomsOf(server)).sort()).toEqual(["class", "exam-room"]);
    await (await join(server.url, stdout.trim())).leave();
    await closed(server);
    await folder.run(0, "up --refresh");
    expect(await roomsOf(server)).toMatchObject({ class: { maxParticipants: 3, emptyTimeout: 2 } });
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../../src/gateway/start.ts";
import { atEndOfFile } from "../support/cleanup.ts";
import { startLivekit } from "../support/livekit.ts";
import { rtc } from "../support/rtc.ts";
import { newStack } from "../support/stack.ts";
import { changesIn, messagesOn, program, resourceOf, roomsOf } from "../support/world.ts";

const KEY = "canary-key-of-the-gateway";

const declared = (room: object, recording: object) =>
  program(
    `const room = new rtc.RtcRoom("hall", ${JSON.stringify({ emptyTimeoutSeconds: 600, ...room })});`,
    `const inputs = ${JSON.stringify({ outputUri: "s3://acme/", ...recording })};`,
    'new rtc.RtcRecording("hall-tape", { room, ...inputs });',
    "exports.vendor = room.vendor;",
  );

/** A stack whose room and recording are created, changed and deleted through a gateway that runs in this process. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const gateway = await startGateway(
    { host: "127.0.0.1", port: 0, store: ":memory:", tlsTerminated: false, trialKey: KEY, write: () => {} },
    { livekitUrl: server.url, livekitApiKey: server.apiKey, livekitApiSecret: server.apiSecret },
  );
  atEndOfFile(gateway.stop);
  const env = { RTC_ENDPOINT: gateway.address };
  const stack = await newStack({
    program: declared({ metadata: { version: 1 } }, {}),
    env,
    config: { "rtc:apiKey": { secret: KEY } },
  });
  const created = changesIn(await stack.up());
  const outputs = await stack.outputs();
  const [room, tape] = [await resourceOf(stack, "hall"), await resourceOf(stack, "hall-tape")];
  stack.write(declared({ metadata: { version: 2 } }, { layout: "speaker" }));
  const preview = await stack.preview();
  const changed = changesIn(await stack.up(["--refresh"]));
  const changedRooms = await roomsOf(server);
  const command = (args: string[], key = KEY) =>
    rtc(args, { cwd: stack.dir, env: { ...env, RTC_API_KEY: key } });
  return {
    ...{ endpoint: gateway.address, created, outputs, room, tape, preview, changed, changedRooms },
    listed: await command(["rooms", "list", "--json"]),
    token: await command(["token", "hall", "alice"]),
    explained: await command(["explain"]),
    rejected: await command(["rooms", "list"], "wrong"),
    destroyed: changesIn(await stack.destroy()),
    rooms: await roomsOf(server),
    filesWithKey: stack.filesWith(KEY),
  };
}

// That the engine and a gateway fit together is the seam; a gateway of the core capabilities: test/unit/reconcile.
describe("A stack that uses a gateway", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("creates, changes and deletes a room and its recording", () => {
    expect(s.created.sort()).toEqual(["create hall", "create hall-tape"]);
    expect(s.changed.sort()).toEqual(["replace hall-tape", "update hall"]);
    expect(s.changedRooms["hall"]).toMatchObject({ metadata: { version: 2 } });
    expect(s.destroyed.sort()).toEqual(["delete hall", "delete hall-tape"]);
    expect(s.rooms).toEqual({});
  });

  test("replaces a recording for another layout, since the gateway reports that the template would not follow it", () => {
    expect(messagesOn(s.preview, "hall-tape").join()).toMatch(
      /replaced, since layout cannot be changed in place \(.*custom template that follows changes\)/,
    );
  });

  test("gets the vendor from the gateway as an output, and stores the gateway as its endpoint", () => {
    expect(s.outputs).toEqual({ vendor: "livekit" });
    expect(s.room.inputs).not.toHaveProperty("vendor");
    expect(s.room.outputs).toMatchObject({ room: "livekit:hall", endpoint: s.endpoint, vendor: "livekit" });
    expect(s.tape.outputs).not.toHaveProperty("unverified");
  });

  test("shares the gateway with the commands of rtc", () => {
    expect(s.listed).toMatchObject({ code: 0, stdout: expect.stringContaining("livekit:hall") });
    expect(s.token).toMatchObject({ code: 0, stdout: expect.stringMatching(/^eyJ/) });
    expect(s.explained).toMatchObject({ code: 0, stdout: expect.stringContaining("The gateway chooses.") });
  });

  test("reports a key that the gateway rejects by the setting it comes from", () => {
    expect(s.rejected.code).not.toBe(0);
    expect(s.rejected.stderr).toContain("rejects rtc:apiKey (or RTC_API_KEY)");
  });

  test("has the key, a secret of its config, in no file", () => {
    expect(s.filesWithKey).toEqual([]);
  });
});

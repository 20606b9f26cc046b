import { beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../../src/gateway/start.ts";
import { atEndOfFile } from "../support/cleanup.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { onlyTheNine } from "../support/offered.ts";
import { rtc } from "../support/rtc.ts";
import { newStack } from "../support/stack.ts";
import { changesIn, program, resourceOf, roomsOf } from "../support/world.ts";

const KEY = "canary-key-of-the-gateway";
let server: LivekitServer;
let address: string;

beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  const gateway = await startGateway(
    { host: "127.0.0.1", port: 0, store: ":memory:", tlsTerminated: false, trialKey: KEY, write: () => {} },
    { livekitUrl: server.url, livekitApiKey: server.apiKey, livekitApiSecret: server.apiSecret },
  );
  atEndOfFile(gateway.stop);
  address = gateway.address;
});

const declared = (name: string, room: object, recording: object) =>
  program(
    `const room = new rtc.RtcRoom("${name}", ${JSON.stringify(room)});`,
    `const inputs = ${JSON.stringify({ audioOnly: true, outputUri: "s3://acme/", ...recording })};`,
    `new rtc.RtcRecording("${name}-tape", { room, ...inputs });`,
    "exports.vendor = room.vendor;",
  );

describe.each([
  { how: "ours", open: async () => address, changes: ["update hall", "update hall-tape"] },
  {
    how: "one that has only the nine",
    open: () => onlyTheNine(address),
    changes: ["replace hall", "replace hall-tape"],
  },
])("Through a gateway, $how", ({ how, open, changes }) => {
  test("a stack is made, found as it is, changed, and taken down; commands use the same gateway", async () => {
    const endpoint = await open();
    const env = { RTC_ENDPOINT: endpoint };
    const before = { emptyTimeoutSeconds: 600, metadata: { version: 1 } };
    const stack = await newStack({
      program: declared("hall", before, {}),
      env,
      config: { "rtc:apiKey": { secret: KEY } },
    });
    await stack.preview();
    expect(changesIn(await stack.up()).sort()).toEqual(["create hall", "create hall-tape"]);
    expect(await stack.outputs()).toEqual({ vendor: "livekit" });
    const { inputs, outputs } = await resourceOf(stack, "hall");
    expect(inputs).not.toHaveProperty("vendor");
    expect(outputs).toMatchObject({ room: "livekit:hall", endpoint, vendor: "livekit" });
    const isOurs = how === "ours";
    expect((await resourceOf(stack, "hall-tape")).outputs?.["unverified"]).toBe(isOurs ? undefined : true);

    await stack.expectNoChanges();
    await stack.refresh();
    expect(await resourceOf(stack, "hall")).toMatchObject({ inputs, outputs });
    await stack.expectNoChanges(["--refresh"]);

    stack.write(declared("hall", { ...before, metadata: { version: 2 } }, { layout: "speaker" }));
    expect(changesIn(await stack.up()).sort()).toEqual(changes);
    expect((await roomsOf(server))["hall"]).toMatchObject({ metadata: { version: 2 } });
    await stack.expectNoChanges(["--refresh"]);

    const commands = { cwd: stack.dir, env: { ...env, RTC_API_KEY: KEY } };
    const listed = await rtc(["rooms", "list", "--json"], commands);
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining("livekit:hall") });
    const token = await rtc(["token", "hall", "alice"], commands);
    expect(token).toMatchObject({ code: 0, stdout: expect.stringMatching(/^eyJ/) });
    const explained = await rtc(["explain"], commands);
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining("The gateway chooses.") });
    const refused = await rtc(["rooms", "list"], { ...commands, env: { ...env, RTC_API_KEY: "wrong" } });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("does not take rtc:apiKey (or RTC_API_KEY)");

    expect(changesIn(await stack.destroy()).sort()).toEqual(["delete hall", "delete hall-tape"]);
    expect(await roomsOf(server)).toEqual({});
    expect(stack.filesWith(KEY), "the key in any file").toEqual([]);
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { startZego, type Zego } from "../emulators/zego.ts";
import { atEndOfFile } from "../support/cleanup.ts";
import { remembered } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { envOf, isThrough, UPDATE } from "../support/through.ts";
import {
  changesIn,
  declare,
  expectPlainRefusal,
  program,
  reasonsFor,
  resourceOf,
  saidOn,
} from "../support/world.ts";

/** What signs Agora's tokens and ZEGO's, without the keys of Agora's REST API. */
const KEYS = {
  AGORA_APP_ID: "970ca35de60c44645bbae8a215061b33",
  AGORA_APP_CERTIFICATE: "5cfd2fd1755d40ecb72977518be15d3b",
  ZEGO_APP_ID: "1234567890",
  ZEGO_SERVER_SECRET: "fa94dd0f974cf2e293728a526b028271",
};

const halls = (hall: object, ...more: string[]) =>
  program(`const hall = ${declare("hall", hall)}`, declare("lobby", { vendor: "zego" }), ...more);

describe("Rooms that are records", () => {
  let stack: Stack;
  let endpoint: string;
  let zego: Zego;
  beforeAll(async () => {
    zego = await startZego({
      appId: Number(KEYS.ZEGO_APP_ID),
      serverSecret: KEYS.ZEGO_SERVER_SECRET,
    });
    atEndOfFile(zego.stop);
    const env = await envOf({ ...KEYS, ZEGO_BASE_URL: zego.url });
    endpoint = env["RTC_ENDPOINT"] ?? KEYS.AGORA_APP_ID;
    stack = await newStack({ program: halls({ maxParticipants: 5 }), env });
  });

  test("are made without a call and stay as they are, and the preview says what is not enforced", async () => {
    const [preview, up] = [await stack.preview(), await stack.up()];
    // Which vendor it is that a room does not name, a gateway says when it has made the room.
    expect(saidOn(isThrough ? up : preview, "hall").join()).toMatch(
      /maxParticipants is not enforced[\s\S]*co-host authentication/,
    );
    expect(saidOn(preview, "lobby").join()).toContain("room privileges");
    expect(changesIn(up).sort()).toEqual(["create hall", "create lobby"]);
    expect((await resourceOf(stack, "hall")).outputs).toMatchObject({
      room: "agora:hall",
      vendor: "agora",
      endpoint,
    });
    expect(saidOn(await stack.expectNoChanges(["--refresh"]), "hall")).toEqual([]);
  });

  test("are not moved by another order, nor by a change that makes them anew", async () => {
    stack.setEnv({ RTC_VENDORS: "zego,agora" });
    const stays = saidOn(await stack.expectNoChanges(), "hall").join();
    // Through a gateway the order is the gateway's own.
    if (!isThrough) expect(stays).toContain("it stays at agora; a new room would go to zego now");
    stack.write(halls({ maxParticipants: 6 }));
    expect(changesIn(await stack.up())).toEqual([`${UPDATE} hall`]);
    stack.write(halls({ maxParticipants: 6, region: "eu-west-1" }));
    expect(changesIn(await stack.up())).toEqual(["replace hall"]);
    expect((await resourceOf(stack, "hall")).id).toBe("agora@eu-west-1:hall");
  });

  test("move to the vendor that they name", async () => {
    stack.write(halls({ maxParticipants: 6, vendor: "zego" }));
    const moves = await stack.preview();
    expect(reasonsFor(moves, "hall").sort()).toEqual(["region", "vendor"]);
    expect(saidOn(moves, "hall").join()).toContain("the room moves from agora to zego");
  });

  test("are refused in the preview what no vendor of theirs can", async () => {
    const recorded = `new rtc.RtcRecording("tape", { room: hall, outputUri: "s3://acme/" });`;
    stack.write(halls({ region: "eu-west-1" }, recorded));
    const cannot = "UNSUPPORTED: agora: cannot rtc.recording.start";
    const could = "livekit: can, but is not among rtc:vendors";
    expectPlainRefusal(await stack.preview([], { code: 1 }), cannot, could);
    stack.write(halls({ vendor: "livekit" }));
    const unusable = "NOT_CONFIGURED: livekit: is not among rtc:vendors; zego: fits; agora: fits";
    expectPlainRefusal(await stack.preview([], { code: 1 }), unusable);
  });

  test("belong to their app, are closed only with the keys for that, and else dropped without a call", async () => {
    const before = await remembered(stack);
    const elsewhere = { env: await envOf({ ...KEYS, AGORA_APP_ID: "f".repeat(32) }), code: 1 };
    const mismatch = `ENDPOINT_MISMATCH: agora@eu-west-1:hall belongs to ${endpoint}`;
    expectPlainRefusal(await stack.refresh([], elsewhere), mismatch);
    const { urn } = await resourceOf(stack, "hall");
    const forced = await stack.destroy(["--target", urn], { env: { RTC_FORCE_DESTROY: "true" }, code: 1 });
    expectPlainRefusal(
      forced,
      "NOT_CONFIGURED: agora: forceDestroy closes the room",
      "AGORA_CUSTOMER_SECRET",
    );
    expect(await remembered(stack)).toEqual(before);
    expect(changesIn(await stack.destroy()).sort()).toEqual(["delete hall", "delete lobby"]);
    // A gateway looks at its rooms.
    if (!isThrough) expect(zego.calls).toEqual([]);
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { remembered } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import {
  changesIn,
  declare,
  expectPlainRefusal,
  program,
  reasonsFor,
  resourceOf,
  saidOn,
} from "../support/world.ts";

/** What signs Agora's tokens and ZEGO's, without the keys of Agora's REST API. No call is made with it. */
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
  beforeAll(async () => {
    stack = await newStack({ program: halls({ maxParticipants: 5 }), env: KEYS });
  });

  test("are made without a call and stay as they are, and the preview says what is not enforced", async () => {
    const preview = await stack.preview();
    expect(saidOn(preview, "hall").join()).toMatch(
      /maxParticipants is not enforced[\s\S]*co-host authentication/,
    );
    expect(saidOn(preview, "lobby").join()).toContain("room privileges");
    expect(changesIn(await stack.up()).sort()).toEqual(["create hall", "create lobby"]);
    expect((await resourceOf(stack, "hall")).outputs).toMatchObject({
      room: "agora:hall",
      vendor: "agora",
      endpoint: KEYS.AGORA_APP_ID,
    });
    expect(saidOn(await stack.expectNoChanges(["--refresh"]), "hall")).toEqual([]);
  });

  test("are not moved by another order, nor by a change that makes them anew", async () => {
    stack.setEnv({ RTC_VENDORS: "zego,agora" });
    const stays = "it stays at agora; a new room would go to zego now";
    expect(saidOn(await stack.expectNoChanges(), "hall").join()).toContain(stays);
    stack.write(halls({ maxParticipants: 6 }));
    expect(changesIn(await stack.up())).toEqual(["update hall"]);
    stack.write(halls({ maxParticipants: 6, region: "eu-west-1" }));
    expect(changesIn(await stack.up())).toEqual(["replace hall"]);
    expect((await resourceOf(stack, "hall")).id).toBe("agora@eu-west-1:hall");
  });

  test("move to the vendor that they name, and are refused in the preview what no vendor of theirs can", async () => {
    stack.write(halls({ maxParticipants: 6, vendor: "zego" }));
    const moves = await stack.preview();
    expect(reasonsFor(moves, "hall").sort()).toEqual(["region", "vendor"]);
    expect(saidOn(moves, "hall").join()).toContain("the room moves from agora to zego");

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
    const elsewhere = { env: { AGORA_APP_ID: "f".repeat(32) }, code: 1 };
    const mismatch = `ENDPOINT_MISMATCH: agora@eu-west-1:hall belongs to ${KEYS.AGORA_APP_ID}`;
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
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { startZego, type Zego } from "../emulators/zego.ts";
import { atEndOfFile } from "../support/cleanup.ts";
import { declaring } from "../support/programs.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { envOf, isThrough, UPDATE } from "../support/through.ts";
import { changesIn, expectPlainRejection, messagesOn, reasonsFor } from "../support/world.ts";

/** What signs Agora's tokens and ZEGO's, without the keys of Agora's REST API. */
const KEYS = {
  AGORA_APP_ID: "970ca35de60c44645bbae8a215061b33",
  AGORA_APP_CERTIFICATE: "5cfd2fd1755d40ecb72977518be15d3b",
  ZEGO_APP_ID: "1234567890",
  ZEGO_SERVER_SECRET: "fa94dd0f974cf2e293728a526b028271",
};

/** By resource name; those without a vendor go to Agora, the first in order. */
const BEFORE = {
  hall: { maxParticipants: 5 },
  lobby: { vendor: "zego" },
  same: {},
  far: {},
  moved: { region: "eu-west-1" },
  forced: { forceDestroy: true },
};
const AFTER = {
  ...BEFORE,
  hall: { maxParticipants: 6 },
  far: { region: "eu-west-1" },
  moved: { vendor: "zego" },
};

/** A program that exports what these vendors do not report of a room. */
const exporting = (program: string) =>
  `${program.replace('new rtc.RtcRoom("lobby"', "const lobby = $&")}
  Object.assign(exports, { owner: lobby.owner, sid: lobby.sid, createdAt: lobby.createdAt });`;

describe("State-only rooms", () => {
  let zego: Zego;
  let endpoint: string;
  let exported: Record<string, unknown>;
  let ran: Record<"plan" | "made" | "settled" | "changePlan" | "changed" | "destroyed", Result>;
  let state: Record<"made" | "changed" | "destroyed", Record<string, StateResource>>;

  beforeAll(async () => {
    zego = await startZego({ appId: Number(KEYS.ZEGO_APP_ID), serverSecret: KEYS.ZEGO_SERVER_SECRET });
    atEndOfFile(zego.stop);
    const env = await envOf({ ...KEYS, ZEGO_BASE_URL: zego.url });
    endpoint = env["RTC_ENDPOINT"] ?? KEYS.AGORA_APP_ID;
    const stack = await newStack({ program: exporting(declaring(BEFORE)), env });
    const [plan, up, made] = [await stack.preview(), await stack.up(), await roomsInState(stack)];
    const settled = await stack.expectNoChanges(["--refresh"], { code: "any" });
    exported = await stack.outputs();

    stack.setEnv({ RTC_VENDORS: "zego,agora" });
    stack.write(declaring(AFTER));
    const [changePlan, upAgain] = [await stack.preview(), await stack.up()];
    const changed = await roomsInState(stack);
    const destroyed = await stack.destroy(["--continue-on-error"], { code: 1 });
    ran = { plan, made: up, settled, changePlan, changed: upAgain, destroyed };
    state = { made, changed, destroyed: await roomsInState(stack) };
  });

  test("are created without a call, and the preview warns of what is not enforced", () => {
    // A gateway reports the vendor of a room without an explicit one when it has created the room.
    const warned = isThrough ? ran.made : ran.plan;
    expect(messagesOn(warned, "hall").join()).toContain("maxParticipants is not enforced");
    const everywhere = Object.keys(BEFORE).flatMap((name) => messagesOn(warned, name));
    expect(everywhere.join()).toContain("co-host authentication");
    const zegos = messagesOn(ran.plan, "lobby").join();
    expect(zegos).toContain("room privileges");
    expect(changesIn(ran.made).sort()).toEqual(
      Object.keys(BEFORE)
        .map((name) => `create ${name}`)
        .sort(),
    );
    expect(state.made["hall"]?.outputs).toMatchObject({ room: "agora:hall", vendor: "agora", endpoint });
  });

  test("stay as they are after a refresh, and nothing is reported again", () => {
    expect(ran.settled.code, ran.settled.output).toBe(0);
    expect(messagesOn(ran.settled, "hall")).toEqual([]);
  });

  test("have null for what the vendor does not report, also in an export", () => {
    expect(Object.keys(exported).sort()).toEqual(["createdAt", "owner", "sid"]);
    // A gateway stores records of its rooms, and returns more of them.
    if (!isThrough) expect(exported).toEqual({ owner: null, sid: null, createdAt: null });
    for (const { output } of [ran.made, ran.settled]) expect(output).not.toMatch(/Undefined value|unknown/);
  });

  test("are not moved by another order of vendors, nor by a change that replaces them", () => {
    const stays = messagesOn(ran.changePlan, "same").join();
    // Through a gateway the order is the gateway's own.
    if (!isThrough) expect(stays).toContain("it stays at agora; a new room would go to zego now");
    const changes = [`${UPDATE} hall`, "replace far", "replace moved"];
    expect(changesIn(ran.changed).sort()).toEqual(changes.sort());
    expect(state.changed["hall"]?.id).toBe("agora:hall");
    expect(state.changed["far"]?.id).toBe("agora@eu-west-1:far");
  });

  test("move to the vendor that they name", () => {
    expect(reasonsFor(ran.changePlan, "moved").sort()).toEqual(["region", "vendor"]);
    expect(messagesOn(ran.changePlan, "moved").join()).toContain("the room moves from agora to zego");
    expect(state.changed["moved"]?.id).toBe("zego:moved");
  });

  test("are closed by force only with the keys for that, and else dropped without a call", () => {
    const words = "NOT_CONFIGURED: agora: forceDestroy disconnects every participant";
    expectPlainRejection(ran.destroyed, words, "AGORA_CUSTOMER_SECRET");
    const { forced, ...others } = state.changed;
    expect(state.destroyed).toEqual({ forced });
    const deletes = Object.keys(others).map((name) => `delete ${name}`);
    expect(changesIn(ran.destroyed).sort()).toEqual(["delete forced failed", ...deletes].sort());
    // A gateway observes its rooms.
    if (!isThrough) expect(zego.calls).toEqual([]);
  });
});

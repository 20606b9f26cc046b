import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { changesIn, declare, type LivingRoom, program, reasonsFor, roomsOf } from "../support/world.ts";

/**
 * Rooms that depend on what the server returns for another one: with their whole metadata, a part of it, the limit, the name.
 * `others` is source.
 */
function linked(hall: string, inputs: object, others: { metadata?: string; limit?: string; name?: string }) {
  const { metadata = "{}", limit, name } = others;
  return [
    `const ${hall} = ${declare(hall, inputs)}`,
    `new rtc.RtcRoom("${hall}-whole", { metadata: ${hall}.sid.apply((sid) => ({ sid })) });`,
    `new rtc.RtcRoom("${hall}-nested", { metadata: { hall: { sid: ${hall}.sid }, ...${metadata} } });`,
    `new rtc.RtcRoom("${hall}-limited", { vendor: ${hall}.vendor, maxParticipants: ${limit ?? `${hall}.sid.apply((sid) => sid.length)`} });`,
    `new rtc.RtcRoom("${hall}-alike", { maxParticipants: ${hall}.maxParticipants, metadata: ${hall}.metadata });`,
    `new rtc.RtcRoom("${hall}-named", { name: ${name ?? `${hall}.room.apply((id) => "next-to-" + id.split(":")[1])`} });`,
  ];
}

const TOKEN = [
  `const desk = ${declare("desk", { maxParticipants: 5 })}`,
  'const access = rtc.issueTokenOutput({ room: desk, identity: desk.name.apply((name) => name + "-guide") });',
  'pulumi.unsecret(access).apply(({ identity }) => console.log("signed for " + identity));',
  "exports.token = access.token;",
];

/** A hall is updated, so that its sid is unknown in the preview but stays; an arena is replaced. */
const BEFORE = program(
  ...linked("hall", { metadata: { floor: 1 } }, {}),
  ...linked("arena", {}, {}),
  ...TOKEN,
);
const AFTER = program(
  ...linked("hall", { metadata: { floor: 2 } }, { metadata: '{ guide: "ada" }' }),
  ...linked("arena", { maxParticipants: 9 }, { limit: "arena.maxParticipants", name: "arena.sid" }),
  ...TOKEN,
);

describe("What depends on a room", () => {
  let stack: Stack;
  let ran: Record<"plan" | "made" | "changePlan" | "changed" | "settled", Result>;
  let rooms: Record<"made" | "changePlanned" | "changed", Record<string, LivingRoom>>;
  let token: string;

  beforeAll(async () => {
    const server = await startLivekit();
    stack = await newStack({ program: BEFORE, env: server.env });
    const [plan, made, roomsMade] = [await stack.preview(), await stack.up(), await roomsOf(server)];
    token = String((await stack.outputs())["token"]);

    stack.write(AFTER);
    const [changePlan, changePlanned] = [await stack.preview(), await roomsOf(server)];
    const [changed, roomsChanged] = [await stack.up(), await roomsOf(server)];
    const settled = await stack.expectNoChanges(["--refresh"], { code: "any" });
    ran = { plan, made, changePlan, changed, settled };
    rooms = { made: roomsMade, changePlanned, changed: roomsChanged };
  });

  /** What happened to a room and those that depend on it. */
  const changes = (result: Result, to: string) =>
    changesIn(result)
      .filter((change) => change.includes(` ${to}`))
      .sort();

  test("is previewed and made before the server's answers are known", () => {
    const parts = ["", "-alike", "-limited", "-named", "-nested", "-whole"];
    const made = parts.map((part) => `create hall${part}`);
    expect(changes(ran.plan, "hall")).toEqual(made);
    expect(changes(ran.made, "hall")).toEqual(made);
    const { hall } = rooms.made;
    expect(Object.keys(rooms.made)).toHaveLength(2 * parts.length + 1);
    expect(rooms.made["next-to-hall"]).toBeDefined();
    expect(rooms.made["hall-alike"]).toMatchObject({ maxParticipants: 0, metadata: { floor: 1 } });
    expect(rooms.made["hall-whole"]?.metadata).toEqual({ sid: hall?.sid });
    expect(rooms.made["hall-nested"]?.metadata).toEqual({ hall: { sid: hall?.sid } });
    expect(rooms.made["hall-limited"]?.maxParticipants).toBe(hall?.sid.length);
  });

  test("is updated or stays where that room is updated, whose answers are unknown in the preview", () => {
    expect(changes(ran.changePlan, "hall")).toContain("update hall");
    expect(reasonsFor(ran.changePlan, "hall-nested")).toEqual(["metadata"]);
    expect(changes(ran.changed, "hall")).toEqual(["update hall", "update hall-alike", "update hall-nested"]);
    const { hall, "hall-nested": nested, "hall-limited": limited } = rooms.made;
    const metadata = { hall: { sid: hall?.sid }, guide: "ada" };
    expect(rooms.changed["hall-nested"]).toEqual({ ...nested, metadata });
    expect(rooms.changed["hall-limited"]).toEqual(limited);
  });

  test("is updated or replaced where that room is replaced, as the preview reports", () => {
    const inPreview = changes(ran.changePlan, "arena");
    expect(inPreview).toEqual([
      "replace arena",
      "replace arena-alike",
      "replace arena-limited",
      "replace arena-named",
      "update arena-nested",
      "update arena-whole",
    ]);
    expect(rooms.changePlanned).toEqual(rooms.made);
    expect(changes(ran.changed, "arena")).toEqual(inPreview);
    const { arena, "arena-whole": whole, "arena-nested": nested } = rooms.changed;
    expect(arena?.sid).not.toBe(rooms.made["arena"]?.sid);
    expect(whole).toEqual({ ...rooms.made["arena-whole"], metadata: { sid: arena?.sid } });
    expect(nested).toEqual({ ...rooms.made["arena-nested"], metadata: { hall: { sid: arena?.sid } } });
    for (const name of ["arena-alike", "arena-limited"]) expect(rooms.changed[name]?.maxParticipants).toBe(9);
    expect(Object.keys(rooms.changed).sort()).toEqual(
      [...Object.keys(rooms.made).filter((name) => name !== "next-to-arena"), arena?.sid].sort(),
    );
  });

  test("changes nothing in a second run", () => {
    expect(ran.settled.code, ran.settled.output).toBe(0);
  });

  test("in a token is unknown before the room is made, and a secret from then on", () => {
    expect(ran.plan.stdout).toMatch(/token: \[secret\]/); // which hides that it is not known
    expect(ran.plan.output).not.toContain("signed for");
    expect(ran.made.output).toContain("signed for desk-guide");
    expect(ran.made.stdout).toMatch(/token: \[secret\]/);
    expect(claimsOf(token)).toMatchObject({ sub: "desk-guide", video: { room: "desk" } });
    expect(ran.made.output).not.toContain(token);
    expect(stack.filesWith(token)).toEqual([]);
    // Though the room declares no timeout and no metadata, all that the token takes from it is known.
    expect(ran.settled.output).toContain("signed for desk-guide");
    expect(ran.settled.output).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });
});

function claimsOf(jwt: string): unknown {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}

test("The token of a room that a run leaves out stays unknown, and the run continues", async () => {
  const server = await startLivekit();
  const stack = await newStack({
    program: program(
      `const desk = ${declare("desk", {})}`,
      `new rtc.RtcRoom("hall", {});`,
      'const signed = (room) => pulumi.unsecret(rtc.issueTokenOutput({ room, identity: "ann" })).apply(({ identity }) => console.log("signed for " + identity));',
      "signed(desk); signed(desk.room); rtc.getRoomOutput({ room: desk.room });",
    ),
    env: server.env,
  });
  const urn = `urn:pulumi:${stack.name}::${stack.project}::pulumi-nodejs:dynamic/rtc:RtcRoom::desk`;
  const { output } = await stack.up(["--exclude", urn]);
  expect(Object.keys(await roomsOf(server))).toEqual(["hall"]);
  expect(output).not.toContain("signed for");
  expect((await stack.up()).output).toContain("signed for ann");
});

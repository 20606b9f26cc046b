import { expect, test } from "vitest";
import { changesIn, declare, newWorld, program, reasonsFor } from "../support/world.ts";

/** Rooms that depend on what the server answers for `hall`: with their whole metadata, a part of it, the limit, the name. */
const linked = (hall: object, others: { metadata?: object; limit?: string; name?: string }) =>
  program(
    `const hall = ${declare("hall", hall)}`,
    `new rtc.RtcRoom("whole", { metadata: hall.sid.apply((sid) => ({ sid })) });`,
    `new rtc.RtcRoom("nested", { metadata: { hall: { sid: hall.sid }, ...${JSON.stringify(others.metadata ?? {})} } });`,
    `new rtc.RtcRoom("limited", { vendor: hall.vendor, maxParticipants: ${others.limit ?? "hall.sid.apply((sid) => sid.length)"} });`,
    `new rtc.RtcRoom("alike", { maxParticipants: hall.maxParticipants, metadata: hall.metadata });`,
    `new rtc.RtcRoom("named", { name: ${others.name ?? 'hall.room.apply((id) => "next-to-" + id.split(":")[1])'} });`,
  );

test("Rooms that depend on another one are previewed, made, updated and replaced before its answers are known", async () => {
  const { stack, rooms } = await newWorld(linked({ metadata: { floor: 1 } }, {}));
  const made = [
    "create alike",
    "create hall",
    "create limited",
    "create named",
    "create nested",
    "create whole",
  ];
  expect(changesIn(await stack.preview()).sort()).toEqual(made);
  expect(changesIn(await stack.up()).sort()).toEqual(made);
  const { hall, alike, whole, nested, limited, ...named } = await rooms();
  expect(Object.keys(named)).toEqual(["next-to-hall"]);
  expect(alike).toMatchObject({ maxParticipants: 0, metadata: { floor: 1 } });
  expect(whole?.metadata).toEqual({ sid: hall?.sid });
  expect(nested?.metadata).toEqual({ hall: { sid: hall?.sid } });
  expect(limited?.maxParticipants).toBe(hall?.sid.length);
  await stack.expectNoChanges();

  // The hall is updated, so that its sid is unknown in the preview; it then stays, and with it all that depends on it.
  stack.write(linked({ metadata: { floor: 2 } }, { metadata: { guide: "ada" } }));
  const update = await stack.preview();
  expect(changesIn(update)).toContain("update hall");
  expect(reasonsFor(update, "nested")).toEqual(["metadata"]);
  expect(changesIn(await stack.up()).sort()).toEqual(["update alike", "update hall", "update nested"]);
  const updated = await rooms();
  expect(updated["nested"]).toEqual({ ...nested, metadata: { hall: { sid: hall?.sid }, guide: "ada" } });
  expect(updated["limited"]).toEqual(limited);
  await stack.expectNoChanges();
});

test("A replacement of the room that others depend on reaches them, each in its own way", async () => {
  const { stack, rooms } = await newWorld(linked({}, {}));
  await stack.up();
  const before = await rooms();

  stack.write(linked({ maxParticipants: 9 }, { limit: "hall.maxParticipants", name: "hall.sid" }));
  const preview = await stack.preview();
  const inPreview = changesIn(preview).sort();
  expect(inPreview).toEqual([
    "replace alike",
    "replace hall",
    "replace limited",
    "replace named",
    "update nested",
    "update whole",
  ]);
  expect(await rooms()).toEqual(before);

  expect(changesIn(await stack.up()).sort()).toEqual(inPreview);
  const { hall, alike, whole, nested, limited, ...named } = await rooms();
  expect(hall?.sid).not.toBe(before["hall"]?.sid);
  expect(whole).toEqual({ ...before["whole"], metadata: { sid: hall?.sid } });
  expect(nested).toEqual({ ...before["nested"], metadata: { hall: { sid: hall?.sid } } });
  expect([alike?.maxParticipants, limited?.maxParticipants]).toEqual([9, 9]);
  expect(Object.keys(named)).toEqual([hall?.sid]);
  await stack.expectNoChanges(["--refresh"]);
});

test("A token is not known before its room is, and a secret from then on", async () => {
  const { stack } = await newWorld(
    program(
      `const hall = ${declare("hall", { maxParticipants: 5 })}`,
      `const access = rtc.issueTokenOutput({ room: hall, identity: hall.name.apply((name) => name + "-guide") });`,
      'pulumi.unsecret(access).apply(({ identity }) => console.log("signed for " + identity));',
      "exports.token = access.token;",
    ),
  );
  const first = await stack.preview();
  expect(first.stdout).toMatch(/token: \[secret\]/); // which hides that it is not known
  expect(first.output).not.toContain("signed for");

  const up = await stack.up();
  expect(up.output).toContain("signed for hall-guide");
  expect(up.stdout).toMatch(/token: \[secret\]/);
  const { token } = await stack.outputs();
  expect(claimsOf(String(token))).toMatchObject({ sub: "hall-guide", video: { room: "hall" } });
  expect(up.output).not.toContain(token);
  expect(stack.filesWith(String(token))).toEqual([]);

  // Though the room declares no timeout and no metadata, all that the token takes from it is known.
  const second = await stack.expectNoChanges();
  expect(second.output).toContain("signed for hall-guide");
  expect(second.output).not.toMatch(/eyJ[\w-]+\.eyJ/);
});

function claimsOf(jwt: string): unknown {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}

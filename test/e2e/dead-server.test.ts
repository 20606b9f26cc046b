import { beforeAll, describe, expect, test } from "vitest";
import { newClient } from "../../src/client/create.ts";
import { startLivekit } from "../support/livekit.ts";
import { participantsIn } from "../support/recordings.ts";
import { newStack } from "../support/stack.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn, declare, program, roomsOf } from "../support/world.ts";

const NAMES = ["replaced", "kicked", "destroyed"];

/** Three rooms with a participant in each, whose server is killed while its Redis stays. */
async function play() {
  const server = await startLivekit({ egress: "redis-only" });
  const declared = (maxParticipants: number) =>
    program(...NAMES.map((name) => declare(name, name === "replaced" ? { maxParticipants } : {})));
  const stack = await newStack({ program: declared(5), env: server.env });
  await stack.up();
  const participants = await Promise.all(NAMES.map((name) => joinPlainly(server, name, "alice")));
  const { url, apiKey, apiSecret } = server;
  const client = newClient({ livekitUrl: url, livekitApiKey: apiKey, livekitApiSecret: apiSecret });
  const alive = await client.room.get("replaced");

  await server.kill();
  // They stay away, where others would come back to the next server.
  for (const person of participants) void person.leave().catch(() => {});
  await server.restart();
  const listed = await Promise.all(NAMES.map((name) => participantsIn(server, name)));
  const dead = await client.room.get("kicked");
  const observed = await client.participant.list("kicked");
  await client.participant.kick({ room: "kicked", identity: "alice" });

  stack.write(declared(6));
  const up = await stack.up();
  const rooms = await roomsOf(server);
  const destroy = await stack.destroy();
  return { alive, listed, dead, observed, up, rooms, destroy, left: await roomsOf(server) };
}

describe("A participant of a killed server, whom its Redis still lists,", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("does not count, which the room's record reports; a present one does", () => {
    expect(s.alive).toMatchObject({ numParticipants: 1 });
    expect(s.alive).not.toHaveProperty("warnings");
    expect(s.listed).toEqual([["alice"], ["alice"], ["alice"]]);
    expect(s.dead).toMatchObject({
      numParticipants: 0,
      warnings: [expect.stringContaining("for whom no server answers: their server has died")],
    });
    expect(s.observed).toEqual({ items: [] });
  });

  test("does not prevent that a room is replaced or destroyed, which reports it, or a kick", () => {
    expect(changesIn(s.up)).toEqual(["replace replaced"]);
    expect(s.rooms["replaced"]).toMatchObject({ maxParticipants: 6 });
    expect(`${s.up.output}${s.destroy.output}`).toContain("livekit lists 1 participant in room livekit:");
    expect(s.destroy.counts.delete).toBe(NAMES.length);
    expect(s.left).toEqual({});
  });
});

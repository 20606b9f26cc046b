import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import {
  activate,
  egressAt,
  expectStatus,
  leave,
  nameOf,
  recorded,
  rememberedId,
  runningIn,
  whenEnded,
} from "../support/recordings.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { isTheNine } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

async function started(program: string): Promise<Stack> {
  const stack = await newStack({ program, env: server.env });
  await stack.up();
  return stack;
}

/** A stack whose recording is active, and the person who is heard in it. */
async function active(name: string, recording: object = {}) {
  const stack = await started(recorded(name, recording));
  const id = await rememberedId(stack, name);
  return { stack, id, alice: await activate(server, name, id) };
}

/** Fails unless a command has waited for the file and named it; where no recording can be looked at, it says so. */
async function expectNamed(output: string, id: string): Promise<void> {
  if (isTheNine) return expect(output).toContain(`recording livekit:${id} was told to stop; when its file`);
  const { status, fileResults } = await egressAt(server, id);
  expect(nameOf(status)).toBe("EGRESS_COMPLETE");
  expect(output).toContain(`recording livekit:${id} is complete, ${fileResults[0]?.location}`);
}

/** A program with the room of {@link recorded} alone. */
const roomAlone = (name: string) =>
  `const rtc = require("pulumi-rtc"); new rtc.RtcRoom("${name}", { emptyTimeoutSeconds: 600 });`;

describe("deleting a recording", () => {
  test("stops it, waits for its file, and names it; the room, declared still, goes on", async () => {
    const { stack, id, alice } = await active("over");
    await leave(server, "over", alice);
    const room = await roomAt(server, "over");
    stack.write(roomAlone("over"));

    const up = await stack.up();

    expect(changesIn(up)).toEqual(["delete over"]);
    await expectNamed(up.output, id);
    expect(await roomAt(server, "over")).toMatchObject({ sid: room?.sid });
    await stack.expectNoChanges(["--refresh"]);
  });

  test("waits, with progress, while the file takes long to be finished", async () => {
    const { stack, id, alice } = await active("slow");
    await leave(server, "slow", alice);
    await server.egress.faults({ room: "slow", finishMs: 13_000 });

    const { output, events } = await stack.destroy();

    const progress = events.filter(({ diagnosticEvent: said }) =>
      said?.message.includes("finishing livekit:EG_"),
    );
    expect(progress.length).toBeGreaterThan(0);
    await expectNamed(output, id);
    expect(await roomAt(server, "slow")).toBeUndefined();
  });

  test("is done where it has ended already, or the vendor knows nothing of it", async () => {
    const two = `{ ${recorded("ended")} }\n{ ${recorded("unknown")} }`;
    const stack = await started(two);
    for (const name of ["ended", "unknown"]) {
      const id = await rememberedId(stack, name);
      await server.recordings.stopEgress(id);
      await expectStatus(server, id, "EGRESS_ABORTED");
    }
    await server.egress.forget(await rememberedId(stack, "unknown"));

    expect((await stack.destroy()).counts.delete).toBe(4);
  });

  test("keeps it in the state where the server does not answer; the next destroy does the rest", async () => {
    const proxy = await startProxy(server.url);
    const through = await server.envWith({ LIVEKIT_URL: proxy.url });
    const stack = await newStack({ program: recorded("deaf"), env: through });
    await stack.up();
    const id = await rememberedId(stack, "deaf");
    proxy.fail("StopEgress", { status: 503, body: { code: "unavailable", msg: "try later" } });

    const { output } = await stack.destroy([], { code: 1 });

    expect(output).toContain("UNAVAILABLE: livekit StopEgress: try later");
    expect(await rememberedId(stack, "deaf")).toBe(id);
    expect(await runningIn(server, "deaf")).toEqual([id]);
    proxy.reset();
    await stack.destroy();
    await whenEnded(async () => expect(await runningIn(server, "deaf")).toEqual([]));
  });
});

describe("while people are in the room and it is being recorded", () => {
  test("every way to cut the recording is refused before anything is touched, and previews say so", async () => {
    const { stack, id, alice } = await active("class");
    const { sid } = (await roomAt(server, "class")) ?? {};
    const refusal = "ROOM_OCCUPIED: 1 person is in room livekit:class, and deleting or replacing";
    const untouched = async () => {
      expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ACTIVE");
      expect(await runningIn(server, "class")).toEqual([id]);
      expect(await roomAt(server, "class")).toMatchObject({ sid });
      expect(await rememberedId(stack, "class")).toBe(id);
      expect(alice.room.isConnected).toBe(true);
    };

    for (const program of [
      recorded("class", { outputUri: "out/elsewhere/" }),
      recorded("class", {}, { maxParticipants: 9 }),
    ]) {
      stack.write(program);
      const preview = await stack.preview();
      expect(preview.output).toContain(`warning: up will refuse this: 1 person is in room livekit:class`);
      expect((await stack.up([], { code: 1 })).output).toContain(refusal);
      await untouched();
    }
    stack.write(roomAlone("class"));
    expect((await stack.up([], { code: 1 })).output).toContain(refusal);
    await untouched();
    expect((await stack.destroy([], { code: 1 })).output).toContain(refusal);
    await untouched();
  });

  test("destroy --continue-on-error ends all but the class that goes on, which is recorded to its end", async () => {
    const all = ["free-1", "going-on", "free-2"];
    const stack = await started(all.map((name) => `{ ${recorded(name)} }`).join("\n"));
    const id = await rememberedId(stack, "going-on");
    const alice = await activate(server, "going-on", id);

    const { output } = await stack.destroy(["--continue-on-error"], { code: 1 });

    expect(output).toContain("1 person is in room livekit:going-on");
    expect((await server.service.listRooms(all)).map(({ name }) => name)).toEqual(["going-on"]);
    expect(Object.keys(await remembered(stack))).toEqual(["going-on"]);
    expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ACTIVE");
    await leave(server, "going-on", alice);
    await expectNamed((await stack.destroy()).output, id);
    expect(await roomAt(server, "going-on")).toBeUndefined();
  });

  test("but nobody has published yet, there is nothing to cut", async () => {
    const stack = await started(recorded("early"));
    const id = await rememberedId(stack, "early");
    await joinPlainly(server, "early", "alice");
    stack.write(recorded("early", { outputUri: "out/elsewhere/" }));
    expect(changesIn(await stack.up())).toEqual(["replace early"]);
    expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ABORTED");
  });

  test("forceDestroy on the recording lets it be replaced, also where it is new in the same change, and deleted", async () => {
    const { stack, id, alice } = await active("urgent");
    stack.write(recorded("urgent", { outputUri: "out/elsewhere/", forceDestroy: true }));
    expect((await stack.preview()).output).not.toContain("up will refuse this");
    expect(changesIn(await stack.up())).toEqual(["replace urgent"]);
    await expectStatus(server, id, "EGRESS_COMPLETE");
    const next = await rememberedId(stack, "urgent");
    await expectStatus(server, next, "EGRESS_ACTIVE");

    // The room itself is as guarded as before.
    expect((await stack.destroy([], { code: 1 })).output).toContain("it would end their call");
    await expectStatus(server, next, "EGRESS_COMPLETE");
    expect(alice.room.isConnected).toBe(true);
  });

  test("forceDestroy on the room lets it be replaced with its recording: what ends the call ends the recording", async () => {
    const { stack, id, alice } = await active("overruled");
    stack.write(recorded("overruled", {}, { maxParticipants: 9, forceDestroy: true }));
    expect((await stack.preview()).output).not.toContain("up will refuse this");
    expect(changesIn(await stack.up())).toEqual(["replace overruled", "replace overruled"]);
    await alice.disconnected;
    await expectStatus(server, id, "EGRESS_COMPLETE");
    expect(await runningIn(server, "overruled")).toEqual([await rememberedId(stack, "overruled")]);
  });

  test("forceDestroy by configuration ends everything, for a whole teardown", async () => {
    const { stack, id, alice } = await active("teardown");
    const { output } = await stack.destroy([], { env: { RTC_FORCE_DESTROY: "true" } });
    await alice.disconnected;
    await expectNamed(output, id);
    expect(await roomAt(server, "teardown")).toBeUndefined();
  });
});

import { beforeAll, describe, expect, test, vi } from "vitest";
import type { EngineEvent } from "../support/events.ts";
import { type LivekitOptions, startLivekit } from "../support/livekit.ts";
import {
  egressesOf,
  POLL_OPTIONS,
  recorded,
  runningIn,
  storedRecordings,
  together,
} from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { isThrough } from "../support/through.ts";
import { changesOf, expectPlainRejection, messagesOn, onRow } from "../support/world.ts";

/** Seconds that a busy machine may add. */
const BUSY = 10;

const FOREVER = recorded("forever", {}, { emptyTimeoutSeconds: undefined });
const OTHERS = ["crowded", "broken"].map((name) => recorded(name));
const ASLEEP = recorded("asleep", {}, { emptyTimeoutSeconds: 1 });
const ROOM_ASLEEP = ASLEEP.replace(/^const recording.*\nexports.*$/m, "");

/** The recording "twice", and further resources that record the same room, each with its layout. */
function twice(more: Record<string, string>): string {
  const others = Object.entries(more).map(([name, layout]) => {
    const inputs = { audioOnly: false, outputUri: "out/twice/", layout };
    return `new rtc.RtcRecording("${name}", { room, ...${JSON.stringify(inputs)} });`;
  });
  return recorded("twice", { audioOnly: false }, {}, others.join("\n"));
}

let played: Awaited<ReturnType<typeof play>>;
/** What up reports where the server has no Redis, and where no worker answers. */
let withoutRedis: Result;
let withoutWorker: Result;
beforeAll(async () => {
  [played, withoutRedis, withoutWorker] = await Promise.all([
    play(),
    upOn("unrecorded", {}),
    upOn("waiting", { egress: "redis-only" }),
  ]);
}, 480_000);

async function upOn(name: string, options: LivekitOptions): Promise<Result> {
  const { env } = await startLivekit(options);
  const stack = await newStack({ program: recorded(name), env });
  return stack.up([], { code: "any" });
}

/** Takes one stack through what is rejected and what is not; returns the result of each command. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  await server.egress.faults({ room: "crowded", outOfCapacity: true });
  await server.egress.faults({ room: "broken", startFailure: "template error: the page does not load" });
  const wrong = { layout: "mosaic", restartPolicy: "sometimes", outputUri: "s3://key:canary-in-uri@bucket/" };
  const stack = await newStack({ program: recorded("wrong", wrong), env: server.env });
  const invalid = await stack.preview([], { code: "any" });

  const all = (...more: string[]) => stack.write(together(FOREVER, ...OTHERS, ...more));
  all(twice({}), ROOM_ASLEEP);
  const preview = await stack.preview();
  const failed = await stack.up(["--continue-on-error"], { code: "any" });
  const managed = Object.keys(await storedRecordings(stack));
  const crowded = await egressesOf(server, "crowded");

  for (const room of ["crowded", "broken"]) await server.egress.faults({ room });
  await vi.waitFor(async () => expect(await roomAt(server, "asleep")).toBeUndefined(), POLL_OPTIONS);
  all(twice({ again: "speaker" }), ASLEEP);
  const up = await stack.up(["--continue-on-error"], { code: 1 });
  all(twice({ again: "speaker" }), ROOM_ASLEEP);

  all(twice({ again: "speaker", repeated: "grid" }), ROOM_ASLEEP);
  const repeated = await stack.up([], { code: "any" });
  const count = async (name: string) => (await runningIn(server, name)).length;
  const running = { twice: await count("twice"), broken: await count("broken") };
  return {
    ...{ invalid, preview, failed, managed, crowded, up, repeated, running },
    asleep: await egressesOf(server, "asleep"),
  };
}

/** How long the creation of a recording took, from the engine's first word about it to its end. */
function secondsOf({ events }: Result, urnEnd: string): number {
  const of = (event: EngineEvent) =>
    event.resourcePreEvent ?? event.resOpFailedEvent ?? event.resOutputsEvent ?? undefined;
  const times = events
    .filter((event) => of(event)?.metadata.urn.endsWith(urnEnd))
    .map(({ timestamp }) => timestamp);
  return Math.max(...times) - Math.min(...times);
}

describe("in preview", () => {
  test("a recording of a room that never closes gets a warning that reports what to set; one that closes gets none", () => {
    const { preview, failed } = played;
    expect(messagesOn(preview, "forever").join()).toMatch(
      /records silence.*set emptyTimeoutSeconds on the room/,
    );
    const warned = preview.events.flatMap(({ diagnosticEvent: event }) =>
      event?.message.includes("records silence") ? [event.urn?.split("::").at(-1)] : [],
    );
    expect(new Set(warned)).toEqual(new Set(["forever"]));
    expect(failed.output).not.toContain("records silence");
  });

  test("all problems of a declaration are reported at once, and an output address without its credentials", () => {
    const { invalid } = played;
    expectPlainRejection(
      invalid,
      "layout: must be one of grid",
      "restartPolicy: must be never, onFailure or always",
      "outputUri: ",
    );
    expect(invalid.output).not.toContain("canary-in-uri");
  });
});

describe("two declarations", () => {
  test("of the same recording are rejected", () => {
    const { repeated, running } = played;
    const message = "twice is recorded twice with the same layout, audio and output: also by urn:";
    expectPlainRejection(repeated, message);
    expect(running.twice).toBe(2);
  });

  test("with another layout are two recordings", () => {
    expect(changesOf(played.up, "again")).toEqual(["create again"]);
    expect(changesOf(played.up, "twice")).toEqual([]);
  });
});

describe("a server that cannot record is diagnosed", () => {
  test("at once, where it has no Redis", () => {
    expectPlainRejection(
      withoutRedis,
      "NOT_CONFIGURED",
      "this server cannot record: it runs without Redis",
      "egress worker",
    );
    expect(secondsOf(withoutRedis, "RtcRecording::unrecorded")).toBeLessThan(15); // and not 25, as without a worker
  });

  test("within 25 seconds, where no worker answers, with progress on the row", () => {
    expectPlainRejection(withoutWorker, "UNAVAILABLE", "no egress worker took the recording: is one running");
    expect(withoutWorker.output).not.toMatch(/TimeoutError|aborted due to timeout|DOMException/);
    const seconds = secondsOf(withoutWorker, "RtcRecording::waiting");
    expect(seconds).toBeGreaterThan(15);
    expect(seconds).toBeLessThan(25 + BUSY);
    if (isThrough) return; // the gateway waits, and its client hears nothing in the meantime
    const progress = messagesOn(withoutWorker, "waiting").filter((text) =>
      text.includes("waiting for the vendor to accept"),
    );
    expect(progress.length).toBeGreaterThan(3);
    expect(progress[0]).toContain("waiting for the vendor to accept the recording, 3 s");
  });

  test("where the worker has no capacity, with the worker's own words", () => {
    const { failed, managed, crowded, up } = played;
    expectPlainRejection(onRow(failed, "crowded"), "UNAVAILABLE", "not enough CPU");
    expect(managed).not.toContain("crowded");
    expect(crowded).toEqual([]);
    expect(changesOf(up, "crowded")).toEqual(["create crowded"]);
  });
});

test("a recording that fails at once fails the up, with the reason; the next one starts another", () => {
  const { failed, managed, up, running } = played;
  expectPlainRejection(
    onRow(failed, "broken"),
    "livekit:broken failed at once",
    "template error: the page does not load",
  );
  expect(managed).not.toContain("broken");
  expect(changesOf(up, "broken")).toEqual(["create broken"]);
  expect(running.broken).toBe(1);
});

test("a dormant room cannot be recorded: NOT_FOUND reports why, and what brings it back", () => {
  const { up, asleep } = played;
  expectPlainRejection(
    onRow(up, "asleep"),
    "NOT_FOUND",
    "room livekit:asleep does not exist",
    "the next join recreates it",
  );
  expect(asleep).toEqual([]);
});

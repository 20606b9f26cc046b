import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import type { Person } from "../support/participants.ts";
import {
  activate,
  bareId,
  expectStatus,
  leave,
  recorded,
  runningIn,
  storedIds,
  storedRecordings,
  together,
} from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { isCoreOnly } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesOf, expectPlainRejection, messagesOn, onRow } from "../support/world.ts";

/** The room, and the recording, of each policy. */
const POLICIES = {
  radio: "always",
  call: "onFailure",
  meeting: "onFailure",
  once: "never",
  stubborn: "always",
  weekly: "always",
} as const;
const NAMES = Object.keys(POLICIES) as Name[];
type Name = keyof typeof POLICIES;

function programWith(policies: Record<Name, string>): string {
  return together(...NAMES.map((name) => recorded(name, { restartPolicy: policies[name] })));
}

let server: LivekitServer;
let played: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  played = await play();
}, 480_000);

/** Lets a recording end with its file, whose location is returned, and all participants leave. */
async function finish(name: Name, id: string): Promise<string> {
  const alice = await activate(server, name, id);
  await server.recordings.stopEgress(id);
  const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");
  await leave(server, name, alice);
  return fileResults[0]?.location ?? "";
}

/** Lets the worker end a recording while a participant is in its room; returns who that is. */
async function cut(name: Name, id: string): Promise<Person> {
  const alice = await activate(server, name, id);
  await server.egress.faults({ room: name, cut: "Process killed" });
  await expectStatus(server, id, "EGRESS_COMPLETE");
  await server.egress.faults({ room: name });
  return alice;
}

async function kill(id: string): Promise<void> {
  await server.egress.killRecorder(id);
  await expectStatus(server, id, "EGRESS_FAILED");
}

/** What is managed and what runs after a command. */
async function observe(stack: Stack, result: Result) {
  const recordings = (await storedRecordings(stack)) as Record<Name, Record<string, unknown>>;
  const running = await Promise.all(
    NAMES.map(async (name) => [name, await runningIn(server, name)] as const),
  );
  const idOf = (name: Name) => bareId(String(recordings[name]["recording"]));
  return { result, recordings, idOf, running: Object.fromEntries(running) as Record<Name, string[]> };
}

/** Takes one stack through two rounds of ends and restarts. */
async function play() {
  const stack = await newStack({ program: programWith(POLICIES), env: server.env });
  await stack.up();
  const first = await storedIds<Name>(stack);
  const files: string[] = [];
  let met: Person | undefined;
  await server.service.deleteRoom("weekly");
  await expectStatus(server, first.weekly, "EGRESS_ABORTED");
  // Where no recording can be read, none is restarted after its end.
  if (!isCoreOnly) {
    const killed = [first.call, first.once, first.stubborn].map(kill);
    const [file] = await Promise.all([finish("radio", first.radio), ...killed]);
    files.push(file);
    met = await cut("meeting", first.meeting);
    await server.egress.faults({ room: "stubborn", startFailure: "template error" });
  }
  const refreshed = await observe(
    stack,
    await stack.up(["--refresh", "--continue-on-error"], { code: "any" }),
  );

  if (met) await leave(server, "meeting", met);
  await server.egress.faults({ room: "stubborn" });
  stack.write(programWith({ ...POLICIES, once: "onFailure" }));
  const next = await observe(stack, await stack.up());

  if (!isCoreOnly) {
    const both = (["radio", "call"] as const).map((name) => finish(name, next.idOf(name)));
    files.push((await Promise.all(both))[0] ?? "");
  }
  const alice = await joinPlainly(server, "weekly", "alice");
  await stack.refresh();
  const preview = await observe(stack, await stack.preview());
  const last = await observe(stack, await stack.up());
  const weekly = await roomAt(server, "weekly");
  const later = await stack.preview(["--refresh"]);
  await leave(server, "weekly", alice);
  return { first, files, refreshed, next, preview, last, weekly, later, destroy: await stack.destroy() };
}

describe("restartPolicy", () => {
  test("always: each that has ended is followed by another, as an update in place, and every file stays listed", () => {
    const { first, files, refreshed, next, preview, last, later, destroy } = played;
    const ids = [first.radio, next.idOf("radio")];
    for (const [round, { result, running, recordings, idOf }] of [refreshed, last].entries()) {
      expect(changesOf(result, "radio")).toEqual(["update radio"]);
      expect(running.radio).toEqual([idOf("radio")]);
      expect(recordings.radio).toMatchObject({
        status: "starting",
        files: files.slice(0, round + 1).map((location, n) => ({ location, recording: `livekit:${ids[n]}` })),
      });
    }
    expect(changesOf(preview.result, "radio")).toEqual(["update radio"]);
    expect(messagesOn(preview.result, "radio").join()).toContain("restartPolicy is always: it is restarted");
    expect(preview.running.radio, "a preview starts none").toEqual([]);
    expect([...changesOf(next.result, "radio"), ...changesOf(later, "radio")]).toEqual([]);
    for (const file of files) expect(destroy.output).toContain(file);
  });

  test("onFailure: another follows one that has failed, and none one that was stopped", () => {
    const { first, refreshed, next, last } = played;
    expect(changesOf(refreshed.result, "call")).toEqual(["update call"]);
    const id = refreshed.idOf("call");
    expect(id).not.toBe(first.call);
    expect(refreshed.running.call).toEqual([id]);
    expect(refreshed.recordings.call).not.toHaveProperty("error");
    for (const { result } of [next, last]) expect(changesOf(result, "call")).toEqual([]);
    expect(last.running.call).toEqual([]);
  });

  test("onFailure: another follows one that the worker interrupted, whose file stays listed", () => {
    const { first, refreshed, next } = played;
    expect(changesOf(refreshed.result, "meeting")).toEqual(["update meeting"]);
    expect(refreshed.result.output).toContain("ended it before its room closed: Process killed");
    expect(refreshed.running.meeting).toEqual([refreshed.idOf("meeting")]);
    expect(refreshed.recordings.meeting).toMatchObject({
      files: [{ recording: `livekit:${first.meeting}` }],
    });
    for (const gone of ["error", "endedEarly"]) expect(refreshed.recordings.meeting).not.toHaveProperty(gone);
    expect(changesOf(next.result, "meeting")).toEqual([]);
  });

  test("never, the default, leaves a failed one ended; the up that brings another policy starts another", () => {
    const { refreshed, next, last, later } = played;
    expect(changesOf(refreshed.result, "once")).toEqual([]);
    expect(refreshed.running.once).toEqual([]);
    expect(changesOf(next.result, "once")).toEqual(["update once"]);
    expect(next.running.once).toEqual([next.idOf("once")]);
    expect([...changesOf(last.result, "once"), ...changesOf(later, "once")]).toEqual([]);
  });

  test("a restart that fails at once is reported, loses nothing, and is retried by the next up", () => {
    const { first, refreshed, next } = played;
    expectPlainRejection(onRow(refreshed.result, "stubborn"), "failed at once", "template error");
    expect(changesOf(refreshed.result, "stubborn")).toEqual(["update stubborn failed"]);
    expect(refreshed.recordings.stubborn).toMatchObject({ recording: `livekit:${first.stubborn}` });
    expect(changesOf(next.result, "stubborn")).toEqual(["update stubborn"]);
    expect(next.running.stubborn).toEqual([next.idOf("stubborn")]);
  });
});

test("a dormant room waits for its participants: no restart is required before they are back", () => {
  const { refreshed, next, last, weekly } = played;
  expect(changesOf(refreshed.result, "weekly")).toEqual([]);
  expect(changesOf(next.result, "weekly")).toEqual([]);
  expect(last.running.weekly).toEqual([last.idOf("weekly")]);
  expect(last.recordings.weekly).toMatchObject({ roomSid: weekly?.sid });
});

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import {
  activate,
  egressAt,
  expectStatus,
  POLL_OPTIONS,
  recorded,
  runningIn,
  storedIds,
  storedRecordings,
  together,
} from "../support/recordings.ts";
import { newStack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { isCoreOnly } from "../support/through.ts";
import { changesIn } from "../support/world.ts";

/** Recordings that end before their time, each in another way; how many files there are then, and what is reported. */
const EARLY = {
  stopped: [1, "complete", "it was stopped before its room closed"],
  "stopped-early": [0, "aborted", "it was stopped before a participant published, so nothing was recorded"],
  limited: [1, "limit_reached", "Session limit reached"],
  exhausted: [1, "complete", "the egress worker ended it before its room closed: CPU exhausted"],
  lost: [0, "failed", "AccessDenied"],
  killed: [0, "failed", "signal: killed"],
} as const;
const EARLY_NAMES = Object.keys(EARLY) as (keyof typeof EARLY)[];
const NAMES = ["lecture", "playlist", "unseen", "cut", ...EARLY_NAMES] as const;
type Name = (typeof NAMES)[number];

let server: LivekitServer;
let played: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  if (isCoreOnly) return; // there no recording can be read
  server = await startLivekit({ egress: "worker" });
  played = await play();
}, 480_000);

/** Lets the recordings of one stack end; returns the result of each command, and what was managed after it. */
async function play() {
  const hls = { outputUri: "out/playlist/talk.m3u8" };
  const program = together(...NAMES.map((name) => recorded(name, name === "playlist" ? hls : {})));
  const stack = await newStack({ program, env: server.env });
  await stack.up();
  const id = await storedIds<Name>(stack);
  await Promise.all(
    (["lecture", "playlist", "cut", "stopped", "limited", "exhausted", "lost", "killed"] as const).map(
      (name) => activate(server, name, id[name]),
    ),
  );
  await server.egress.faults({ room: "lost", uploadFailure: "AccessDenied" });
  await Promise.all([
    server.service.deleteRoom("lecture"),
    server.service.deleteRoom("playlist"),
    server.egress.faults({ room: "limited", sessionLimitMs: 1 }),
    server.egress.faults({ room: "exhausted", cut: "CPU exhausted" }),
    server.egress.killRecorder(id.killed),
    ...(["unseen", "stopped", "stopped-early", "lost"] as const).map((name) =>
      server.recordings.stopEgress(id[name]),
    ),
  ]);
  await Promise.all([
    expectStatus(server, id.unseen, "EGRESS_ABORTED"),
    ...(["lecture", "playlist", ...EARLY_NAMES] as const).map((name) =>
      vi.waitFor(async () => expect((await egressAt(server, id[name])).endedAt).not.toBe(0n), POLL_OPTIONS),
    ),
  ]);
  const lecture = await expectStatus(server, id.lecture, "EGRESS_COMPLETE");
  const playlist = await expectStatus(server, id.playlist, "EGRESS_COMPLETE");
  await server.egress.forget(id.unseen);

  const refresh = await stack.refresh(["--expect-no-changes"]);
  const recordings = (await storedRecordings(stack)) as Record<Name, Record<string, unknown>>;

  await server.egress.forget(id.lecture);
  await server.egress.killRecorder(id.cut);
  await expectStatus(server, id.cut, "EGRESS_FAILED");
  const up = await stack.up(["--refresh"]);
  const later = (await storedRecordings(stack)) as typeof recordings;
  await stack.expectNoChanges();
  const running = (await Promise.all(NAMES.map((name) => runningIn(server, name)))).flat();
  await stack.destroy([], { env: { RTC_FORCE_DESTROY: "true" } });
  return { id, lecture, playlist, refresh, recordings, up, later, running };
}

/** The warnings of a command about a recording, or about all of them. */
function warningsIn({ events }: Result, of = ""): string[] {
  return events.flatMap(({ diagnosticEvent: event }) =>
    event?.severity === "warning" && event.message.includes(of) ? [event.message] : [],
  );
}

describe("a recording that has ended with its room", () => {
  test("stays in the state with status, file and duration, also when it has expired at the vendor, without drift", () => {
    const { id, lecture, refresh, recordings, later } = played;
    expect(warningsIn(refresh, id.lecture)).toEqual([]);
    const history = recordings.lecture;
    const [file] = lecture.fileResults;
    expect(history).toMatchObject({
      status: "complete",
      recording: `livekit:${id.lecture}`,
      outputUri: "out/lecture/",
      files: [
        {
          recording: `livekit:${id.lecture}`,
          location: file?.location,
          sizeBytes: Number(file?.size),
          durationSeconds: history["durationSeconds"],
        },
      ],
      endedAt: expect.stringMatching(/Z$/),
    });
    expect(history["durationSeconds"]).toBeCloseTo(Number(file?.duration) / 1e9, 2);
    expect(history).not.toHaveProperty("error");
    expect(later.lecture).toEqual(history);
  });

  test("to HLS has the playlist as its file, with the number of segments, their size and their length", () => {
    const { playlist, recordings } = played;
    const [made] = playlist.segmentResults;
    const [file, ...others] = recordings.playlist["files"] as Record<string, unknown>[];
    expect(others).toEqual([]);
    expect(file).toMatchObject({ location: made?.playlistLocation, segments: Number(made?.segmentCount) });
    expect(String(file?.["location"])).toMatch(/\/out\/playlist\/talk\.m3u8$/);
    expect(file?.["segments"]).toBeGreaterThan(0);
    expect(file?.["sizeBytes"]).toBe(Number(made?.size));
    expect(file?.["durationSeconds"]).toBeCloseTo(Number(made?.duration) / 1e9, 2);
    const lines = readFileSync(String(file?.["location"]), "utf8").split("\n");
    expect(lines.filter((line) => line.endsWith(".ts"))).toHaveLength(Number(file?.["segments"]));
  });

  test("and that had expired at the vendor before any read is reported as ended, without an invented end", () => {
    const { refresh, recordings } = played;
    expect(refresh.output).toMatch(
      /warning: recording livekit:EG_\w+ of room livekit:unseen.*expired at the vendor/,
    );
    expect(recordings.unseen["error"]).toContain("it has expired at the vendor");
    expect(recordings.unseen).not.toHaveProperty("files");
  });
});

describe("a recording that ended before its time", () => {
  test("reports why, in its outputs and as a warning", () => {
    const { id, refresh, recordings } = played;
    for (const name of EARLY_NAMES) {
      const [files, status, error] = EARLY[name];
      const observed = recordings[name];
      expect(observed, name).toMatchObject({ status, error: expect.stringContaining(error) });
      const warning = `warning: recording livekit:${id[name]} of room livekit:${name} is ${status}: ${observed["error"]}`;
      expect(refresh.output).toContain(warning);
      expect(observed["files"] ?? [], name).toHaveLength(files);
      const isCut = name === "limited" || name === "exhausted";
      expect(observed["endedEarly"], name).toBe(isCut ? true : undefined);
    }
  });

  test("is reported once, by up --refresh too, is no drift, and is followed by no other", () => {
    expect(warningsIn(played.up)).toEqual([expect.stringContaining("livekit:cut is failed: signal: killed")]);
    expect(changesIn(played.up)).toEqual([]);
    expect(played.running).toEqual([]);
  });
});

import { beforeAll, describe, expect, test, vi } from "vitest";
import type { StackStatus } from "../../src/cli/stack/status.ts";
import { startLivekit } from "../support/livekit.ts";
import { activate } from "../support/recordings.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { rtcAtTerminal } from "../support/terminal.ts";
import { joinPlainly } from "../support/tokens.ts";

const CTRL_C = "\u0003";

/** A stack with a room in each state, that is then watched, at a terminal and without one. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const folder = new RtcFolder(server.env);
  folder.manifest(
    "rooms: { asleep: { emptyTimeoutSeconds: 600 }, busy: {}, gone: {} }",
    "recordings:",
    "  busy: { room: busy, audioOnly: true, outputUri: out/status/ }",
  );
  await folder.run(6, "status");
  await folder.run(0, "up");
  const [recording] = await folder.json<{ recording: string }[]>(0, "recordings list --active");
  await activate(server, "busy", (recording?.recording ?? "").replace("livekit:", ""));
  await joinPlainly(server, "busy", "ann");
  for (const name of ["asleep", "gone"]) await server.service.deleteRoom(name);
  // Not expect.poll, which is for tests alone.
  const wait = { timeout: 60_000, interval: 100 };
  const before = folder.files();
  const observed = await folder.json<StackStatus>(0, "status");
  const wrongKey = await folder.run(3, "status", {
    LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more",
  });

  const watching = folder.start("status --watch 1s --json");
  let output = "";
  watching.child.stdout?.on("data", (text: string) => {
    output += text;
  });
  const lines = () => output.split("\n").filter((line) => line.startsWith("{"));
  await vi.waitFor(() => expect(lines()).toHaveLength(1), wait);
  const terminal = rtcAtTerminal("status --watch 1s", {
    dir: folder.dir,
    env: { ...folder.env, NO_COLOR: "1" },
  });
  await vi.waitFor(() => expect(terminal.shown()).toContain("gone    missing"), wait);
  await folder.run(0, "up --refresh");
  await vi.waitFor(() => {
    expect(lines().at(-1)).toContain('"name":"gone","id":"livekit:gone","state":"open"');
    expect(terminal.shown()).toContain("gone    open");
  }, wait);
  terminal.type(CTRL_C);
  process.kill(watching.pid, "SIGINT");
  const stopped = await folder.json<{ recording: string }>(0, "recordings stop busy");
  await folder.run(4, "recordings stop bussy");
  const ended = await folder.json<StackStatus>(0, "status");
  await server.stop();
  const unreachable = await folder.json<StackStatus>(4, "status");
  return {
    ...{ recording, stopped, ended },
    ...{
      server,
      observed,
      unreachable,
      wrongKey,
      shown: terminal.shown(),
      atTerminal: await terminal.finished,
    },
    watched: { ...(await watching.finished), lines: lines().map((line) => JSON.parse(line) as StackStatus) },
    ...{ before, after: folder.files() },
  };
}

describe("rtc status", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("shows rooms, participants, recordings, the last run and drift, as the vendor has them now", () => {
    const byName = Object.fromEntries(s.observed.rooms.map(({ name, ...room }) => [name, room]));
    expect(byName).toEqual({
      asleep: { id: "livekit:asleep", state: "dormant", participants: 0, drift: null },
      busy: { id: "livekit:busy", state: "open", participants: 2, drift: null },
      gone: { id: "livekit:gone", state: "missing", participants: 0, drift: "deleted" },
    });
    expect(s.observed.recordings).toMatchObject([
      { name: "busy", room: "livekit:busy", status: "active", drift: null, files: expect.any(Array) },
    ]);
    expect(s.observed).toMatchObject({
      project: "acme",
      stack: "dev",
      drifted: true,
      pending: 0,
      errors: [],
    });
    expect(s.observed.lastRun).toMatchObject({ command: "up", result: "succeeded" });
  });

  test("reports what it cannot observe as unknown, never as missing, and exits with the code of the cause", () => {
    const { rooms, recordings, drifted, errors } = s.unreachable;
    expect([...rooms.map(({ state }) => state), ...recordings.map(({ status }) => status)]).toEqual(
      Array.from({ length: 4 }, () => "unknown"),
    );
    expect(drifted).toBe(false);
    expect(errors.map(({ resource, code }) => [resource, code]).sort()).toEqual([
      ...[
        ["asleep", "UNAVAILABLE"],
        ["busy", "UNAVAILABLE"],
        ["busy", "UNAVAILABLE"],
        ["gone", "UNAVAILABLE"],
      ],
    ]);
    expect(s.wrongKey.stdout).toContain("UNAUTHENTICATED");
  });

  test("shows that a recording has ended, which is stopped by the name of its resource", () => {
    expect(s.stopped.recording).toBe(s.recording?.recording);
    expect(s.ended.recordings).toMatchObject([{ name: "busy", drift: "ended" }]);
  });

  test("with --watch reports each change once, and exits with 0 on Ctrl-C", () => {
    expect(s.watched.code).toBe(0);
    const states = s.watched.lines.map(({ rooms }) => rooms.find(({ name }) => name === "gone")?.state);
    expect([states[0], states.at(-1)]).toEqual(["missing", "open"]);
    const texts = s.watched.lines.map((line) => JSON.stringify(line));
    expect(texts.filter((text, index) => text === texts[index + 1])).toEqual([]);
  });

  test("is drawn in place at a terminal, which is restored afterwards", () => {
    expect(s.atTerminal).toBe(0);
    expect(s.shown.split("\u001b[H").length).toBeGreaterThan(2);
    expect(s.shown.trimEnd().endsWith("\u001b[?7h")).toBe(true);
  });

  test("writes nothing but what up has written", () => {
    expect(s.after.filter((name) => name.startsWith("tmp/"))).toEqual(
      s.before.filter((name) => name.startsWith("tmp/")),
    );
  });
});

import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join as joinRoom } from "../support/participants.ts";
import { rtc } from "../support/rtc.ts";

let server: LivekitServer;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  folder = mkdtempSync(join(inject("scratch"), "cli-"));
  env = { LIVEKIT_URL: server.url, LIVEKIT_API_KEY: server.apiKey, LIVEKIT_API_SECRET: server.apiSecret };
});

/** The parsed result of a command that must succeed. */
async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await rtc([...args, "--json"], { cwd: folder, env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
}

describe("From a shell", () => {
  test("a room is made, got, listed, joined with a token, recorded, emptied and deleted", async () => {
    const made = await json(
      "rooms",
      "create",
      "standup",
      "--max-participants",
      "5",
      "--metadata",
      '{"team":"core"}',
    );
    expect(made).toMatchObject({ room: "livekit:standup", maxParticipants: 5, metadata: { team: "core" } });
    // The token alone is on stdout, for a script to hand out.
    const issued = await rtc(["token", "standup", "alice", "--ttl", "600"], { cwd: folder, env });
    const alice = await joinRoom(server.url, issued.stdout.trim());
    await expect.poll(() => json("participants", "standup")).toMatchObject([{ identity: "alice" }]);
    expect(await json("rooms", "get", "standup")).toMatchObject({ state: "open", numParticipants: 1 });

    const recording = await json<{ recording: string }>(
      "recordings",
      "start",
      "standup",
      "--audio-only",
      "--output",
      "a/",
    );
    expect(await json("recordings", "list", "--active")).toMatchObject([
      { recording: recording.recording, room: "livekit:standup" },
    ]);
    await json("recordings", "stop", recording.recording);
    expect(await json("recordings", "list", "--room", "standup", "--active")).toEqual([]);

    await json("kick", "standup", "alice");
    await alice.disconnected;
    await json("rooms", "delete", "standup");
    const gone = await rtc(["rooms", "get", "standup"], { cwd: folder, env });
    expect(gone).toMatchObject({ code: 4, stdout: "" });
    expect(gone.stderr).toContain("NOT_FOUND: there is no room livekit:standup");
  });

  test("a series of rooms is made, listed by prefix and age, and deleted, once that is asked for", async () => {
    const made = await rtc(
      ["rooms", "create", "--prefix", "exam-", "--count", "30", "--empty-timeout", "10m"],
      {
        cwd: folder,
        env,
      },
    );
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout.trim().split("\n")).toHaveLength(30);
    expect(made.stderr).toContain("created 30/30");
    await json("rooms", "create", "other");
    const names = await json<{ name: string }[]>("rooms", "list", "--prefix", "exam-");
    expect(names).toHaveLength(30);
    expect(await json("rooms", "list", "--prefix", "exam-", "--older-than", "1h")).toEqual([]);

    const asked = await rtc(["rooms", "delete", "--prefix", "exam-"], { cwd: folder, env });
    expect(asked.stderr).toContain("Nothing is deleted without --yes");
    expect(await json("rooms", "list", "--prefix", "exam-")).toHaveLength(30);
    expect(await json("rooms", "delete", "--prefix", "exam-", "--yes")).toMatchObject({ failed: [] });
    const left = (await json<{ name: string }[]>("rooms", "list")).map(({ name }) => name);
    expect(left).toContain("other");
    expect(left.filter((name) => name.startsWith("exam-"))).toEqual([]);
  });
});

describe("Each kind of error has its own exit code and a readable message", () => {
  test.each([
    [2, ["nonsense"], "unknown command"],
    [2, ["rooms", "create", "x", "--count", "many"], "not a whole number"],
    [2, ["up", "--ttl-seconds", "60"], "ttlSeconds is --ttl of rtc token"],
    [2, ["rooms", "create"], "pass either a name, or --prefix and --count"],
    [2, ["rooms", "delete", "standup", "--older-than", "2h"], "--older-than is for --prefix"],
    [2, ["rooms", "delete", "--prefix", "", "--yes"], "a prefix must not be empty"],
    [2, ["explain", "--needs", "rtc.room.crate"], "rtc.room.create"],
    [2, ["validate"], "there is no such file"],
  ])("%i: rtc %j", async (code, args, words) => {
    const result = await rtc(args, { cwd: folder, env });
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toContain(words);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  test("a command or option that is misspelt gets one suggestion and no page of help", async () => {
    for (const [line, suggestion] of [
      ["plna", "plan"],
      ["rooms lst", "list"],
      ["up --fils x", "--file"],
    ] as const) {
      const { code, stdout, stderr } = await rtc(line.split(" "), { cwd: "/" });
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr.trim().split("\n")).toEqual([
        expect.stringMatching(/^error: unknown (command|option) /),
        `(Did you mean ${suggestion}?)`,
        expect.stringContaining("rtc --help"),
      ]);
    }
  });

  test("3: credentials that the server rejects", async () => {
    const wrong = { ...env, LIVEKIT_API_SECRET: "not-the-secret-of-this-server-at-all" };
    const result = await rtc(["rooms", "list", "--json"], { cwd: folder, env: wrong });
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(JSON.parse(result.stderr)).toMatchObject({
      error: { code: "UNAUTHENTICATED", vendor: "livekit" },
    });
    expect(result.stderr).not.toContain(wrong.LIVEKIT_API_SECRET);
  });
});

describe("Without a network", () => {
  const offline = (args: readonly string[], more: Record<string, string> = {}) =>
    rtc(args, { cwd: folder, env: more });

  test("a manifest is checked and rendered, with its overlay and the environment", async () => {
    writeFileSync(
      join(folder, "rtc.yaml"),
      "apiVersion: rtc/v1\nproject: acme\ndefaults: { rooms: { maxParticipants: 12 } }\nrooms: { class: { count: 2 }, hall: {} }\n",
    );
    writeFileSync(
      join(folder, "rtc.eu.yaml"),
      `rooms: { hall: ~, lobby: { metadata: { at: "\${env:SITE}" } } }\n`,
    );
    const rendered = await offline(["render", "--stack", "eu"], { SITE: `\${x}` });
    expect(rendered).toMatchObject({
      code: 0,
      stdout: `apiVersion: rtc/v1
project: acme
rooms:
  class-1:
    maxParticipants: 12
  class-2:
    maxParticipants: 12
  lobby:
    maxParticipants: 12
    metadata:
      at: $$\{x}
`,
    });
    // What is printed reads as the same again.
    writeFileSync(join(folder, "again.yaml"), rendered.stdout);
    const again = await offline(["render", "--file", "again.yaml"]);
    expect(again.stdout).toBe(rendered.stdout);
    expect(JSON.parse((await offline(["validate", "--json"])).stdout)).toEqual({
      project: "acme",
      rooms: 3,
      recordings: 0,
    });
    expect(await offline(["validate", "--stack", "eu"])).toMatchObject({ code: 2 });

    writeFileSync(
      join(folder, "bad.yaml"),
      'apiVersion: rtc/v1\nproject: acme\nrooms: { hall: { "max,%": 5 } }\n',
    );
    const annotated = await offline(["validate", "--file", "bad.yaml", "--format", "github"]);
    expect(annotated).toMatchObject({
      code: 2,
      stdout: "::error file=bad.yaml,line=3,col=18::rooms.hall.max,%25: is not known\n",
    });
    expect(annotated.stderr).toContain("bad.yaml:3:18: ");
    const located = JSON.parse((await offline(["validate", "--file", "bad.yaml", "--json"])).stderr);
    expect(located.error.issues).toMatchObject([{ file: "bad.yaml", line: 3, column: 18 }]);
  });

  test("a manifest is checked with its vendors, and with the configuration that the stack's file and the environment have", async () => {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write(
      "far.yaml",
      "apiVersion: rtc/v1\nproject: acme\nrooms: { a: { vendor: livkit } }\nrecordings: { r: { room: a } }\n",
    );
    write("Pulumi.dev.yaml", "config:\n  rtc:s3Endpoint: minio:9000\n  rtc:apiKey: { secure: v1:x }\n");
    const check = (...args: string[]) => ["validate", "--file", "far.yaml", ...args];
    const wrong = await offline(check("--stack", "dev", "--json"));
    expect(wrong.code).toBe(2);
    expect(JSON.parse(wrong.stderr).error.issues).toMatchObject([
      { path: "rtc:s3Endpoint", file: "Pulumi.dev.yaml", line: 2, column: 19 },
      { path: "rooms.a.vendor", file: "far.yaml", line: 3, column: 23 },
    ]);
    expect(wrong.stderr).toContain("did you mean livekit?");
    const annotated = await offline(check("--stack", "dev", "--format", "github"));
    expect(annotated.stdout.match(/^::error file=.+?,/gm)).toEqual([
      "::error file=Pulumi.dev.yaml,",
      "::error file=far.yaml,",
    ]);

    const gateway = { RTC_ENDPOINT: "https://gateway.example", RTC_API_KEY: "key" };
    const through = await offline(check(), { ...gateway, RTC_S3_ENDPOINT: "http://minio:9000" });
    expect(through).toMatchObject({ code: 0, stdout: "far.yaml: 1 room, 1 recording\n", stderr: "" });

    write("far.yaml", "apiVersion: rtc/v1\nproject: acme\nrooms: { a: }\nrecordings: { r: { room: a } }\n");
    const warned = await offline(check(), { RTC_S3_ENDPOINT: "http://minio:9000" });
    expect(warned).toMatchObject({ code: 0, stderr: expect.stringContaining("RTC_S3_FORCE_PATH_STYLE") });
    const styled = { RTC_S3_ENDPOINT: "http://minio:9000", RTC_S3_FORCE_PATH_STYLE: "true" };
    expect(await offline(check(), styled)).toMatchObject({ code: 0, stderr: "" });
  });

  test("the vendors and a route are explained, and the schema is printed", async () => {
    const keys = { ZEGO_APP_ID: "1234567890", ZEGO_SERVER_SECRET: "0123456789abcdef0123456789abcdef" };
    const route = await offline(["explain", "--json"], keys);
    expect(JSON.parse(route.stdout)).toMatchObject({ vendor: "zego" });
    expect((await offline(["explain"])).code).toBe(2);
    const vendors = await offline(["vendors"], keys);
    expect(vendors.stdout).toMatch(/^rtc\.token\.issue +no +no +yes$/m);
    expect(vendors.stdout).toContain("LIVEKIT_URL");
    expect(JSON.parse((await offline(["schema"])).stdout).title).toContain("rtc.yaml");
  });

  test("every command has a help with an example", async () => {
    const { stdout } = await offline(["--help"]);
    const names = [...stdout.matchAll(/^ {2}(\w+) .*?(?:\[|<| {2})/gm)].map(([, name = ""]) => name);
    expect(names).toContain("rooms");
    for (const name of names.filter((one) => !["help", "rooms", "recordings"].includes(one)))
      expect((await offline([name, "--help"])).stdout, name).toMatch(/Example:\n {2}\$ rtc /);
  });
});

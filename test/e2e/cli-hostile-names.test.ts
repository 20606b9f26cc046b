import { AccessToken } from "livekit-server-sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join } from "../support/participants.ts";
import { type RtcResult, rtc } from "../support/rtc.ts";

/** A window's title, a cleared screen, a second line, and a text turned around. */
const ROOM = "evil-\u001b]0;pwned\u0007\u001b[2J\nFAKE LINE\u202e";
const SHOWN = "livekit:evil-\\u{1b}]0;pwned\\u{7}\\u{1b}[2J\\u{a}FAKE LINE\\u{202e}";

/** Rooms and participants whose names contain control sequences of a terminal, on a real server. */
let server: LivekitServer;
let run: (...args: string[]) => Promise<RtcResult>;

beforeAll(async () => {
  server = await startLivekit();
  run = (...args) => rtc(args, { cwd: process.cwd(), env: server.env });
  await server.service.createRoom({ name: ROOM, emptyTimeout: 600 });
  const token = new AccessToken(server.apiKey, server.apiSecret, {
    identity: "mallory\nFAKE",
    name: "\u001b[31mM",
  });
  token.addGrant({ roomJoin: true, room: ROOM });
  await join(server.url, await token.toJwt());
});

/** What a terminal would obey, line ends left out. */
const OBEYED = /[^\P{C}\n]/u;

describe("names that others chose", () => {
  test.each([
    ["list", ["rooms", "list"], 2],
    ["get", ["rooms", "get", `livekit:${ROOM}`], undefined],
    ["delete, which lists", ["rooms", "delete", "--prefix", "evil-"], 1],
    ["participants", ["participants", `livekit:${ROOM}`], 2],
  ] as const)("stay on their lines, and are not obeyed: %s", async (_name, args, lines) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stderr]).toEqual([0, expect.not.stringMatching(OBEYED)]);
    expect(stdout).not.toMatch(OBEYED);
    if (lines !== undefined) expect(stdout.trimEnd().split("\n")).toHaveLength(lines);
    expect(stdout).toContain(args[0] === "participants" ? "mallory\\u{a}FAKE" : SHOWN);
  });

  test("stay on one line in an error", async () => {
    const { code, stderr } = await run("participants", `livekit:${ROOM}-gone`);
    expect(code).toBe(4);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).not.toMatch(OBEYED);
  });

  test("are exact in JSON", async () => {
    const { stdout } = await run("rooms", "list", "--json");
    expect(JSON.parse(stdout)).toMatchObject([{ name: ROOM }]);
  });
});

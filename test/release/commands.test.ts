import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { EgressClient, RoomServiceClient } from "livekit-server-sdk";
import { expect, test } from "vitest";
import { killAtTheEnd } from "../support/cleanup.ts";
import { borrowPackages, changesInClone, cloneRepo, killServerOf, repo } from "../support/clone.ts";
import { startLivekit } from "../support/livekit.ts";
import { join as joinRoom } from "../support/participants.ts";
import { Person } from "../support/person.ts";
import { processesIn, startPulumi } from "../support/pulumi.ts";
import { activate, expectStatus, leave, runningIn } from "../support/recordings.ts";
import { NEVER } from "../support/through.ts";
import { roomsOf } from "../support/world.ts";

/** The commands start the CLI a few times each, and the server. */
const timeout = 300_000;

/** A user who has cloned the repository and installed its packages; no Pulumi account, no engines but those of the cache. */
function newcomer(more: Record<string, string> = {}) {
  const clone = cloneRepo();
  borrowPackages(clone);
  const person = new Person({
    PATH: [join(repo, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
    PULUMI_BACKEND_URL: undefined,
    PULUMI_CONFIG_PASSPHRASE: undefined,
    ...more,
  });
  const pid = join(clone, ".rtc/livekit.pid");
  killServerOf(clone);
  const run = (commands: string) => person.types(commands, clone);
  return { clone, person, run, pid };
}

test("npm run up makes the rooms of rtc.yaml and a recording on a server of its own, again and again; npm run down leaves nothing.", {
  timeout,
}, async () => {
  const { clone, person, run, pid } = newcomer();
  const output = await run("npm run up");

  const variable = async (name: string) => (await run(`. .rtc/env; printf %s "$${name}"`)).trim();
  const url = await variable("LIVEKIT_URL");
  expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  const [key, secret] = [await variable("LIVEKIT_API_KEY"), await variable("LIVEKIT_API_SECRET")];
  const http = url.replace("ws:", "http:");
  const service = new RoomServiceClient(http, key, secret);
  const server = {
    url,
    apiKey: key,
    apiSecret: secret,
    service,
    recordings: new EgressClient(http, key, secret),
  };
  const rooms = await roomsOf(server);
  expect(rooms).toEqual({
    standup: expect.objectContaining({ maxParticipants: 12, metadata: { team: "core" } }),
    support: expect.objectContaining({ emptyTimeout: NEVER, departureTimeout: NEVER }),
    "town-hall": expect.objectContaining({ emptyTimeout: 600, departureTimeout: 600 }),
  });

  // The recording waits for a publisher and continues when all leave; the output names the stand-in.
  expect(output).toMatch(/recordings are made by a stand-in, which renders no media/);
  const [recording = "", ...others] = await runningIn(server, "town-hall");
  expect(others).toEqual([]);
  expect(output).toMatch(
    new RegExp(`recording town-hall +livekit:${recording} +starting until a participant publishes`),
  );
  await leave(server, "town-hall", await activate(server, "town-hall", recording));
  await expectStatus(server, recording, "EGRESS_ACTIVE");

  // The page shows the rooms of the stack, and its key is in the address.
  const address = /http:\/\/127\.0\.0\.1:\d+\/#key=\S+/.exec(output)?.[0] ?? "";
  const page = new URLSearchParams(address.slice(address.indexOf("#") + 1));
  expect(page.get("stack")).toBe("pulumi-rtc-demo/dev");
  expect(page.getAll("room")).toEqual(["livekit:standup", "livekit:support", "livekit:town-hall"]);
  const headers = { authorization: `Bearer ${page.get("key")}` };
  const listed = await fetch(new URL("/v1/rtc/room/list", address), { headers });
  expect(await listed.json()).toMatchObject({ items: [{ name: "standup" }, {}, { name: "town-hall" }] });

  const token = /^ +token +(\S+)$/m.exec(output)?.[1] ?? "";
  const guest = await joinRoom(url, token);
  expect(Object.keys(rooms)).toContain(guest.room.name);
  await guest.leave();

  const again = await run("npm run up");
  expect(again).toMatch(/\d unchanged/);
  expect(again, "the same page").toContain(address);
  expect(again).not.toMatch(/\d+ (created|updated|replaced|deleted)|to (create|update|replace|delete)/);
  expect(again).toMatch(new RegExp(`recording town-hall +livekit:${recording} +active`));
  expect(await roomsOf(server)).toEqual(rooms);
  // The CLI is ready to be used on the same stack.
  expect(JSON.parse(await run(". .rtc/env && pulumi stack output rooms"))).toHaveProperty("standup");

  // A mistake is shown where it is, and nothing is touched.
  const manifest = readFileSync(join(clone, "rtc.yaml"), "utf8");
  const mistake = `${manifest}roms: {}\n`;
  writeFileSync(join(clone, "rtc.yaml"), mistake);
  const line = mistake.split("\n").indexOf("roms: {}") + 1;
  const rejected = await run("npm run up").catch(String);
  expect(rejected).toContain(`rtc.yaml:${line}:`);
  expect(rejected, "before the server and the engine are asked").not.toMatch(/LiveKit|pulumi up/);
  expect(await roomsOf(server)).toEqual(rooms);
  writeFileSync(join(clone, "rtc.yaml"), manifest);

  // A reboot ends the server, with all its rooms. The one that may close by itself waits for its next guest.
  process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL");
  expect(await run("npm run up")).toMatch(/town-hall.*closed after its timeout/);
  expect(await variable("LIVEKIT_URL")).toBe(url);
  expect(Object.keys(await roomsOf(server)).sort()).toEqual(["standup", "support"]);

  expect(changesInClone(clone)).toBe("");
  await run("npm run down");
  expect(changesInClone(clone)).toBe("");
  expect(existsSync(join(clone, ".rtc"))).toBe(false);
  expect(existsSync(join(person.home, ".pulumi"))).toBe(false);
  expect(processesOf(clone)).toEqual([]);
  await expect(roomsOf(server)).rejects.toThrow("fetch failed");
  expect(await run("npm run down")).toContain("There is nothing to take down.");
});

test("With LIVEKIT_URL and its keys set, npm run up uses that server, and npm run down takes its rooms away.", {
  timeout,
}, async () => {
  const server = await startLivekit({ egress: "worker" });
  const { clone, run } = newcomer(server.env);
  await server.service.createRoom({ name: "of-another-owner" });
  await run("npm run up");
  expect(Object.keys(await roomsOf(server)).sort()).toEqual([
    "of-another-owner",
    "standup",
    "support",
    "town-hall",
  ]);
  expect(await runningIn(server, "town-hall")).toHaveLength(1);
  expect(processesOf(clone), "the page").toEqual([expect.stringContaining("main.js gateway")]);
  await run("npm run down");
  expect(await runningIn(server, "town-hall")).toEqual([]);
  expect(Object.keys(await roomsOf(server))).toEqual(["of-another-owner"]);
  expect(changesInClone(clone)).toBe("");
  expect(processesOf(clone)).toEqual([]);
});

test("npm run gateway serves a server of its own with a key for the run, whose line works; Ctrl-C and npm run down leave nothing.", {
  timeout,
}, async () => {
  const { clone, person, run } = newcomer();
  const serving = startPulumi("npm", ["run", "gateway"], clone, person.env);
  let output = "";
  serving.child.stdout?.on("data", (text: string) => {
    output += text;
  });
  await serving.waitForOutput("stop it");
  const pidOf = (command: RegExp) => processesIn(clone).find((one) => command.test(one.command))?.pid ?? 0;
  const gateway = pidOf(/main\.js gateway/);
  killAtTheEnd(() => process.kill(gateway, "SIGKILL"));
  const line = /try it +(curl .+)/.exec(output)?.[1] ?? "";
  expect(await run(line)).toContain('"room":"livekit:standup"');
  // The script alone: Ctrl-C of a terminal reaches it as well.
  process.kill(pidOf(/^\S*node scripts\/gateway\.mts$/), "SIGINT");
  await serving.finished;
  expect(output).toContain("stopped");
  expect(processesOf(clone).filter((command) => command.includes("gateway"))).toEqual([]);
  expect(await run("npm run down")).toContain("LiveKit has stopped");
  expect(changesInClone(clone)).toBe("");
  expect(existsSync(join(clone, ".rtc"))).toBe(false);
  expect(processesOf(clone)).toEqual([]);
});

/** Command lines of processes that have to do with a clone. */
function processesOf(clone: string): string[] {
  const all = execFileSync("ps", ["-eww", "-o", "args="], { encoding: "utf8" });
  return all.split("\n").filter((line) => line.includes(clone));
}

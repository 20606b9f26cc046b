import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Example } from "../support/example.ts";
import { join as joinRoom } from "../support/participants.ts";
import { startProxy } from "../support/proxy.ts";
import { startPulumi } from "../support/pulumi.ts";
import { roomsOf } from "../support/world.ts";

/** It installs the package, and starts the command a hundred times. */
const timeout = 600_000;

test("examples/event-day: rooms and tokens exist during the event, and are gone after its end, an error, ^C and SIGTERM", {
  timeout,
}, async () => {
  const example = await Example.copy("event-day");
  const { server, folder, person } = example;
  person.env["LIVEKIT_API_SECRET"] = server.apiSecret;
  const [install = "", run = "", removal = "", ...more] = example.commands;
  expect(more).toEqual([]);
  const rooms = async () => Object.keys(await roomsOf(server)).sort();
  const tokens = join(folder, "exam.tokens");
  /** Starts the script as in the README, as the head of a process group. */
  const start = (commands = run) => {
    const script = commands.replace("./event.sh", "exec ./event.sh");
    return startPulumi("bash", ["-e", "-c", script], folder, person.env);
  };
  execFileSync("bash", ["-n", join(folder, "event.sh")]);
  await example.run(install);

  // As in the README, until a machine is shut down.
  await server.service.createRoom({ name: "foreign" });
  const event = start();
  // Where it ends early this fails with its output.
  await event.waitForOutput("The event ends in 120 minutes");
  expect(await rooms()).toEqual(["exam-1", "exam-2", "exam-3", "foreign"]);
  expect((await roomsOf(server))["exam-3"]).toMatchObject({ emptyTimeout: 1_800 });
  expect(statSync(tokens).mode & 0o777).toBe(0o600);
  const lines = readFileSync(tokens, "utf8").trim().split("\n");
  expect(lines.map((line) => line.split(" ")[0])).toEqual(["alice", "bob", "carol"]);
  const carol = await joinRoom(server.url, lines[2]?.split(" ")[1] ?? "");
  expect([carol.identity, carol.room.name]).toEqual(["carol", "exam-3"]);
  process.kill(event.pid, "SIGTERM");
  expect(await event.finished).toMatchObject({ code: 143 });
  await carol.disconnected;
  expect(await rooms()).toEqual(["foreign"]);
  expect(existsSync(tokens)).toBe(false);

  // ^C at a terminal while the rooms are being made: the ones that are there by then are found too.
  const proxy = await startProxy(server.url);
  const made = proxy.hold(({ method, body }) => method === "CreateRoom" && body.includes("exam-7"), "after");
  const short = run.replaceAll(server.url, proxy.url);
  const early = start(short.replace("exam 3", "exam 20"));
  await Promise.race([made.caught, early.finished]);
  expect((await rooms()).length).toBeGreaterThan(1);
  process.kill(-early.pid, "SIGINT");
  made.release();
  expect(await early.finished).toMatchObject({ code: 130 });
  expect(await rooms()).toEqual(["foreign"]);

  // A participant is listed for a room that does not exist.
  writeFileSync(join(folder, "participants.txt"), "alice 1\ndave 4\n");
  const wrong = await start().finished;
  expect(wrong.output).toContain("NOT_FOUND: there is no room livekit:exam-4");
  expect(wrong.code).toBe(4);
  expect(await rooms()).toEqual(["foreign"]);
  expect(existsSync(tokens)).toBe(false);

  // The event is over; once the server fails at its end, and then answers again.
  writeFileSync(join(folder, "participants.txt"), "alice 1\n");
  proxy.fail("DeleteRoom", { status: 403 }, { times: 1 });
  expect(await start(short.replace("participants.txt 120", "participants.txt 0")).finished).toMatchObject({
    code: 0,
  });
  expect(await rooms()).toEqual(["foreign"]);

  // Rooms of that name have another owner: it does not start, and deletes nothing.
  await server.service.createRoom({ name: "exam-theirs" });
  const rejected = await start().finished;
  expect(rejected).toMatchObject({ code: 1, output: expect.stringContaining("There are rooms named exam-") });
  expect(await rooms()).toEqual(["exam-theirs", "foreign"]);
  await example.run(removal);
  expect(await rooms()).toEqual(["foreign"]);
});

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AccessToken } from "livekit-server-sdk";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { freePort } from "../../scripts/lib/ports.mts";
import { startLivekit } from "../support/livekit.ts";
import { SECRET, startReceiver } from "../support/receiver.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { roomsOf } from "../support/world.ts";

const POLL_OPTIONS = { timeout: 60_000, interval: 20 };

const MANIFEST = [
  "rooms:",
  "  standup: { maxParticipants: 12 }",
  "  retro: {}",
  "  planning: {}",
  "recordings:",
  "  planning: { room: planning, audioOnly: true, outputUri: out/watch/ }",
];

/** A stack that is watched. Only events can tell of its rooms: the next polled round is hours away. */
async function play() {
  const port = await freePort("tcp");
  const address = `http://127.0.0.1:${port}`;
  const server = await startLivekit({ egress: "worker", webhook: `${address}/webhooks/livekit` });
  const receiver = await startReceiver();
  const folder = new RtcFolder({ ...server.env, RTC_DRIFT_WEBHOOK: receiver.url });
  folder.manifest(...MANIFEST);
  const run = folder.start(`reconcile --watch 10h --listen ${port}`);
  let stderr = "";
  run.child.stderr?.on("data", (text: string) => {
    stderr += text;
  });
  const rounds = () => stderr.split("\n").filter((line) => /^\d{4}-.+ acme\/dev: /.test(line));
  const endOfRound = (many: number) => vi.waitFor(() => expect(rounds()).toHaveLength(many), POLL_OPTIONS);
  const namesOf = async () => Object.keys(await roomsOf(server)).sort();
  const allRooms = () =>
    vi.waitFor(async () => expect(await namesOf()).toEqual(["planning", "retro", "standup"]), POLL_OPTIONS);
  const { service } = server;
  await endOfRound(1);
  const { status: alive } = await fetch(`${address}/livez`);

  // Neither a room of another owner, nor what no key has signed, begins a round.
  await service.createRoom({ name: "foreign" });
  await service.deleteRoom("foreign");
  const post = async (body: string, secret?: string) => {
    const token = secret === undefined ? undefined : new AccessToken(server.apiKey, secret);
    const headers = token === undefined ? {} : { authorization: await token.toJwt() };
    return (await fetch(`${address}/webhooks/livekit`, { method: "POST", body, headers })).status;
  };
  const event = JSON.stringify({ event: "room_finished", room: { name: "standup" } });
  const rejected = [
    await post(event),
    await post(event, "another-secret-of-32-characters-and-more"),
    await post(event, server.apiSecret), // signs no body
  ];

  await service.deleteRoom("standup");
  await allRooms();
  await endOfRound(2);

  await Promise.all(["standup", "retro", "planning"].map((name) => service.deleteRoom(name)));
  await allRooms();
  await vi.waitFor(
    async () => expect(await server.recordings.listEgress({ active: true })).toHaveLength(1),
    POLL_OPTIONS,
  );
  await vi.waitFor(() => expect(rounds().length).toBeGreaterThan(2), POLL_OPTIONS);
  const burst = rounds().slice(2);

  folder.write("rtc.yaml", "rooms: [");
  await service.deleteRoom("retro");
  await vi.waitFor(() => expect(stderr).toContain("failed with"), POLL_OPTIONS);
  folder.manifest(...MANIFEST);
  await service.deleteRoom("standup");
  await vi.waitFor(async () => expect(await namesOf()).toContain("standup"), POLL_OPTIONS);
  const metrics = await (await fetch(`${address}/metrics`)).text();
  run.child.kill("SIGTERM");
  const { code, stdout } = await run.finished;

  const quiet = folder.start(`reconcile --watch 10h --listen ${port} --quiet`);
  await quiet.waitForOutput("listening");
  await allRooms();
  const hasRounded = async () =>
    expect(await (await fetch(`${address}/metrics`)).text()).toContain('{result="changed"} 1');
  await vi.waitFor(hasRounded, POLL_OPTIONS);
  quiet.child.kill("SIGTERM");
  return {
    ...{ alive, rejected, burst, metrics, code, stdout, stderr, rounds: rounds() },
    ...{ quiet: await quiet.finished, received: receiver.received, folder, port },
    drift: await folder.json(0, "drift"),
  };
}

describe("A watched stack", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("is created by the first round, and says where it listens", () => {
    expect(s.stderr).toMatch(
      /^listening on http:\/\/127\.0\.0\.1:\d+: \/livez, \/metrics, \/webhooks\/livekit\n/,
    );
    expect(s.rounds[0]).toMatch(/ acme\/dev: room standup to create, .+: 4 created \(\d+\.\d s\)$/);
    expect(s.alive).toBe(200);
  });

  test("has a deleted room back at once, by one run for that room", () => {
    expect(s.rounds[1]).toMatch(
      / acme\/dev: room standup deleted: 1 created, 3 as they were \(\d\.\d s, woken by room_finished\)$/,
    );
  });

  test("is repaired after a burst of deletes, with the recordings of the rooms", () => {
    expect(s.burst.join()).toMatch(/room planning deleted/);
    expect(s.burst.length).toBeLessThanOrEqual(3);
  });

  test("is not woken by what no key has signed, nor by rooms of other owners", () => {
    expect(s.rejected).toEqual([401, 401, 401]);
    expect(s.metrics).toContain('rtc_reconcile_webhook_deliveries_total{result="rejected"} 3\n');
  });

  test("is watched on after a round that fails, which is one line with its code", () => {
    expect(s.rounds.filter((line) => line.includes("failed with"))).toEqual([
      expect.stringMatching(
        / acme\/dev: failed with INVALID_ARGUMENT: rtc\.yaml:1:\d+: .+; trying again in \d+ s$/,
      ),
    ]);
    expect(s.metrics).toContain('rtc_reconcile_rounds_total{result="failed"} 1\n');
  });

  test("shows its rounds and nothing else, until SIGTERM, which ends it cleanly", () => {
    expect(s.stderr.split("\n").slice(1)).toEqual([...s.rounds, "stopped", ""]);
    expect([s.code, s.stdout]).toEqual([0, ""]);
  });

  test("shows no round with --quiet", () => {
    expect(s.quiet.output).toMatch(/^listening on .+\n$/);
    expect(s.quiet.code).toBe(0);
  });

  test("sends its drift to a webhook, whose address stands nowhere", () => {
    expect(s.received[0]).toMatchObject({
      ...{ path: `/${SECRET}`, type: "application/json" },
      body: {
        project: "acme",
        stack: "dev",
        drifted: true,
        resources: [{ name: "standup", class: "deleted" }],
      },
    });
    expect(s.stderr + s.quiet.output + s.metrics).not.toContain(SECRET);
    const written = s.folder.files().map((name) => readFileSync(join(dirname(s.folder.dir), name), "latin1"));
    expect(written.length).toBeGreaterThan(3);
    expect(written.join()).not.toContain(SECRET);
    expect(s.drift).toMatchObject({ drifted: false });
  });
});

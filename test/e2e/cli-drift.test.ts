import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { atEndOfFile } from "../support/cleanup.ts";
import { repo } from "../support/clone.ts";
import { startLivekit } from "../support/livekit.ts";
import { SECRET, startReceiver } from "../support/receiver.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { roomsOf } from "../support/world.ts";

/** What the commands print as JSON. */
interface Drift {
  drifted: boolean;
  resources: { name: string; class: string; fields: object[] }[];
}

const MANIFEST = [
  "rooms:",
  "  changed: { metadata: { team: core } }",
  "  deleted: { maxParticipants: 3 }",
  "  recreated: {}",
  "  kept: {}",
  "  recorded: {}",
  "recordings:",
  "  recorded: { room: recorded, audioOnly: true, outputUri: out/drift/ }",
];

/** Starts `rtc reconcile --watch`. */
function watch({ dir, env }: RtcFolder) {
  const args = [join(repo, "dist/cli/main.js"), "reconcile", "--watch", "1s", "--json"];
  const child = spawn(process.execPath, args, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
  atEndOfFile(() => void child.kill("SIGKILL"));
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (more: string) => {
      text[name] += more;
    });
  return { child, text, lines: () => text.stdout.trim().split("\n").filter(Boolean) };
}

/** One stack that drifts in every way, and is watched until it is repaired. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const folder = new RtcFolder(server.env);
  folder.manifest(...MANIFEST);
  await folder.run(6, "drift");
  const created = await folder.json(0, "reconcile");

  const { service } = server;
  await service.updateRoomMetadata("changed", '{"team":"web|<b>"}');
  await service.deleteRoom("deleted");
  await service.deleteRoom("recreated");
  const never = 2 ** 32 - 1;
  await service.createRoom({ name: "recreated", emptyTimeout: never, departureTimeout: never });
  const [active] = await folder.json<{ recording: string }[]>(0, "recordings list --active");
  await folder.run(0, `recordings stop ${active?.recording}`);
  const before = await roomsOf(server);
  const receiver = await startReceiver();
  const drift = await folder.json<Drift>(7, "drift", { RTC_DRIFT_WEBHOOK: receiver.url });
  const markdown = await folder.run(7, "drift --format markdown");
  const after = await roomsOf(server);

  const { child, text, lines } = watch(folder);
  // Not expect.poll, which is for tests alone.
  const pollOptions = { timeout: 60_000, interval: 200 };
  const hasRoom = (name: string) =>
    vi.waitFor(async () => expect(await roomsOf(server)).toHaveProperty(name), pollOptions);
  await hasRoom("deleted");
  folder.write("rtc.yaml", "rooms: [");
  await vi.waitFor(() => expect(text.stderr).toContain("trying again in"), pollOptions);
  const repaired = await roomsOf(server);
  folder.manifest("rooms:", "  more: {}", ...MANIFEST.slice(1));
  await hasRoom("more");
  const closed = once(child, "close");
  child.kill("SIGTERM");
  const ended = await closed;
  return {
    ...{ created, before, drift, markdown, after, repaired, ended, received: receiver.received },
    badAddress: await folder.run(2, `drift --webhook ftp://${SECRET}`),
    noneSent: await folder.run(0, "drift", { RTC_DRIFT_WEBHOOK: "http://127.0.0.1:1" }),
    watched: lines().map((line) => JSON.parse(line) as object),
    reconciled: await folder.json(0, "reconcile"),
    noDrift: await folder.json<Drift>(0, "drift"),
    misdeclared: await (async () => {
      folder.manifest("rooms:", "  more: { maxParticipants: many }");
      await folder.run(2, "validate");
      return folder.json<Drift>(0, "drift");
    })(),
    strange: await folder.run(3, "drift", {
      LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more",
    }),
  };
}

describe("Drift", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("of a stack that does not exist is an error, and reconcile creates the stack", () => {
    expect(s.created).toMatchObject({ acted: true, changes: { create: 6 } });
  });

  test("is reported by class and field, in JSON", () => {
    const byName = Object.fromEntries(s.drift.resources.map((one) => [one.name, one]));
    expect(byName).toMatchObject({
      changed: {
        class: "changed",
        fields: [{ field: "metadata", declared: { team: "core" }, live: { team: "web|<b>" } }],
      },
      deleted: { class: "deleted" },
      recreated: { class: "recreated" },
      recorded: { class: "ended", kind: "recording" },
    });
    expect(Object.keys(byName)).toHaveLength(4);
  });

  test("is sent to a webhook, as the JSON that is printed, and not where there is none", () => {
    expect(s.received.map(({ body }) => body)).toEqual([s.drift]);
    expect(s.noneSent.stderr).toBe("");
    expect(s.badAddress.stdout + s.badAddress.stderr).toContain("no http(s) address");
    expect(s.badAddress.stdout + s.badAddress.stderr).not.toContain(SECRET);
  });

  test("is reported as a comment in Markdown", () => {
    expect(s.markdown.stdout).toContain("<!-- pulumi-rtc drift acme/dev -->");
    expect(s.markdown.stdout).toContain("| 1 | 1 | 1 | 1 |");
  });

  test("is only reported, neither repaired nor stored", () => {
    expect(s.after).toEqual(s.before);
  });

  test("is repaired by reconcile --watch", () => {
    expect(s.watched[0]).toMatchObject({ stack: "dev", acted: true, result: "succeeded" });
    expect(s.repaired).toMatchObject({
      changed: { metadata: { team: "core" } },
      deleted: { maxParticipants: 3 },
    });
  });

  test("is watched on after a manifest that is broken for a while, until SIGTERM, which ends it cleanly", () => {
    expect(s.ended).toEqual([0, null]);
    for (const round of s.watched) expect(round).toMatchObject({ stack: "dev" });
  });

  test("is nothing to do and nothing to report once it is repaired", () => {
    expect(s.reconciled).toMatchObject({ acted: false, changes: { same: 7 } });
    expect(s.noDrift).toMatchObject({ drifted: false, resources: [] });
  });

  test("is observed whatever the manifest declares by then", () => {
    expect(s.misdeclared).toEqual(s.noDrift);
  });

  test("cannot be read with credentials that the server rejects, which exits with 3", () => {
    expect(s.strange.stdout).toContain("UNAUTHENTICATED");
  });
});

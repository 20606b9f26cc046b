import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, inject, test, vi } from "vitest";
import { freePort } from "../../scripts/lib/ports.mts";
import { startLivekit } from "../support/livekit.ts";
import { median } from "../support/paired.ts";
import { startPulumi } from "../support/pulumi.ts";
import { report } from "../support/reliability.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { roomsOf } from "../support/world.ts";

const TIMES = 5;
const ROOM = "standup";

/** A folder that is a Pulumi project too, so that `pulumi up` and `rtc` have one stack. */
function projectOf(env: Record<string, string>): RtcFolder {
  const folder = new RtcFolder(env);
  folder.manifest("rooms:", `  ${ROOM}: { maxParticipants: 12 }`, "  retro: {}", "  planning: {}");
  folder.write("Pulumi.yaml", "name: acme\nruntime: nodejs\nmain: program.js\n");
  folder.write("package.json", "{}");
  folder.write("program.js", 'module.exports = require("pulumi-rtc/program");\n');
  const packages = inject("packages");
  for (const [name, from] of [
    ["pulumi-rtc", packages.package],
    ["@pulumi/pulumi", packages.sdk],
  ] as const) {
    const link = join(folder.dir, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(from, link);
  }
  return folder;
}

test("A room that is deleted at the server is back within two seconds where the server's webhooks reach the watch", async ({
  task,
}) => {
  const port = await freePort("tcp");
  const server = await startLivekit({ webhook: `http://127.0.0.1:${port}/webhooks/livekit` });
  const folder = projectOf(server.env);
  const watch = folder.start(`reconcile --watch 10h --listen ${port}`);
  let stderr = "";
  watch.child.stderr?.on("data", (text: string) => {
    stderr += text;
  });
  /** Seconds from the answer to the delete until the server lists the room again. */
  const back = async () => {
    await server.service.deleteRoom(ROOM);
    const began = performance.now();
    const patience = { timeout: 60_000, interval: 10 };
    await vi.waitFor(async () => expect(Object.keys(await roomsOf(server))).toContain(ROOM), patience);
    return (performance.now() - began) / 1_000;
  };
  const rounds = (many: number) =>
    vi.waitFor(() => expect(stderr.split(" acme/dev: ")).toHaveLength(many + 1), {
      timeout: 60_000,
      interval: 50,
    });
  await rounds(1);
  const woken: number[] = [];
  const bare: number[] = [];
  // A room wakes no more rounds before the next polled one.
  for (let time = 1; time <= TIMES; time++) {
    woken.push(await back());
    await rounds(time + 1);
  }
  watch.child.kill("SIGTERM");
  expect((await watch.finished).code).toBe(0);
  for (let time = 1; time <= TIMES; time++) {
    const deleted = back();
    const args = ["up", "--refresh", "--run-program", "--yes", "--skip-preview", "--stack", "dev"];
    const { code, output } = await startPulumi("pulumi", args, folder.dir, folder.env).finished;
    expect(code, output).toBe(0);
    bare.push(await deleted);
  }
  const seconds = (all: readonly number[]) =>
    `${median(all).toFixed(1)} s (at most ${Math.max(...all).toFixed(1)} s)`;
  expect(median(woken), `${woken}; pulumi up --refresh: ${bare}`).toBeLessThan(2);
  report(task, {
    promise:
      "A room that is deleted at a LiveKit server whose webhooks reach `rtc reconcile --watch --listen` is back within two seconds",
    figure: `${TIMES} times, in the middle after ${seconds(woken)}; with \`pulumi up --refresh\` of the same three rooms after ${seconds(bare)}`,
  });
});

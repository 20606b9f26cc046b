import { existsSync } from "node:fs";
import { ensureEngines } from "./engines.mts";
import { buildPackage } from "./lib/build.mts";
import { hasOwnServer } from "./lib/environment.mts";
import { places, readSettings, removeFolder, removeLocal, root, type Settings } from "./lib/local.mts";
import { withLock } from "./lib/lock.mts";
import { stopPage } from "./lib/page.mts";
import { Problem, readFlags, runScript } from "./lib/problem.mts";
import { createProgress, type Progress } from "./lib/progress.mts";
import { serverPid, stopServer } from "./lib/server.mts";
import { openStack, stackName } from "./lib/stack.mts";

/** Takes down all that `npm run up` has brought up. */
async function down(progress: Progress): Promise<void> {
  const settings = await readSettings();
  if (settings === undefined) {
    progress.say("There is nothing to take down.");
  } else {
    await takeStackDown(settings, progress);
    await stopPage();
    if (await stopServer()) progress.say("LiveKit has stopped.");
    progress.say("All is down.");
  }
  await removeLocal();
}

async function takeStackDown(settings: Settings, progress: Progress): Promise<void> {
  // The embedded server keeps its rooms in memory: when it does not run, there is nothing left to destroy.
  const isGone = settings.livekit !== null && (await serverPid()) === undefined;
  if (isGone && settings.backend === "local") return;
  if (settings.livekit === null && !hasOwnServer()) {
    throw new Problem(
      "The rooms are on a LiveKit server of your own, and LIVEKIT_URL is not set.",
      "Set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET as for npm run up, and run npm run down again.",
    );
  }
  if (!existsSync(`${root}/dist`) && !(await buildPackage())) {
    throw new Problem("src/ does not compile.", "The compiler has printed why.");
  }
  const engines = await ensureEngines(progress);
  const stack = await openStack(settings, engines);
  const { ok } = await stack.ask("stack", "select", stackName);
  if (!ok && settings.backend === "local") return; // up was stopped before it made one
  if (!ok) throw new Problem("The stack cannot be opened.", "pulumi whoami shows whether you are logged in.");
  // Not with --run-program: that could not take down what a broken rtc.yaml once declared. The credentials come
  // from the environment and are current without it.
  const done = isGone
    ? await stack.show("stack", "rm", stackName, "--yes", "--force")
    : await stack.show(
        "destroy",
        "--stack",
        stackName,
        "--yes",
        "--skip-preview",
        "--continue-on-error",
        "--remove",
      );
  if (done) return;
  throw new Problem(
    "pulumi destroy failed; the reason is above. Nothing else was stopped.",
    "If participants are in a room: run npm run down when they have left, or RTC_FORCE_DESTROY=true npm run down.",
  );
}

await runScript(async () => {
  readFlags("npm run down", []);
  const progress = createProgress();
  if (!existsSync(places.folder)) {
    progress.say("There is nothing to take down.");
    return;
  }
  const wait = (pid: number) =>
    progress.say(`Another npm run up or down is at work (process ${pid}); waiting.`);
  await withLock(places.lock, wait, () => down(progress));
  await removeFolder();
});

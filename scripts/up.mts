import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chooseEgressSettings } from "./egress.mts";
import { ensureEngines } from "./engines.mts";
import { buildPackage } from "./lib/build.mts";
import { hasOwnServer } from "./lib/environment.mts";
import { printGuide } from "./lib/guide.mts";
import {
  newPassphrase,
  places,
  readSettings,
  removeFolder,
  removeLocal,
  root,
  type Settings,
  writeSettings,
} from "./lib/local.mts";
import { withLock } from "./lib/lock.mts";
import { choosePageSettings, restartPage } from "./lib/page.mts";
import { Problem, readFlags, runScript } from "./lib/problem.mts";
import { run } from "./lib/process.mts";
import { createProgress, type Progress } from "./lib/progress.mts";
import { ensureServer } from "./lib/server.mts";
import { type Environment, openStack, stackEnvironment, stackName } from "./lib/stack.mts";
import { chooseLiveKitSettings, liveKitUrl } from "./livekit.mts";

/** Brings the rooms and recordings of rtc.yaml up, with all that they need. */
async function up(progress: Progress): Promise<void> {
  const flags = readFlags("npm run up [-- --logged-in]", ["--logged-in"]);
  const before = await readSettings();
  const chosen = await chooseSettings(before, flags.has("--logged-in"));
  const page = chosen.page ?? (await choosePageSettings());
  const settings = { ...chosen, page };
  if (!(await buildPackage())) throw new Problem("src/ does not compile.", "The compiler has printed why.");
  await checkManifest();
  const engines = await ensureEngines(progress);
  if (!before) await removeLocal(); // a first run that was killed has left a stack of another passphrase
  const added = stackEnvironment(settings, engines);
  const stack = await openStack(settings, engines);
  const selected = await stack.ask("stack", "select", stackName, "--create");
  if (!selected.ok) {
    if (!before) await removeLocal();
    throw new Problem(`The stack cannot be opened: ${selected.stderr.trim()}`, advice(settings));
  }
  await writeSettings(settings); // not before, so that a first run that fails can be followed by a different one
  const { livekit } = settings;
  if (livekit) {
    const state = await ensureServer(engines, livekit);
    progress.say(`LiveKit ${state === "started" ? "started" : "runs already"} on ${liveKitUrl(livekit)}`);
    progress.say("Its recordings are made by a stand-in, which renders no media");
  }
  await writeFile(places.shell, shellScript(added), { mode: 0o600 });
  // Refreshed, since the server has lost its rooms when it was restarted; without a preview, since it is asked for.
  const done = await stack.show("up", "--stack", stackName, "--refresh", "--yes", "--skip-preview");
  if (!done)
    throw new Problem("pulumi up failed; the reason is above.", "Run npm run up again when it is settled.");
  const { stdout } = await stack.ask("stack", "output", "--json", "--stack", stackName);
  const env = { ...process.env, ...added };
  await printGuide(JSON.parse(stdout || "{}"), settings, env, await restartPage(page, added));
}

/** Rejects a wrong manifest before anything is downloaded, built or started. */
async function checkManifest(): Promise<void> {
  const args = [join(root, "dist/cli/main.js"), "validate", "--stack", stackName];
  const { code } = await run(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (code !== 0)
    throw new Problem("rtc.yaml is not valid; the reasons are above.", "Correct it, then npm run up again.");
}

/** The settings of the run before, or new ones: a change of server or backend would lose what is there. */
async function chooseSettings(before: Settings | undefined, loggedIn: boolean): Promise<Settings> {
  const ownServer = hasOwnServer();
  if (before === undefined) {
    return {
      backend: loggedIn ? "logged-in" : "local",
      passphrase: newPassphrase(),
      livekit: ownServer ? null : { ...(await chooseLiveKitSettings()), ...(await chooseEgressSettings()) },
    };
  }
  if (loggedIn && before.backend === "local") {
    throw new Problem(
      "This clone has its rooms in a local Pulumi backend.",
      "First npm run down, then this again.",
    );
  }
  if (ownServer && before.livekit) {
    throw new Problem(
      "This clone has its rooms on the server that was started here, and LIVEKIT_URL names another.",
      "First npm run down, then this again; or unset LIVEKIT_URL.",
    );
  }
  if (!ownServer && !before.livekit) {
    throw new Problem(
      "This clone has its rooms on a LiveKit server of your own, and LIVEKIT_URL is not set.",
      "Set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET as before, and run it again.",
    );
  }
  return before;
}

function advice({ backend }: Settings): string {
  if (backend === "logged-in")
    return "Is pulumi whoami content? Else pulumi login, or run it without --logged-in.";
  return "When nothing else helps, npm run down and npm run up start afresh.";
}

/** What a shell sources to use the CLI as we do. */
function shellScript(variables: Environment): string {
  const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
  const lines = Object.entries(variables).map(([name, value]) =>
    value === undefined ? `unset ${name}` : `export ${name}=${quote(value)}`,
  );
  return `${lines.join("\n")}\n`;
}

await runScript(async () => {
  await mkdir(places.folder, { recursive: true, mode: 0o700 }); // it will hold keys
  const progress = createProgress();
  const wait = (pid: number) =>
    progress.say(`Another npm run up or down is at work (process ${pid}); waiting.`);
  try {
    await withLock(places.lock, wait, () => up(progress));
  } finally {
    await removeFolder(); // where nothing was begun
  }
});

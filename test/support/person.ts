import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { delimiter, join } from "node:path";
import { inject } from "vitest";
import { repo } from "./clone.ts";
import { startPulumi } from "./pulumi.ts";
import { SHORT_LIVED } from "./short-lived.mts";

/** Variables that say which test this is, which stack or which server; a person's new shell has none of them. */
const ours =
  /^(LIVEKIT_|RTC_|PULUMI_|VITEST|NODE_ENV$|FORCE_COLOR$|INIT_CWD$|npm_(package|lifecycle|command|config_local_prefix))/;

/**
 * Answers yes where the CLI asks, and types the secret where it waits for one: all that a person does at a
 * terminal and a document does not show.
 */
const atTheKeyboard = `
pulumi() {
  case "$1 $2" in
    "config set") if [ -z "$5" ] && [ "$3" = --secret ]; then printf %s "$TYPED" | command pulumi "$@"; else command pulumi "$@"; fi ;;
    "up "*|"refresh "*|"destroy "*|"cancel "*|"state delete") command pulumi "$@" --yes ;;
    *) command pulumi "$@" ;;
  esac
}
`;

/** A user at a terminal, who has Node, npm and the Pulumi CLI, a home folder with nothing in it, and a local backend. */
export class Person {
  readonly home = mkdtempSync(join(inject("scratch"), "person-"));
  readonly env: Record<string, string | undefined>;

  /** @param more variables on top; undefined takes one away */
  constructor(more: Record<string, string | undefined> = {}) {
    const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
    const path = [inject("engines").path, join(repo, "node_modules/.bin"), process.env["PATH"]];
    this.env = {
      ...Object.fromEntries(kept),
      ...npmSettings(),
      ...goSettings(),
      PATH: path.filter(Boolean).join(delimiter),
      HOME: this.home,
      XDG_CACHE_HOME: join(this.home, ".cache"),
      PULUMI_HOME: join(this.home, ".pulumi"),
      PULUMI_BACKEND_URL: `file://${this.#folder("backend")}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: "correct horse battery staple",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...SHORT_LIVED,
      NO_COLOR: "1",
      ...more,
    };
  }

  /**
   * Runs commands of a document, as they stand, until one fails; returns their output.
   *
   * @param options `typed`: the secret, where a command asks for one
   * @throws with the output, when a command fails
   */
  async types(commands: string, cwd: string, options: { typed?: string } = {}): Promise<string> {
    const env = { ...this.env, TYPED: options.typed };
    const script = `${atTheKeyboard}\n${commands}`;
    const { code, output } = await startPulumi("bash", ["-e", "-c", script], cwd, env).finished;
    if (code !== 0) throw new Error(`Exit code ${code} of:\n${commands}\n${output}`);
    return output;
  }

  #folder(name: string): string {
    const folder = join(this.home, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

/** Where npm gets packages from is the machine's business, not the test's; the cache saves the download. */
function npmSettings(): Record<string, string> {
  const get = (key: string) => execFileSync("npm", ["config", "get", key], { encoding: "utf8" }).trim();
  return {
    npm_config_userconfig: get("userconfig"),
    npm_config_cache: get("cache"),
    npm_config_prefer_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
  };
}

/** The same for Go, with which `npm run up` builds what is not on PATH. */
function goSettings(): Record<string, string> {
  const names = ["GOCACHE", "GOMODCACHE"];
  try {
    return JSON.parse(execFileSync("go", ["env", "-json", ...names], { encoding: "utf8" })) as Record<
      string,
      string
    >;
  } catch {
    return {}; // no Go, and all engines on PATH
  }
}

import { z } from "zod";
import { type RtcConfig, readConfig } from "../../client/config";
import { clientOf } from "../../client/create";
import type { Check } from "../../client/diagnosis";
import { formatIssue, RtcError } from "../../contract";
import type { ManagedOptions } from "../command";
import { Failure } from "../exit-codes";
import { withManaged } from "../stack/declared";
import { type Engine, runPulumi } from "../stack/engine";
import { withPlainErrors } from "../stack/pulumi-errors";
import { ofOtherServers } from "../stack/removals";
import { isSecret, type Managed, managedIn } from "../stack/stack-state";
import { lockCheck } from "./lock-check";

/** The oldest CLI that is tested: see docs/versions.md. */
const OLDEST = "3.217.1";

const whoami = z.object({ user: z.string(), url: z.string().optional() });

/** Checks of this machine and of the stack, and the configuration for those of the vendors; none where it is not valid. */
export interface PulumiChecks {
  checks: Check[];
  config?: RtcConfig;
}

/** Checks Node, the Pulumi CLI, its backend, the stack with its secrets, and the configuration. Changes nothing. */
export async function pulumiChecks(options: ManagedOptions): Promise<PulumiChecks> {
  // An older Node does not come here: each entry of the package rejects it.
  const node: Check = { check: "node", status: "ok", message: process.version };
  const engine = [await cliCheck()];
  let address: string | undefined;
  if (engine[0]?.status !== "failed") {
    const backend = await backendCheck();
    engine.push(backend.check);
    address = backend.address;
  }
  const isUsable = engine.every(({ status }) => status !== "failed");
  const stack = isUsable ? await stackChecks(options, address) : { checks: notMade(engine) };
  const { checks: more, settings } = stack;
  return { ...configuration(settings, [node, ...engine, ...more]) };
}

async function cliCheck(): Promise<Check> {
  const check = "pulumi";
  try {
    const version = (await withPlainErrors(runPulumi("pulumi", ["version"], process.cwd()))).trim();
    const isOlder = version.replace(/^v/, "").localeCompare(OLDEST, "en", { numeric: true }) < 0;
    if (!isOlder) return { check, status: "ok", message: version };
    return { check, status: "warning", message: `${version} is older than ${OLDEST}: install a newer one` };
  } catch (error) {
    return { check, status: "failed", message: wordsOf(error) };
  }
}

/** The check of the backend, and its address where it was found. */
async function backendCheck(): Promise<{ check: Check; address?: string | undefined }> {
  const check = "backend";
  try {
    const shown = await withPlainErrors(
      runPulumi("pulumi", ["whoami", "--json", "--non-interactive"], process.cwd()),
    );
    const { user, url } = whoami.parse(JSON.parse(shown));
    const message = url === undefined ? user : `${withoutCredentials(url)} (${user})`;
    return { check: { check, status: "ok", message }, address: url };
  } catch (error) {
    return { check: { check, status: "failed", message: wordsOf(error) } };
  }
}

/** What cannot be checked without a CLI and its backend. */
function notMade(engine: readonly Check[]): Check[] {
  const isWithoutCli = engine.length === 1;
  const message = `it needs ${isWithoutCli ? "the Pulumi CLI" : "the backend"}`;
  const checks = isWithoutCli ? ["backend", "stack", "secrets"] : ["stack", "secrets"];
  return checks.map((check) => ({ check, status: "unknown", message }));
}

interface StackChecks {
  checks: Check[];
  /** Reads a key of the stack's configuration; undefined where no stack was read. */
  settings?: (key: string) => string | undefined;
}

async function stackChecks(options: ManagedOptions, backend: string | undefined): Promise<StackChecks> {
  const unread = (check: string, status: Check["status"], message: string): Check => ({
    check,
    status,
    message,
  });
  let name = options.stack ?? "the stack";
  try {
    return await withManaged(options, async (engine) => {
      name = `${engine.project}/${engine.name}`;
      const settings = (key: string) => engine.config(key);
      if (!engine.exists) {
        const message = `${name} does not exist yet: rtc up creates it`;
        const secrets = unread("secrets", "unknown", "there is nothing to decrypt yet");
        return { checks: [unread("stack", "warning", message), secrets], settings };
      }
      const state = await engine.state();
      const hasAny = isSecret(state) || engine.hasSecretConfig;
      const secrets = hasAny
        ? unread("secrets", "ok", `those of ${name} were decrypted`)
        : unread("secrets", "unknown", `${name} stores none, so Pulumi does not check the passphrase`);
      const elsewhere = serverProblem(engine, managedIn(state));
      const stack =
        elsewhere === undefined
          ? unread("stack", "ok", name)
          : unread("stack", "failed", `${name}: ${elsewhere}`);
      return { checks: [stack, lockCheck(backend, engine), secrets], settings };
    });
  } catch (error) {
    const message = wordsOf(error);
    if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT")
      return {
        checks: [unread("stack", "unknown", message), unread("secrets", "unknown", "no stack was read")],
      };
    // The passphrase is what the stack's secrets are encrypted with.
    const isPassphrase = error instanceof Failure && /PULUMI_CONFIG_PASSPHRASE/.test(message);
    if (isPassphrase) return { checks: [unread("stack", "ok", name), unread("secrets", "failed", message)] };
    return {
      checks: [unread("stack", "failed", message), unread("secrets", "unknown", "no stack was read")],
    };
  }
}

/** Why the stack's resources cannot be observed with this configuration; undefined where they can, or where it is not valid. */
function serverProblem(engine: Engine, managed: readonly Managed[]): string | undefined {
  try {
    const failures = [...ofOtherServers(engine, managed).values()];
    const [first] = failures;
    if (first === undefined) return undefined;
    const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
    return `${first.failure.message}${more}`;
  } catch (error) {
    if (RtcError.isInstance(error)) return undefined;
    throw error;
  }
}

function configuration(settings: StackChecks["settings"], before: Check[]): PulumiChecks {
  const check = "configuration";
  const source = settings === undefined ? "the environment alone" : "the stack, and the environment";
  try {
    const config = readConfig({}, settings);
    // A client checks what the keys alone do not show.
    clientOf(config);
    return { checks: [...before, { check, status: "ok", message: `of ${source}` }], config };
  } catch (error) {
    return { checks: [...before, { check, status: "failed", message: wordsOf(error) }] };
  }
}

/** An error in words, without its code. */
function wordsOf(error: unknown): string {
  if (RtcError.isInstance(error)) return error.issues?.map(formatIssue).join("; ") ?? error.message;
  if (error instanceof Failure) return error.message;
  throw error;
}

/** An address without the user and password that it may have. */
function withoutCredentials(address: string): string {
  return address.replace(/\/\/[^/@]*@/, "//");
}

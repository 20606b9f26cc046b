import { isEnded, meaningOf, type Recording, RtcError, type VendorAdapter } from "../contract";
import { type Clock, systemClock } from "../support/clock";
import { exchange, type HttpAnswer } from "../support/http";
import type { RtcConfig } from "./config";
import { remoteClient } from "./remote";
import { everyVendor, type Registry, Vendors } from "./vendors";

/** The result of a check. `unknown`: it could not be made, and the message states why. */
export interface Check {
  /** What was checked, e.g. `livekit keys`. */
  check: string;
  status: "ok" | "warning" | "failed" | "unknown";
  /** What was found, and what to do about it. */
  message: string;
}

/** How long an address may take to answer. */
const ANSWER_SECONDS = 5;
/** Calls are signed with the time, and a server takes a signature that is this far off. */
const SKEW_SECONDS = 60;
const NOTABLE_SKEW_SECONDS = 10;
/** A name that no room has: looking it up costs a vendor little. */
const PROBE = "rtc-doctor";

/** What calls go to: a vendor's deployment, or a gateway. */
interface Target {
  name: string;
  /** Undefined where it is not known before a call. */
  address: string | undefined;
  /** Why no call is possible although tokens are. */
  gap: string | undefined;
  /** A call that needs the keys, and changes nothing. */
  ask(): Promise<unknown>;
  /** The recordings that have not ended; undefined where the vendor cannot record. */
  recordings: (() => Promise<readonly Recording[]>) | undefined;
}

/**
 * Checks the address, the keys, the clock and the recorder of everything that a configuration names. Changes nothing.
 *
 * @param config read already
 * @example for (const { check, status, message } of await diagnose(readConfig())) …
 */
export async function diagnose(
  config: RtcConfig,
  known: Registry = everyVendor,
  clock: Clock = systemClock,
): Promise<Check[]> {
  if (config.endpoint !== undefined) return checksOf(gatewayOf(config, known), clock);
  const adapters = new Vendors(config, known).configured();
  if (adapters.length === 0) {
    const message = `no vendor is configured: set the keys of one (rtc vendors lists those of ${Object.keys(known).join(", ")})`;
    return [{ check: "vendors", status: "failed", message }];
  }
  const all = adapters.flatMap((adapter) =>
    adapter.deployments().map((region) => checksAt(adapter, region, clock)),
  );
  return (await Promise.all(all)).flat();
}

async function checksAt(adapter: VendorAdapter, region: string | null, clock: Clock): Promise<Check[]> {
  const name = region === null ? adapter.vendor : `${adapter.vendor}@${region}`;
  const missing = adapter.missing(region, "rtc.token.issue");
  if (missing !== undefined) {
    // Rooms may all name a region.
    const isSpare = adapter.deployments().some((one) => !adapter.missing(one, "rtc.token.issue"));
    return [{ check: `${name} keys`, status: isSpare ? "warning" : "failed", message: missing }];
  }
  const endpoint = adapter.endpoint(region);
  const { recordings } = adapter;
  return checksOf(
    {
      name,
      address: adapter.apiAddress?.(region) ?? (/^https?:/.test(endpoint) ? endpoint : undefined),
      gap: adapter.missing(region, "rtc.participant.list"),
      ask: () => adapter.getRoom({ region, name: PROBE }),
      recordings: recordings && (() => recordings.list(region, { active: true })),
    },
    clock,
  );
}

function gatewayOf(config: RtcConfig, known: Registry): Target {
  const client = remoteClient(config, known);
  return {
    name: "gateway",
    address: client.gateway,
    gap: undefined,
    ask: () => client.room.list({ limit: 1 }),
    recordings: async () => (await client.recording.list({ active: true })).items,
  };
}

async function checksOf(target: Target, clock: Clock): Promise<Check[]> {
  const { name, address, gap } = target;
  const check = (what: string, status: Check["status"], message: string): Check => ({
    check: `${name} ${what}`,
    status,
    message,
  });
  const [answer, asked] = await Promise.all([
    address === undefined ? undefined : reach(address, clock),
    gap === undefined ? errorOf(target.ask()) : undefined,
  ]);
  const isRejected = asked !== undefined && meaningOf(asked.code).exit === "authentication";
  const isWrong = asked !== undefined && !isRejected;
  const isReached = answer?.ok !== undefined || (gap === undefined && !isWrong);
  const where = address ?? "it";
  const problem = isWrong ? asked.message : answer?.problem;

  const checks = [
    isReached && !isWrong
      ? check("address", "ok", `${where} answers`)
      : check("address", problem === undefined ? "unknown" : "failed", problem ?? "its address is not known"),
    clockCheck(check, answer?.ok, where),
  ];
  if (gap !== undefined) checks.push(check("keys", "warning", `tokens can be signed, and no more: ${gap}`));
  else if (isRejected) checks.push(check("keys", "failed", asked.message));
  else if (isWrong) checks.push(check("keys", "unknown", "the address did not answer as it should"));
  else checks.push(check("keys", "ok", "accepted"));
  if (target.recordings === undefined) return checks;
  if (asked !== undefined || gap !== undefined)
    return [...checks, check("recorder", "unknown", "it can be asked only with an address and keys")];
  return [...checks, await recorderCheck(check, target.recordings)];
}

type Checked = (what: string, status: Check["status"], message: string) => Check;

/** An answer of a server, with the time of this machine before and after it; or why there is none. */
interface Reached {
  ok?: { answer: HttpAnswer; before: number; after: number };
  problem?: string;
}

async function reach(url: string, clock: Clock): Promise<Reached> {
  const before = clock.now();
  try {
    const answer = await exchange({ method: "GET", url, seconds: ANSWER_SECONDS });
    return { ok: { answer, before, after: clock.now() } };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** How far the clock is from that of the server, as the Date of its answer has it. */
function clockCheck(check: Checked, reached: Reached["ok"], where: string): Check {
  if (reached === undefined) return check("clock", "unknown", "no answer tells the time");
  const date = Date.parse(reached.answer.headers.date ?? "");
  if (Number.isNaN(date)) return check("clock", "unknown", `the answer of ${where} has no Date`);
  // A Date has whole seconds, and was written at some time of the exchange.
  const ahead = Math.floor((reached.before - (date + 1_000)) / 1_000);
  const behind = Math.floor((date - reached.after) / 1_000);
  const seconds = Math.max(ahead, behind);
  if (seconds < 1) return check("clock", "ok", "as the server's");
  const differs = `this machine's clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} the server's`;
  if (seconds < NOTABLE_SKEW_SECONDS) return check("clock", "ok", differs);
  const advice = "synchronise it (NTP), since keys and tokens are valid for a time";
  return check("clock", seconds > SKEW_SECONDS ? "failed" : "warning", `${differs}: ${advice}`);
}

async function recorderCheck(check: Checked, list: () => Promise<readonly Recording[]>): Promise<Check> {
  const found: { running?: number; error?: RtcError } = {};
  try {
    found.running = (await list()).filter(({ status }) => !isEnded(status)).length;
  } catch (error) {
    if (!RtcError.isInstance(error)) throw error;
    found.error = error;
  }
  if (found.error !== undefined) {
    const cannot = ["usage", "authentication"].includes(meaningOf(found.error.code).exit);
    return check("recorder", cannot ? "warning" : "unknown", found.error.message);
  }
  if (found.running) return check("recorder", "ok", `it has taken recordings (not ended: ${found.running})`);
  const message =
    "recordings can be listed; whether an egress worker runs shows only when one is started (rtc recordings start)";
  return check("recorder", "unknown", message);
}

/** The error of a call, undefined where it succeeds. */
async function errorOf(call: Promise<unknown>): Promise<RtcError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!RtcError.isInstance(error)) throw error;
    return error;
  }
}

import "../contract/node-version";
import type { dynamic } from "@pulumi/pulumi";
import { readConfig } from "../client/config";
import { clientOf } from "../client/create";
import { formatIssue, messageOf, oneLine, RtcError } from "../contract";
import { rejection } from "../reconcile/decision";
import type { Hidden } from "../reconcile/declarations";
import { KINDS, type Kind, lifecyclesOf } from "../reconcile/kinds";
import { type Lifecycle, newProcess, type Process, type Report } from "../reconcile/lifecycle";
import { monotonicClock } from "../support/clock";
import { attachHost, flushReports, report } from "./host";

/**
 * What the engine's host for dynamic providers loads through the shim: one provider a resource kind.
 * Not called by programs.
 */

let raw: ((key: string) => string | undefined) | undefined;
let created: { process: Process; of: Record<Kind, Lifecycle> } | undefined;

/** The host does not await configure: this runs before anything can be awaited, and only once. */
async function configure(request: dynamic.ConfigureRequest): Promise<void> {
  if (raw) return;
  raw = (key) => request.config.get(`rtc:${key}`);
  attachHost();
}

function work(): NonNullable<typeof created> {
  if (created) return created;
  const config = readConfig({}, raw);
  const client = clientOf(config);
  const clean: Report = (level, message, urn) => report(level, oneLine(client.redact(message)), urn);
  const process = newProcess({ client, config, report: clean, clock: monotonicClock });
  created = { process, of: lifecyclesOf(process) };
  return created;
}

/** Runs a call of the engine; whatever fails leaves as one RtcError, its code in front, without a secret. */
async function guarded<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const known = RtcError.isInstance(error);
    const code = known ? error.code : "INTERNAL";
    const text = known ? messageOf(error) : oneLine(error instanceof Error ? error.message : String(error));
    const message = known ? text : `a defect in pulumi-rtc, please report it: ${text}`;
    throw new RtcError(code, created?.process.client.redact(`${code}: ${message}`) ?? `${code}: ${message}`);
  } finally {
    await flushReports();
  }
}

/**
 * A diff whose failure blocks only its own resource: for a failed diff the engine would end the whole run, in the middle of
 * what it does to others. So an update is reported to it, which fails, and a preview warns.
 */
async function diffOrBlock(
  kind: Kind,
  blocked: Map<string, RtcError>,
  ...[id, olds, news]: Parameters<Lifecycle["diff"]>
) {
  const { of, process } = work();
  try {
    return await of[kind].diff(id, olds, news);
  } catch (error) {
    if (!RtcError.isInstance(error)) throw error;
    blocked.set(id, error);
    const { urn, dryRun } = of[kind].declaration?.(id, olds, news) ?? {};
    if (dryRun) process.report("warn", rejection({ message: messageOf(error) }), urn);
    return { changes: true, replaces: [], deleteBeforeReplace: true };
  }
}

/** How long a failure waits for recordings that a replacement has ended. */
const RESTART_SECONDS = 60;

/**
 * A diff that failed fails the update that it has become. With its failure the engine ends a run without
 * `--continue-on-error`, also between the end of a recording whose room is replaced and its next start: so it waits for that.
 */
async function assertNotBlocked(blocked: ReadonlyMap<string, RtcError>, id: string): Promise<void> {
  const error = blocked.get(id);
  if (error === undefined) return;
  const recordings = work().process.declarations("recording");
  const { clock } = work().process;
  const end = clock.now() + RESTART_SECONDS * 1_000;
  while (recordings.replacing.length > 0 && clock.now() < end) await clock.sleep(100);
  const stopped = recordings.replacing;
  if (stopped.length === 0) throw error;
  const message = `${messageOf(error)}. Not started again yet: ${stopped.join(", ")}; run up once more`;
  throw new RtcError(error.code, message);
}

function provider(kind: Kind): dynamic.ResourceProvider {
  const blocked = new Map<string, RtcError>();
  const of = () => work().of[kind];
  return {
    configure,
    check: (olds, news) =>
      guarded(async () => {
        const { inputs, issues } = of().check(olds, news);
        const { urn } = (news["__rtc"] ?? {}) as Partial<Hidden>;
        if (issues.length === 0 && urn !== undefined) await of().foresee?.(urn, inputs);
        // A property that is named is printed with its value, which may be a secret.
        return {
          inputs,
          failures: issues.map((issue) => ({ property: "", reason: oneLine(formatIssue(issue)) })),
        };
      }),
    diff: (id, olds, news) => guarded(() => diffOrBlock(kind, blocked, id, olds, news)),
    create: (inputs) => guarded(() => of().create(inputs)),
    read: (id, props) => guarded(async () => (await of().read(id, props ?? {})) ?? {}),
    update: (id, olds, news) =>
      guarded(async () => {
        await assertNotBlocked(blocked, id);
        return of().update(id, olds, news);
      }),
    delete: (id, props) => guarded(() => of().delete(id, props)),
  };
}

/** The provider of each kind. */
const providers = Object.fromEntries(KINDS.map((kind) => [kind, provider(kind)])) as Record<
  Kind,
  dynamic.ResourceProvider
>;
// By its name for the engine, whatever kinds there are; those of the package by name for ES modules too.
Object.assign(exports, providers);

/** The provider of RtcRoom. */
export const room = providers.room;

/** The provider of RtcRecording. */
export const recording = providers.recording;

import type { dynamic } from "@pulumi/pulumi";
import { readConfig } from "../client/config";
import { clientOf } from "../client/create";
import type { RtcClient } from "../client/types";
import { formatIssue, type Issue, messageOf, oneLine, RtcError } from "../contract";
import type { Properties, Report } from "../reconcile/context";
import { Declarations } from "../reconcile/declarations";
import { RecordingLifecycle } from "../reconcile/recording/lifecycle";
import { RoomLifecycle } from "../reconcile/room/lifecycle";
import { monotonicClock } from "../support/clock";
import { attachHost, flushReports, report } from "./host";

/**
 * What the engine's host for dynamic providers loads through the shim: one provider a resource kind.
 * Not called by programs.
 */

/** What every lifecycle has. */
interface Lifecycle {
  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] };
  diff(id: string, olds: Properties, news: Properties): Promise<dynamic.DiffResult>;
  create(inputs: Properties): Promise<dynamic.CreateResult>;
  read(id: string, props: Properties): Promise<dynamic.ReadResult | null>;
  update(id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult>;
  delete(id: string, props: Properties): Promise<void>;
}

let raw: ((key: string) => string | undefined) | undefined;
let made: { client: RtcClient; room: RoomLifecycle; recording: RecordingLifecycle } | undefined;

/** The host does not await configure: this runs before anything can be awaited, and only once. */
async function configure(request: dynamic.ConfigureRequest): Promise<void> {
  if (raw) return;
  raw = (key) => request.config.get(`rtc:${key}`);
  attachHost();
}

function lifecycles() {
  if (made) return made;
  const config = readConfig({}, raw);
  const client = clientOf(config);
  const rooms = new Declarations();
  const clean: Report = (level, message, urn) => report(level, oneLine(client.redact(message)), urn);
  const shared = { client, config, report: clean };
  const room = new RoomLifecycle({ ...shared, declarations: rooms });
  const recording = new RecordingLifecycle({
    ...shared,
    rooms,
    declarations: new Declarations(),
    clock: monotonicClock,
  });
  made = { client, room, recording };
  return made;
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
    throw new RtcError(code, made?.client.redact(`${code}: ${message}`) ?? `${code}: ${message}`);
  } finally {
    await flushReports();
  }
}

function provider(of: () => Lifecycle): dynamic.ResourceProvider {
  return {
    configure,
    check: (olds, news) =>
      guarded(() => {
        const { inputs, issues } = of().check(olds, news);
        // A property that is named is printed with its value, which may be a secret.
        return {
          inputs,
          failures: issues.map((issue) => ({ property: "", reason: oneLine(formatIssue(issue)) })),
        };
      }),
    diff: (id, olds, news) => guarded(() => of().diff(id, olds, news)),
    create: (inputs) => guarded(() => of().create(inputs)),
    read: (id, props) => guarded(async () => (await of().read(id, props ?? {})) ?? {}),
    update: (id, olds, news) => guarded(() => of().update(id, olds, news)),
    delete: (id, props) => guarded(() => of().delete(id, props)),
  };
}

/** The provider of RtcRoom. */
export const room = provider(() => lifecycles().room);

/** The provider of RtcRecording. */
export const recording = provider(() => lifecycles().recording);

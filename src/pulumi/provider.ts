import type { dynamic } from "@pulumi/pulumi";
import { localClient } from "../client/local";
import type { RtcClient } from "../client/types";
import { type ConfigKey, formatIssue, type RtcConfig, RtcError, readConfig } from "../contract";
import { allSaid, attachHost, say } from "./host";
import { Memory } from "./lifecycle/memory";
import { RoomLifecycle } from "./lifecycle/room";

/**
 * What the engine's host for dynamic providers loads through the shim: one provider a resource kind.
 * Not called by programs.
 */

let raw: ((key: ConfigKey) => string | undefined) | undefined;
let made: { client: RtcClient; room: RoomLifecycle } | undefined;

/** The host does not await configure: this runs before anything can be awaited, and only once. */
async function configure(request: dynamic.ConfigureRequest): Promise<void> {
  if (raw) return;
  raw = (key) => request.config.get(`rtc:${key}`);
  attachHost();
}

function lifecycle() {
  if (made) return made;
  const config: RtcConfig = readConfig({}, raw);
  const client = localClient(config);
  made = { client, room: new RoomLifecycle({ client, config, memory: new Memory(), say }) };
  return made;
}

/** Runs a call of the engine; whatever fails leaves as one RtcError, its code in front, without a secret. */
async function guarded<T>(run: (room: RoomLifecycle) => T | Promise<T>): Promise<T> {
  try {
    return await run(lifecycle().room);
  } catch (error) {
    const known = RtcError.isInstance(error);
    const code = known ? error.code : "INTERNAL";
    const text = error instanceof Error ? error.message : String(error);
    const message = known ? text : `a defect in pulumi-rtc, please report it: ${text}`;
    throw new RtcError(code, made?.client.redact(`${code}: ${message}`) ?? `${code}: ${message}`);
  } finally {
    await allSaid();
  }
}

/** The provider of RtcRoom. */
export const room: dynamic.ResourceProvider = {
  configure,
  check: (olds, news) =>
    guarded((room) => {
      const { inputs, issues } = room.check(olds, news);
      // A property that is named is printed with its value, which may be a secret.
      return { inputs, failures: issues.map((issue) => ({ property: "", reason: formatIssue(issue) })) };
    }),
  diff: (id, olds, news) => guarded((room) => room.diff(id, olds, news)),
  create: (inputs) => guarded((room) => room.create(inputs)),
  read: (id, props) => guarded(async (room) => (await room.read(id, props ?? {})) ?? {}),
  update: (id, olds, news) => guarded((room) => room.update(id, olds, news)),
  delete: (id, props) => guarded((room) => room.delete(id, props)),
};

import type { RtcConfig } from "../../client/config";
import { clientOf } from "../../client/create";
import type { RtcClient } from "../../client/types";
import { type Problem, RtcError } from "../../contract";
import type { EarlierNames } from "../../manifest/declare";
import type { Manifest } from "../../manifest/schema";
import { protectedFailure } from "../../reconcile/decision";
import { type Kind, lifecyclesOf } from "../../reconcile/kinds";
import { newProcess, type Properties } from "../../reconcile/lifecycle";
import { changedInputs, decideChange } from "../../reconcile/room/decide";
import { observeUpdateGap } from "../../reconcile/room/observe";
import { parseRoomState } from "../../reconcile/room/state";
import { UNKNOWN } from "../../reconcile/state";
import { monotonicClock } from "../../support/clock";
import type { Engine } from "./engine";
import type { Blocked } from "./removals";
import { type Managed, withoutSecrets } from "./stack-state";

/** What the checks of the provider say of a manifest beside the state, before the engine runs. */
export interface Checked {
  /** What is wrong, by its path in the manifest: `rooms`, the resource's name, and its input. */
  problems: Problem[];
  /** The rooms of the state that are declared, with their inputs as check has resolved them. */
  rooms: ReadonlyMap<Managed, Properties>;
}

/**
 * Checks a manifest as the provider does, for all resources at once and without the network: where the engine asks for each
 * alone, what is wrong with one is found after others have changed.
 *
 * @param earlier the names in the state of resources that have another name now
 */
export function checkDeclared(
  engine: Pick<Engine, "client" | "settings" | "name" | "project">,
  { rooms, recordings }: Manifest,
  earlier: EarlierNames,
  managed: readonly Managed[],
): Checked {
  const [client, config] = [engine.client(), engine.settings()];
  const lifecycles = lifecyclesOf(newProcess({ client, config, report: () => {}, clock: monotonicClock }));
  const problems: Problem[] = [];
  const check = (kind: Kind, name: string, old: Managed | undefined, declared: Properties) => {
    const { project, name: stack } = engine;
    // It is named where two resources declare the same.
    const hidden = { urn: `${kind} ${name}`, name, project, stack, dryRun: false };
    const { __rtc, ...more } = declared;
    const { inputs, issues } = lifecycles[kind].check(withoutSecrets(old?.inputs ?? {}), {
      ...more,
      __rtc: { ...hidden, ...Object(__rtc) },
    });
    for (const { path, message } of issues) {
      // The reason why no vendor fits is reported for the one that is named.
      const at = path === "" && kind === "room" && declared["vendor"] !== undefined ? "vendor" : path;
      problems.push({ path: [`${kind}s`, name, ...at.split(/[.[\]]+/).filter(Boolean)], message });
    }
    return inputs;
  };
  const byName = new Map(managed.map((one) => [`${one.kind} ${one.name}`, one]));
  const oldOf = (kind: Kind, name: string, before = name) => byName.get(`${kind} ${before}`);
  const vendors = new Map<string, unknown>();
  const declaredRooms = new Map<Managed, Properties>();
  for (const [name, { protect, ...declared }] of Object.entries(rooms)) {
    const old = oldOf("room", name, earlier.rooms[name]);
    const inputs = check("room", name, old, declared);
    vendors.set(name, inputs["vendor"] ?? UNKNOWN);
    if (old) declaredRooms.set(old, inputs);
  }
  for (const [name, { protect, room, ...declared }] of Object.entries(recordings)) {
    const old = oldOf("recording", name, earlier.recordings[name]);
    const ofRoom = { room: UNKNOWN, vendor: vendors.get(room), __rtc: { roomUrn: `room ${room}` } };
    check("recording", name, old, { ...ofRoom, ...declared });
  }
  return { problems, rooms: declaredRooms };
}

/** What another configuration or state could allow: missing keys, a region, the destination that recordings without one have. */
const CONFIGURED = /^NOT_CONFIGURED: |declared twice|recorded twice|rtc:recordingOutput|has no region/;

/**
 * What {@link checkDeclared} finds wrong with a manifest whatever the configuration and the state are: what explicit vendors,
 * and those of recorded rooms, cannot do.
 */
export function explicitProblems(config: RtcConfig, manifest: Manifest): Problem[] {
  const { project, rooms, recordings } = manifest;
  const client = clientOf(config);
  const engine = { name: "", project, settings: () => config, client: () => client };
  const isExplicit = ({ path: [kind = "", name = ""] }: Problem) => {
    const recording = kind === "recordings" ? recordings[String(name)] : undefined;
    const room = rooms[recording?.room ?? String(name)];
    return (recording?.vendor ?? room?.vendor) !== undefined;
  };
  const { problems } = checkDeclared(engine, manifest, { rooms: {}, recordings: {} }, []);
  return problems.filter((one) => isExplicit(one) && !CONFIGURED.test(one.message));
}

/** Rooms that a changed declaration replaces. */
export interface Replaced {
  /** Those of which a recording is protected, by their URN. */
  blocked: Blocked;
  /** The others, with the `forceDestroy` that is declared. */
  others: Managed[];
}

/**
 * The rooms of the state that a run would replace.
 *
 * @param rooms as they are declared now
 * @param outputsOf the outputs in the state, or as a refresh has observed them; null where the room is gone
 */
export async function replacedRooms(
  client: RtcClient,
  managed: readonly Managed[],
  rooms: Checked["rooms"],
  outputsOf: (one: Managed) => Properties | null,
): Promise<Replaced> {
  const protectedTapes = new Map(
    managed
      .filter(({ kind, isProtected }) => kind === "recording" && isProtected)
      .map((one) => [one.outputs["room"], one]),
  );
  const replaced: Replaced = { blocked: new Map(), others: [] };
  for (const [resource, declared] of rooms) {
    const outputs = outputsOf(resource);
    if (outputs === null || !(await isReplaced(client, { ...resource, outputs }, declared))) continue;
    const tape = protectedTapes.get(resource.id);
    const failure = tape && protectedFailure("recording", tape.id, "replace its room");
    if (failure) replaced.blocked.set(resource.urn, { resource, failure });
    // The declaration takes precedence over the state.
    else
      replaced.others.push({ ...resource, outputs: { ...outputs, forceDestroy: declared["forceDestroy"] } });
  }
  return replaced;
}

/** Whether a changed declaration replaces a room of the state; false where the provider has to say why that cannot be read. */
async function isReplaced(client: RtcClient, old: Managed, declared: Properties): Promise<boolean> {
  try {
    const state = parseRoomState(old.resourceId, withoutSecrets(old.outputs));
    const { changesInPlace } = client.traits(state.vendor);
    const updateGap = await observeUpdateGap(client, state.vendor, changedInputs(state, declared));
    return decideChange({ state, declared, changesInPlace, updateGap }).action === "replace";
  } catch (error) {
    if (RtcError.isInstance(error)) return false;
    throw error;
  }
}

/** One error where nothing is wrong with a manifest, but keys of its vendors are missing; undefined where there is more. */
export function missingVendors(problems: readonly Problem[]): RtcError | undefined {
  const code = "NOT_CONFIGURED";
  const reasons = new Set(problems.map(({ message }) => message));
  if (![...reasons].every((reason) => reason.startsWith(`${code}: `))) return undefined;
  const names = problems.map(({ path: [kind, name] }) => `${String(kind).replace(/s$/, "")} ${String(name)}`);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  const why = [...reasons].map((reason) => reason.slice(code.length + 2)).join("; ");
  return new RtcError(
    code,
    `${why}. Needed for ${names.slice(0, NAMED).join(", ")}${more}; nothing was touched`,
  );
}

/** How many resources a message names. */
const NAMED = 5;

import type { Problem } from "../../contract";
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
  /** Rooms that would be replaced although a recording of them is protected, by their URN. */
  blocked: Blocked;
}

/**
 * Checks a manifest as the provider does, for all resources at once and without the network: where the engine asks for each
 * alone, what is wrong with one is found after others have changed.
 *
 * @param earlier the names in the state of resources that have another name now
 */
export async function checkDeclared(
  engine: Pick<Engine, "client" | "settings" | "name" | "project">,
  { rooms, recordings }: Manifest,
  earlier: EarlierNames,
  managed: readonly Managed[],
): Promise<Checked> {
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
      // Why no vendor fits is said of the one that is named.
      const at = path === "" && kind === "room" && declared["vendor"] !== undefined ? "vendor" : path;
      problems.push({ path: [`${kind}s`, name, ...at.split(/[.[\]]+/).filter(Boolean)], message });
    }
    return inputs;
  };
  const oldOf = (kind: Kind, name: string, before = name) =>
    managed.find((one) => one.kind === kind && one.name === before);

  const vendors = new Map<string, unknown>();
  const blocked: Blocked = new Map();
  for (const [name, { protect, ...declared }] of Object.entries(rooms)) {
    const old = oldOf("room", name, earlier.rooms[name]);
    const inputs = check("room", name, old, declared);
    vendors.set(name, inputs["vendor"] ?? UNKNOWN);
    const kept = managed.find(
      (one) => one.kind === "recording" && one.isProtected && one.outputs["room"] === old?.id,
    );
    if (old === undefined || kept === undefined) continue;
    const state = parseRoomState(old.resourceId, withoutSecrets(old.outputs));
    const { changesInPlace } = client.traits(state.vendor);
    const updateGap = await observeUpdateGap(client, state.vendor, changedInputs(state, inputs));
    if (decideChange({ state, declared: inputs, changesInPlace, updateGap }).action === "replace")
      blocked.set(old.urn, {
        resource: old,
        failure: protectedFailure("recording", kept.id, "replace its room"),
      });
  }
  for (const [name, { protect, room, ...declared }] of Object.entries(recordings)) {
    const old = oldOf("recording", name, earlier.recordings[name]);
    const ofRoom = { room: UNKNOWN, vendor: vendors.get(room), __rtc: { roomUrn: `room ${room}` } };
    check("recording", name, old, { ...ofRoom, ...declared });
  }
  return { problems, blocked };
}

import { hasTimeout, isEnded, type RecordingStatus, same } from "../contract";
import type { Properties, ReadResource } from "./lifecycle";

/** What happened to something that is declared. */
export type DriftClass = "changed" | "deleted" | "recreated" | "ended";

/** How a resource is no longer as it is declared. */
export interface Drift {
  class: DriftClass;
  /** Each field that differs; `declared` or `live` is absent where there is nothing. */
  fields: { field: string; declared?: unknown; live?: unknown }[];
}

/** A resource of the state. */
export interface Managed {
  inputs: Properties;
  outputs: Properties;
}

/**
 * The drift between a resource's state and what a read of it has observed; undefined where there is none. A room that
 * closes by itself when it is empty is recreated by the next join, as another generation, which is no drift.
 *
 * @param observed null: the resource is gone
 */
export function driftOf(managed: Managed, observed: ReadResource | null): Drift | undefined {
  if (observed === null) return { class: "deleted", fields: [] };
  const { outputs: before } = managed;
  const after = observed.props;
  const changed = changedInputs(managed.inputs, observed.inputs);
  // An earlier refresh has stored live values in the state, and the declared ones beside them.
  const drifted = (after["drifted"] ?? {}) as Record<string, { declared?: unknown }>;
  for (const [field, { declared }] of Object.entries(drifted))
    changed.set(field, values(declared, after[field]));
  const drift = (found: DriftClass, field?: string): Drift => {
    if (field !== undefined) changed.set(field, values(before[field], after[field]));
    return { class: found, fields: [...changed].map(([name, both]) => ({ field: name, ...both })) };
  };
  const needsRestart = after["restartDue"] === true;
  if (needsRestart || (!hasEnded(before) && hasEnded(after))) return drift("ended", "status");
  const isRoom = typeof before["recording"] !== "string";
  const isPermanent = !hasTimeout(before);
  if (isRoom && isPermanent && !same(before["sid"], after["sid"])) return drift("recreated", "sid");
  return changed.size > 0 ? drift("changed") : undefined;
}

function changedInputs(before: Properties, after: Properties) {
  const names = new Set(
    [...Object.keys(before), ...Object.keys(after)].filter((name) => !name.startsWith("__")),
  );
  const differing = [...names].filter((name) => !same(before[name], after[name]));
  return new Map(differing.map((name) => [name, values(before[name], after[name])]));
}

function values(declared: unknown, live: unknown) {
  return { ...(declared === undefined ? {} : { declared }), ...(live === undefined ? {} : { live }) };
}

function hasEnded({ status }: Properties): boolean {
  return typeof status === "string" && isEnded(status as RecordingStatus);
}

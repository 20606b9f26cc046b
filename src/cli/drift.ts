import { isEnded, type RecordingStatus, same } from "../contract";
import type { FieldChange, Kind, Step } from "./steps";

/** What happened to something that is declared. */
export type DriftClass = "changed" | "deleted" | "recreated" | "ended";

/** A room or recording that is not as it is declared. */
export interface Drifted {
  kind: Kind;
  name: string;
  id: string;
  class: DriftClass;
  /** Each field that differs; `declared` or `live` is absent where there is nothing. */
  fields: { field: string; declared?: unknown; live?: unknown }[];
  messages: string[];
}

type Outputs = Record<string, unknown>;

/**
 * What the steps of a refresh say of what was declared. A room that closes by itself when it is empty comes back with the
 * next join, as another incarnation: that is its life, and no drift.
 */
export function driftIn(steps: readonly Step[]): Drifted[] {
  return steps.flatMap((step) => {
    const { kind, name, old: before, new: after, fields, messages } = step;
    // What the program declares and the state does not have is seen too, without a state.
    if (step.failed || before?.["schemaVersion"] === undefined) return [];
    const found = classOf(kind, before, after, fields);
    if (found === undefined) return [];
    const id = String(before[kind] ?? "");
    return [{ kind, name, id, class: found, fields: fieldsOf(found, fields, before, after), messages }];
  });
}

function classOf(
  kind: Kind,
  before: Outputs,
  after: Outputs | undefined,
  fields: readonly FieldChange[],
): DriftClass | undefined {
  if (after?.["schemaVersion"] === undefined) return "deleted";
  if (kind === "recording" && !hasEnded(before) && (hasEnded(after) || after["restartDue"] === true))
    return "ended";
  const staysForGood = before["emptyTimeoutSeconds"] === undefined;
  if (kind === "room" && staysForGood && !same(before["sid"], after["sid"])) return "recreated";
  const isDrifted = fields.length > 0 || after["drifted"] !== undefined || after["restartDue"] === true;
  return isDrifted ? (after["restartDue"] === true ? "ended" : "changed") : undefined;
}

function fieldsOf(
  found: DriftClass,
  fields: readonly FieldChange[],
  before: Outputs,
  after: Outputs | undefined,
): Drifted["fields"] {
  if (found === "deleted") return [];
  const differing = new Map(fields.map(({ field, ...values }) => [field, declaredAndLive(values)]));
  // A refresh before this one has put live values into the state, and kept aside what was declared.
  for (const [field, kept] of Object.entries(
    (after?.["drifted"] ?? {}) as Record<string, { declared?: unknown }>,
  ))
    differing.set(field, declaredAndLive({ from: kept.declared, to: after?.[field] }));
  if (found === "recreated")
    differing.set("sid", declaredAndLive({ from: before["sid"], to: after?.["sid"] }));
  if (found === "ended")
    differing.set("status", declaredAndLive({ from: before["status"], to: after?.["status"] }));
  return [...differing].map(([field, values]) => ({ field, ...values }));
}

function declaredAndLive({ from, to }: { from?: unknown; to?: unknown }) {
  return { ...(from === undefined ? {} : { declared: from }), ...(to === undefined ? {} : { live: to }) };
}

function hasEnded({ status }: Outputs): boolean {
  return typeof status === "string" && isEnded(status as RecordingStatus);
}

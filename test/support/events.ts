import { readFileSync } from "node:fs";

/** One line of the engine's event log; the field that is present determines its type. */
export interface EngineEvent {
  sequence: number;
  timestamp: number;
  diagnosticEvent?: { urn?: string; message: string; severity: string; ephemeral?: boolean };
  resourcePreEvent?: { metadata: StepMetadata; planning?: boolean };
  resOutputsEvent?: { metadata: StepMetadata; planning?: boolean };
  resOpFailedEvent?: { metadata: StepMetadata };
  summaryEvent?: { resourceChanges: Record<string, number>; isPreview: boolean; result: string };
}

/** What the engine reports of one step. */
export interface StepMetadata {
  op: string;
  urn: string;
  type: string;
  keys?: string[];
  diffs?: string[];
  detailedDiff?: Record<string, { kind: string; inputDiff: boolean }>;
}

/** What happened, or in a preview would happen, to one resource. */
export interface Operation {
  /** `create`, `update`, `replace`, `delete`, `same`, `refresh`, `read`, … */
  op: string;
  /** The resource's name in the program. */
  name: string;
  type: string;
  urn: string;
  failed: boolean;
}

/** Numbers of resources by what happened to them; the stack itself and providers are not counted. */
export interface Counts {
  create: number;
  update: number;
  replace: number;
  delete: number;
  same: number;
}

/** Reads an event log; the last line of a killed run may be half a line and is left out. */
export function readEvents(file: string): EngineEvent[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return []; // the command failed before its engine started
  }
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  return complete
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
}

/**
 * The operations on the program's own resources, in the order in which they ended. The two halves of a replacement
 * are left out: it is one `replace`.
 */
export function operationsOf(events: readonly EngineEvent[]): Operation[] {
  return events.flatMap((event) => {
    const step = (event.resOutputsEvent ?? event.resOpFailedEvent)?.metadata;
    if (step === undefined || isInternal(step.type)) return [];
    if (step.op === "create-replacement" || step.op === "delete-replaced") {
      if (event.resOpFailedEvent === undefined) return [];
    }
    const name = step.urn.slice(step.urn.lastIndexOf("::") + 2);
    return [
      { op: step.op, name, type: step.type, urn: step.urn, failed: event.resOpFailedEvent !== undefined },
    ];
  });
}

/** Counts the operations that succeeded. */
export function countsOf(operations: readonly Operation[]): Counts {
  const counts: Counts = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
  for (const { op, failed } of operations) {
    if (!failed && op in counts) counts[op as keyof Counts]++;
  }
  return counts;
}

function isInternal(type: string): boolean {
  return type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:");
}

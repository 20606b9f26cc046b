import type * as automation from "@pulumi/pulumi/automation";
import { type ErrorCode, isErrorCode, same } from "../../contract";
import { KINDS, type Kind } from "../../reconcile/kinds";

type Metadata = automation.StepEventMetadata;

/** A changed field. Absent values are undefined. */
export interface FieldChange {
  field: string;
  from?: unknown;
  to?: unknown;
}

/** The operation on a room or recording, in a run or a preview. */
export interface Step {
  /** `create`, `update`, `replace`, `delete`, `move` to another name, `skip`, `same`, `refresh`. */
  op: string;
  kind: Kind;
  /** The resource's name. */
  name: string;
  urn: string;
  /** The inputs that differ. */
  fields: FieldChange[];
  failed: boolean;
  /** The messages on its row. */
  messages: string[];
}

/** An error of a run. */
export interface Failed {
  /** The resource's name; undefined for the program as a whole. */
  resource?: string;
  message: string;
  /** Our error code in the message. */
  code?: ErrorCode;
}

const TYPE = /^pulumi-nodejs:dynamic\/rtc:Rtc(\w+)$/;
/** The two halves of a replacement, which is one step. */
const HALVES = new Set(["create-replacement", "delete-replaced", "discard-replaced"]);
/** What the engine notes of a replacement that an earlier run has begun: it concerns the state alone. */
const NOTES = new Set(["remove-pending-replace"]);

/** The kind of a resource type of ours. */
export function kindOf(type: string): Kind | undefined {
  const name = TYPE.exec(type)?.[1]?.toLowerCase();
  return KINDS.find((kind) => kind === name);
}

/** The resource's name in the program. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** The steps of a run or of a preview, in the order in which they ended. */
export function stepsIn(events: readonly automation.EngineEvent[]): Step[] {
  const messages = messagesIn(events);
  return events.flatMap((event): Step[] => {
    const metadata = event.resOutputsEvent?.metadata ?? event.resOpFailedEvent?.metadata;
    const kind = metadata && kindOf(metadata.type);
    const failed = event.resOpFailedEvent !== undefined;
    if (metadata === undefined || kind === undefined || NOTES.has(metadata.op)) return [];
    if (HALVES.has(metadata.op) && !failed) return [];
    const { op, urn } = metadata;
    return [
      {
        op: HALVES.has(op) ? "replace" : op,
        kind,
        name: nameOf(urn),
        urn,
        fields: fieldsOf(metadata),
        failed,
        messages: messages.get(urn) ?? [],
      },
    ];
  });
}

/** The distinct errors; `isPreview` where nothing was carried out. */
export function failedIn(events: readonly automation.EngineEvent[], isPreview = false): Failed[] {
  const found = new Map<string, Failed>();
  for (const { diagnosticEvent: event } of events) {
    if (event?.severity !== "error") continue;
    const message = plainText(event.message);
    // The stack's own row repeats that resources have failed.
    if (message === "" || /^(update|preview|refresh|destroy) failed$|failed to register\b/.test(message))
      continue;
    const isOurs = event.urn !== undefined && !event.urn.includes("::pulumi:pulumi:Stack::");
    const code = codeIn(message);
    const one = {
      ...(isOurs ? { resource: nameOf(event.urn ?? "") } : {}),
      message,
      ...(code ? { code } : {}),
    };
    found.set(`${one.resource} ${message}`, one);
  }
  const all = [...found.values()];
  // The stack's own row also repeats the error of a resource, in a sentence of Pulumi's.
  const isRepeated = ({ resource, message }: Failed) =>
    resource === undefined && all.some((one) => one.resource !== undefined && message.includes(one.message));
  return [...all.filter((one) => !isRepeated(one)), ...(isPreview ? [] : endedIn(events))];
}

/** The recordings that were ended for a replacement which then did not happen. */
function endedIn(events: readonly automation.EngineEvent[]): Failed[] {
  const ended = new Set<string>();
  for (const { resOutputsEvent: event } of events) {
    const { op, type = "", urn = "", old } = event?.metadata ?? {};
    if (kindOf(type) !== "recording") continue;
    if (op === "delete-replaced") ended.add(urn);
    else if (op === "create-replacement" || op === "create")
      // A renamed one was ended under its earlier name.
      for (const name of [urn, old?.urn ?? ""]) ended.delete(name);
  }
  const message = "it was ended for a replacement that then did not happen: run up again to start it";
  return [...ended].map((urn) => ({ resource: nameOf(urn), message }));
}

/** The resources that the engine has begun and not ended, as text. */
export function pendingSteps(events: readonly automation.EngineEvent[]): string[] {
  const pending = new Map<string, string>();
  for (const event of events) {
    const { metadata } = event.resourcePreEvent ?? {};
    const kind = metadata && kindOf(metadata.type);
    if (metadata && kind && metadata.op !== "same")
      pending.set(metadata.urn, `${kind} ${nameOf(metadata.urn)}`);
    const ended = event.resOutputsEvent?.metadata.urn ?? event.resOpFailedEvent?.metadata.urn;
    if (ended !== undefined) pending.delete(ended);
  }
  return [...pending.values()];
}

/** The first code of ours in a message. */
function codeIn(message: string): ErrorCode | undefined {
  return [...message.matchAll(/\b([A-Z_]+): /g)].map(([, text]) => text).find(isErrorCode);
}

function messagesIn(events: readonly automation.EngineEvent[]): Map<string, string[]> {
  const messages = new Map<string, string[]>();
  for (const { diagnosticEvent: one } of events) {
    if (!one?.urn || one.ephemeral || one.severity === "info#err") continue;
    const all = messages.get(one.urn) ?? [];
    const text = plainText(one.message);
    if (text !== "" && !all.includes(text)) messages.set(one.urn, [...all, text]);
  }
  return messages;
}

/** A message of the engine without its colours and a program's stack. */
function plainText(message: string): string {
  return message
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .replaceAll(/\n[^\S\n]+at .+/g, "")
    .trim();
}

function fieldsOf({ op, old: before, new: after }: Metadata): FieldChange[] {
  if (op === "same" || op === "delete") return [];
  const from = op === "create" ? {} : (before?.inputs ?? {});
  const to = after?.inputs ?? {};
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (name) => !name.startsWith("__"),
  );
  return names
    .filter((field) => !same(from[field], to[field]))
    .map((field) => ({
      field,
      ...(field in from ? { from: from[field] } : {}),
      ...(field in to ? { to: to[field] } : {}),
    }));
}

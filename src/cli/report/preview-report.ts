import { oneLine } from "../../contract/printable";
import { REJECTION } from "../../reconcile/decision";
import type { Failed, FieldChange, Step } from "../stack/engine-events";
import type { Outcome } from "../stack/operation";
import { code, comment, markerOf, value } from "./markdown";
import { changesOf, countsOf, errorLines } from "./report";

/** A preview as JSON. */
export interface PreviewResult {
  project: string;
  stack: string;
  /** Whether `up` would do anything. */
  changed: boolean;
  /** The number of resources by operation. */
  changes: Record<string, number>;
  resources: (Pick<Step, "op" | "kind" | "name" | "messages"> & { fields: FieldChange[] })[];
  errors: Failed[];
  /** What `up` would reject, as far as the preview could observe it. */
  rejected: Pick<Failed, "resource" | "message">[];
}

/** The placeholder of a value that is unknown in a preview. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A preview as JSON. */
export function previewOf(
  of: { project: string; name: string },
  { steps, failed }: Pick<Outcome, "steps" | "failed">,
  rejected: PreviewResult["rejected"] = [],
): PreviewResult {
  const resources = changesOf(steps).map(({ op, kind, name, messages, fields }) => {
    return { op, kind, name, messages, fields: fields.map(known) };
  });
  return {
    project: of.project,
    stack: of.name,
    changed: resources.length > 0,
    changes: countsOf(steps),
    resources,
    errors: failed,
    rejected: [...rejected, ...resources.flatMap(rejectedIn)],
  };
}

/** A preview for a comment on a pull request. */
export function previewMarkdown(result: PreviewResult): string {
  const { project, stack, changes, resources, errors, rejected } = result;
  const row = ["create", "update", "replace", "delete", "move", "same"].map((op) => String(changes[op] ?? 0));
  return comment({
    marker: markerOf("preview", project, stack),
    title: `Rooms and recordings of ${code(`${project}/${stack}`)}`,
    table: {
      headings: ["to create", "to update", "to replace", "to delete", "to move", "as they are"],
      rows: [row],
    },
    notes: [
      ...rejected.slice(0, 20).map(({ resource, message }) => {
        const what = resource === undefined ? "" : `${code(resource)}: `;
        return `**\`rtc up\` will reject this:** ${what}${code(message.slice(0, 1_000))}`;
      }),
      ...(rejected.length > 20 ? [`… and ${rejected.length - 20} more that it will reject.`] : []),
      ...(resources.length === 0 && errors.length === 0 ? ["No changes."] : []),
      ...errors.slice(0, 20).map(({ resource, message }) => {
        return `**Error** ${resource === undefined ? "" : `${code(resource)}: `}${code(message.slice(0, 1_000))}`;
      }),
    ],
    details: resources.map((one) =>
      [
        `- **${one.op}** ${one.kind} ${code(one.name)}`,
        ...one.fields.map((field) => `  - ${code(field.field)}: ${value(field.from)} → ${value(field.to)}`),
        ...one.messages
          .filter((message) => !message.includes(REJECTION))
          .map((message) => `  - ${code(message.slice(0, 1_000))}`),
      ].join("\n"),
    ),
  });
}

/** What `up` would reject of a step, without the severity that the engine puts in front. */
function rejectedIn({ name, messages }: Pick<Step, "name" | "messages">): PreviewResult["rejected"] {
  return messages.flatMap((message) => {
    const [, why] = message.split(REJECTION);
    return why === undefined ? [] : [{ resource: name, message: why }];
  });
}

function known({ field, from, to }: FieldChange): FieldChange {
  const clear = (one: unknown) => (one === UNKNOWN ? "(known after up)" : one);
  return {
    field,
    ...(from === undefined ? {} : { from: clear(from) }),
    ...(to === undefined ? {} : { to: clear(to) }),
  };
}

const SIGNS: Record<string, string> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  move: "→",
  skip: "·",
};

/** A preview for a terminal, with a line for each resource and field. */
export function previewText(result: PreviewResult): string {
  const { project, stack, changes, resources, errors, rejected } = result;
  const lines = resources.flatMap(({ op, kind, name, fields, messages }) => [
    `${SIGNS[op] ?? "?"} ${op} ${kind} ${oneLine(name)}`,
    ...fields.map((field) => `    ${fieldLine(field)}`),
    ...messages.map((message) => `    ${oneLine(message)}`),
  ]);
  // Those of a resource stand on its row.
  const general = rejected.flatMap(({ resource, message }) =>
    resource === undefined ? [`${REJECTION}${message}`] : [],
  );
  const same = changes["same"];
  const counts = [
    ...["create", "update", "replace", "delete", "move"].flatMap((op) =>
      changes[op] ? [`${changes[op]} to ${op}`] : [],
    ),
    ...(same ? [`${same} as ${same === 1 ? "it is" : "they are"}`] : []),
    ...(rejected.length > 0 ? [`${rejected.length} that up will reject`] : []),
    ...(errors.length > 0 ? [`${errors.length} failed: what up would do is not known as a whole`] : []),
  ];
  const wrong = errorLines(errors);
  return [
    ...lines,
    ...general,
    ...wrong,
    `${project}/${stack}: ${counts.join(", ") || "nothing is declared"}`,
  ].join("\n");
}

/** The line of a changed field. */
export function fieldLine(change: FieldChange): string {
  const { field, from, to } = change;
  if (!("from" in change)) return `${oneLine(field)}: ${JSON.stringify(to)}`;
  return `${oneLine(field)}: ${JSON.stringify(from)} → ${"to" in change ? JSON.stringify(to) : "(none)"}`;
}

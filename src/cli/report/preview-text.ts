import { oneLine } from "../../contract/printable";
import { REJECTION } from "../../reconcile/decision";
import type { FieldChange } from "../stack/engine-events";
import type { PreviewResult } from "./preview-report";
import { errorLine } from "./report";

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
  const wrong = errors.map(errorLine);
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

import { oneLine } from "../../contract/printable";
import type { Drifted } from "../stack/drift";
import type { Failed } from "../stack/engine-events";
import { code, comment, markerOf, value } from "./markdown";
import { errorLines } from "./report";

/** Drift as JSON. */
export interface DriftResult {
  project: string;
  stack: string;
  drifted: boolean;
  resources: Drifted[];
  errors: Failed[];
}

const CLASSES = ["changed", "deleted", "recreated", "ended"] as const;

/** Drift for a comment or an issue. */
export function driftMarkdown({ project, stack, resources, errors }: DriftResult): string {
  const counts = CLASSES.map((one) => String(resources.filter((resource) => resource.class === one).length));
  const unknown = String(errors.length);
  return comment({
    marker: markerOf("drift", project, stack),
    title: `Drift of ${code(`${project}/${stack}`)}`,
    table: { headings: [...CLASSES, "not known"], rows: [[...counts, unknown]] },
    notes: [
      ...(resources.length + errors.length === 0 ? ["No drift."] : []),
      ...errors.slice(0, 20).map(({ resource, message }) => {
        return `**Not known** ${resource === undefined ? "" : `${code(resource)}: `}${code(message.slice(0, 1_000))}`;
      }),
    ],
    details: resources.map(({ class: what, kind, name, fields, messages }) =>
      [
        `- **${what}** ${kind} ${code(name)}`,
        ...fields.map(
          ({ field, declared, live }) =>
            `  - ${code(field)}: declared ${value(declared)}, live ${value(live)}`,
        ),
        ...messages.map((message) => `  - ${code(message.slice(0, 1_000))}`),
      ].join("\n"),
    ),
  });
}

/** Drift for a terminal, with a line for each resource and field. */
export function driftText({ project, stack, resources, errors }: DriftResult): string {
  const format = (one: unknown) => (one === undefined ? "(none)" : JSON.stringify(one));
  const lines = resources.flatMap(({ class: what, kind, name, fields, messages }) => [
    `${what} ${kind} ${oneLine(name)}`,
    ...fields.map(
      ({ field, declared, live }) => `    ${field}: declared ${format(declared)}, live ${format(live)}`,
    ),
    ...messages.map((message) => `    ${oneLine(message)}`),
  ]);
  lines.push(...errorLines(errors));
  const counts = [
    ...(resources.length > 0 ? [`${resources.length} drifted`] : []),
    ...(errors.length > 0 ? [`${errors.length} not known`] : []),
  ];
  lines.push(`${project}/${stack}: ${counts.join(", ") || "no drift"}`);
  return lines.join("\n");
}

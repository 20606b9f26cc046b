import { oneLine } from "../../contract/printable";
import type { Failed, Step } from "../stack/engine-events";
import type { Outcome } from "../stack/operation";

/** A run of the engine as JSON. */
export interface RunResult {
  project: string;
  stack: string;
  result: "succeeded" | "failed";
  /** The number of resources by operation; `same` are unchanged ones. */
  changes: Record<string, number>;
  /** The resources that changed, or failed to. */
  resources: Pick<Step, "op" | "kind" | "name" | "failed" | "messages">[];
  errors: Failed[];
}

/** The number of steps by operation. */
export function countsOf(steps: readonly Step[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op, failed } of steps) if (!failed && op !== "refresh") counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

/** The steps that change something. */
export function changesOf(steps: readonly Step[]): Step[] {
  return steps.filter(({ op, failed }) => failed || (op !== "same" && op !== "refresh" && op !== "read"));
}

/** A run as JSON. */
export function resultOf(of: { project: string; name: string }, { code, steps, failed }: Outcome): RunResult {
  const resources = changesOf(steps).map((step) => {
    const { op, kind, name, failed: hasFailed, messages } = step;
    return { op, kind, name, failed: hasFailed, messages };
  });
  const result = code === 0 ? "succeeded" : "failed";
  return { project: of.project, stack: of.name, result, changes: countsOf(steps), resources, errors: failed };
}

/** A run as one line, and a line for each error. */
export function summaryOf(result: RunResult): string {
  const { project, stack, errors } = result;
  return [`${project}/${stack}: ${countsText(result)}`, ...errorLines(errors)].join("\n");
}

/** `1 created, 2 as they were`, `nothing to do`. */
export function countsText({ changes, errors }: Pick<RunResult, "changes" | "errors">): string {
  const counts = Object.entries(changes).filter(([op]) => op !== "same");
  const same = changes["same"];
  return [
    ...counts.map(([op, count]) => `${count} ${PAST[op] ?? op}`),
    ...(counts.length + errors.length === 0 ? ["nothing to do"] : []),
    ...(same ? [`${same} as ${same === 1 ? "it was" : "they were"}`] : []),
    ...(errors.length > 0 ? [`${errors.length} failed`] : []),
  ].join(", ");
}

/** `1 room`, `2 rooms`. */
export function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

/** A line for each error, and one for several resources that have the same. */
export function errorLines(errors: readonly Failed[]): string[] {
  const byMessage = new Map<string, string[]>();
  for (const { resource, message } of errors) {
    if (resource === undefined) continue;
    byMessage.set(message, [...(byMessage.get(message) ?? []), resource]);
  }
  const general = errors.filter(({ resource }) => resource === undefined).map(errorLine);
  const ofResources = [...byMessage].map(([message, names]) =>
    errorLine({ resource: names.join(", "), message }),
  );
  return [...general, ...ofResources];
}

/** An error with its resource. A list of problems has further lines. */
export function errorLine({ resource, message }: Failed): string {
  return `${resource === undefined ? "" : `${oneLine(resource)}: `}${message}`;
}

const PAST: Record<string, string> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  move: "moved",
  skip: "skipped",
};

/** A progress counter on stderr: one changing line on a terminal, a line for each tenth elsewhere. */
export function counter(what: string): (done: number, all: number) => void {
  let reported = 0;
  return (done, all) => {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${what} ${done}/${all}${done === all ? "\n" : ""}`);
      return;
    }
    const tenth = Math.floor((done / all) * 10);
    if (tenth === reported) return;
    reported = tenth;
    process.stderr.write(`${what} ${done}/${all}\n`);
  };
}

/** One line for each item. */
export function list(items: readonly string[]): string {
  return items.map(oneLine).join("\n");
}

/** A table with headings, and one line for each row. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map(oneLine))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

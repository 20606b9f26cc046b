import type { Check } from "../../client/diagnosis";
import { table } from "./report";

const COUNTED = { failed: "failed", warning: "to look at", unknown: "not made" } as const;

/** The checks as a table, and what they come to as the last line. */
export function doctorText(checks: readonly Check[]): string {
  const rows = checks.map(({ check, status, message }) => [check, status, message]);
  const counts = Object.entries(COUNTED).flatMap(([status, words]) => {
    const count = checks.filter((one) => one.status === status).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return `${table(["CHECK", "STATUS", "FOUND"], rows)}\n\nchecks: ${[`${checks.length} in all`, ...counts].join(", ")}`;
}

import { oneLine } from "../../contract/printable";
import type { Discovery } from "../../contract/types";
import { table } from "./report";

/** What each vendor can do as a table, and why not the rest: each reason once, with all that it is about. */
export function vendorsText(found: readonly Discovery[], names: readonly string[]): string {
  const rows = found.map((one) => {
    const available = (name: string) => one.vendors.find(({ vendor }) => vendor === name)?.available;
    return [one.capability, ...names.map((name) => (available(name) ? "yes" : "no"))];
  });
  const reasons = new Map<string, { vendor: string; why: string; cannot: string[] }>();
  for (const { capability, vendors } of found)
    for (const { vendor, reason } of vendors) {
      if (!reason) continue;
      const start = `cannot ${capability}: `;
      const why = reason.startsWith(start) ? reason.slice(start.length) : reason;
      const known = reasons.get(`${vendor} ${why}`) ?? { vendor, why, cannot: [] };
      if (why !== reason) known.cannot.push(capability);
      reasons.set(`${vendor} ${why}`, known);
    }
  const lines = [...reasons.values()].map(({ vendor, why, cannot }) =>
    oneLine(`${vendor}: ${cannot.length > 0 ? `cannot ${cannot.join(", ")}: ` : ""}${why}`),
  );
  return [table(["", ...names], rows), ...(lines.length > 0 ? ["", ...lines] : [])].join("\n");
}

import { describe, it } from "vitest";
import type { Runner } from "./suite.ts";

/** Runs the suite in vitest; what is not played is printed. */
export const inVitest: Runner = { group: describe, test: it, note: (text) => console.info(text) };
